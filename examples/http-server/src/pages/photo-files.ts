/**
 * Photos of reports and of results: taken in with a form, and shown to those who may see the matter.
 */
import type { Context } from "hono"
import { html } from "hono/html"
import { holds, scopesOf, type Visit, type VisitEnv } from "../session/visit.ts"
import { notFound, WebFailure } from "../web/failure.ts"
import { type Text, text } from "../web/language.ts"
import type { Part } from "./layout.ts"

/** Stores what a form brought, re-encoded. @returns hashes. @throws WebFailure 422 when one is no picture. */
export const keepPhotos = async (
  { engine }: Visit,
  files: readonly Uint8Array[],
): Promise<readonly string[]> => {
  if (files.length > 9) throw refusedPhoto("too-many")
  const hashes: string[] = []
  for (const file of files) {
    if (engine.photos === undefined) throw refusedPhoto("no-store")
    const put = await engine.photos.put(engine.programme, file)
    if (put.kind === "refused") throw refusedPhoto(put.code)
    hashes.push(put.photo.hash)
  }
  return [...new Set(hashes)]
}

/** The photos of a matter, each a link to itself. @param base the page under which they are served. */
export const photosOf = (base: string, hashes: readonly string[], alt: string): Part =>
  hashes.length === 0
    ? ""
    : html`<ul class="photos">${hashes.map(
        (hash, at) =>
          html`<li><a href="${base}/photos/${hash}"><img src="${base}/photos/${hash}" alt="${alt} ${at + 1}" loading="lazy" /></a></li>`,
      )}</ul>`

/** `GET …/reports/:id/photos/:hash` and `GET …/incidents/:id/photos/:hash`. */
export const servePhoto =
  (of: "report" | "incident") =>
  async (c: Context<VisitEnv>): Promise<Response> => {
    const { visit } = c.var
    const { engine } = visit
    const hash = c.req.param("hash") ?? ""
    const id = c.req.param("id") ?? ""
    const shown = of === "report" ? await ofReport(visit, id) : await ofIncident(visit, id)
    if (!shown.includes(hash)) throw notFound()
    const bytes = await engine.photos?.get(engine.programme, hash)
    if (bytes === undefined) throw notFound()
    return c.body(new Uint8Array(bytes), 200, {
      "Content-Type": bytes[0] === 0xff ? "image/jpeg" : "image/webp",
      "Content-Disposition": "inline",
      "Cache-Control": "private, max-age=3600",
    })
  }

// internal

/** The photos of a report that this person may see; none answers like a missing report. */
const ofReport = async (visit: Visit, id: string): Promise<readonly string[]> => {
  const { state } = await visit.engine.queries.state("report", id)
  if (state.status === "none" || visit.actor === undefined) return []
  const { person } = visit.actor
  const own = state.reporters.some((one) => one.person === person)
  const staff = (["duty-officer", "programme-admin", "verifier", "approver", "auditor"] as const).some(
    (role) => holds(visit, role),
  )
  if (own || staff) return state.photos
  const incident = state.status === "new" ? undefined : state.incident
  return incident !== undefined && (await handles(visit, incident)) ? state.photos : []
}

/** The photos of what was done: for staff, for the units that handle, and for the matter's reporters. */
const ofIncident = async (visit: Visit, id: string): Promise<readonly string[]> => {
  const { state } = await visit.engine.queries.state("incident", id)
  if (state.status === "none" || visit.actor === undefined) return []
  const photos = state.resultPhotos ?? []
  const staff = (["duty-officer", "programme-admin", "verifier", "approver", "auditor"] as const).some(
    (role) => holds(visit, role),
  )
  if (staff || (await handles(visit, id))) return photos
  const { person } = visit.actor
  for (const { report } of state.reports.slice(0, 50)) {
    const about = (await visit.engine.queries.state("report", report)).state
    if (about.status !== "none" && about.reporters.some((one) => one.person === person)) return photos
  }
  return []
}

const handles = async (visit: Visit, incident: string): Promise<boolean> => {
  if (!holds(visit, "department-officer")) return false
  const units = scopesOf(visit, "department-officer")
  const { state } = await visit.engine.queries.state("incident", incident)
  return state.status !== "none" && state.parts.some(({ unit }) => units.includes(unit))
}

const refusedPhoto = (code: string): WebFailure =>
  new WebFailure(422, `photo-${code}`, photoWords[code] ?? photoWords["not-a-picture"] ?? text("", ""))

const photoWords: Readonly<Record<string, Text>> = {
  "too-large": text("照片太大,最多 20 MB。", "the photo is too large; at most 20 MB"),
  "too-many": text("一次最多 9 张照片。", "at most 9 photos at once"),
  "too-many-pixels": text(
    "照片像素太多,请用普通画质。",
    "the photo has too many pixels; use the usual quality",
  ),
  "not-a-picture": text("这不是能用的照片,请用 JPEG。", "this is no photo we can use; send a JPEG"),
  animated: text("不收动图,请用照片。", "no animations please; send a photo"),
  "no-store": text("这台服务器没有照片库。", "this server keeps no photos"),
}
