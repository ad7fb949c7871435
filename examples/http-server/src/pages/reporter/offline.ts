/**
 * The report form where there is no network: the same form without anybody's session, kept by a service
 * worker. What is filled in waits in the phone's queue; sending it needs the network and a sign-in, and no
 * service worker.
 */
import type { Context } from "hono"
import type { VisitEnv } from "../../session/visit.ts"
import { text } from "../../web/language.ts"
import { assets, layout } from "../layout.ts"
import { wordingOf } from "../wording.ts"
import { reportForm } from "./report-form.ts"

export const offlinePage = async (c: Context<VisitEnv>): Promise<Response> => {
  const visit = { ...c.var.visit, actor: undefined, roles: [], csrf: "" }
  return c.html(
    await layout(
      visit,
      text("随手拍(没有网络)", "Report (no network)"),
      reportForm(visit, await wordingOf(visit)),
    ),
  )
}

/** `GET /sw.js`. */
export const serviceWorker = (c: Context): Response =>
  c.body(script, 200, { "Content-Type": "text/javascript; charset=utf-8", "Cache-Control": "no-cache" })

// internal

const files = ["/offline", ...["style.css", "app.js", "icon.svg"].map((name) => assets.url(name))]

/** Its cache is named by what it holds, so that a new release brings its own. */
const script = `const files = ${JSON.stringify(files)}
const kept = "ys-" + files.join()
addEventListener("install", (event) => event.waitUntil(caches.open(kept).then((cache) => cache.addAll(files))))
addEventListener("activate", (event) =>
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name !== kept).map((name) => caches.delete(name))))))
addEventListener("fetch", (event) => {
  const { request } = event
  if (request.method !== "GET") return
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => caches.match("/offline")))
  else if (files.includes(request.url.slice(location.origin.length)))
    event.respondWith(caches.match(request).then((found) => found ?? fetch(request)))
})
`
