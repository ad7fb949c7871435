/**
 * What every page has in common: head, ways to go, language and type size, who is signed in, main part.
 *
 * Everything put into an `html` template is escaped. There is no inline script and no inline style: the
 * content security policy would refuse them.
 */
import type { Role } from "@yingshao/core/kernel/roles"
import { html } from "hono/html"
import type { HtmlEscapedString } from "hono/utils/html"
import { fileRoles } from "../api/rights.ts"
import type { Visit } from "../session/visit.ts"
import { type Text, text } from "../web/language.ts"
import { staticFiles } from "../web/static-files.ts"
import type { Shown } from "./shown.ts"
import { type Way, waysOf } from "./ways.ts"

/** Everything in `pages/static`, by name. */
export const assets = staticFiles(new URL("./static", import.meta.url).pathname, "/static")

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>
/** What may stand in a template: a part that is left out is an empty text. */
export type Part = Html | string | readonly Html[]

/**
 * A whole document, as plain text: a server sends that at once, and a `String` object only by way of a stream. `main`
 * comes from `html` templates, which escape whatever is put into them.
 */
export const layout = async (visit: Visit, title: Text, main: Part): Promise<string> => {
  const shown = visit.shown ?? plain
  const say = (words: Text): string => words[visit.lang]
  const document = await html`<!doctype html>
<html lang="${visit.lang === "zh" ? "zh-CN" : "en"}" class="${shown.large ? "large" : ""}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${say(title)} · ${say(brand)}</title>
    <link rel="stylesheet" href="${assets.url("style.css")}" />
    <link rel="icon" href="${assets.url("icon.svg")}" type="image/svg+xml" />
    <script src="${assets.url("app.js")}" defer></script>
  </head>
  <body>
    <a class="skip" href="#main">${say(text("跳到正文", "Skip to the content"))}</a>
    <header class="top">
      <a class="brand" href="/">${say(brand)}</a>
      ${waysNav(visit, shown.path)}
      ${numberBox(visit, shown.path)}
      <div class="settings">${settings(visit, shown)}</div>
    </header>
    <main id="main" tabindex="-1">
      <h1>${say(title)}</h1>
      ${shown.done === undefined ? "" : html`<p class="done" role="status">${say(shown.done)}</p>`}
      ${main}
    </main>
    <footer class="foot">
      <p>${say(fictional)}</p>
      <p><a href="/statistics">${say(text("公开统计", "Public statistics"))}</a></p>
    </footer>
  </body>
</html>`
  return document.toString()
}

// internal

/** Before anybody looked at the request. */
const plain: Shown = { large: false, path: "", done: undefined }

const brand = text("应哨", "yingshao")
const fictional = text(
  "演示:虚构的县,没有真实的人和事。正式使用须接入本县的登录。",
  "Demonstration: a fictional county, nobody and nothing in it is real. A real one brings its own sign-in.",
)

const waysNav = (visit: Visit, path: string): Part => {
  const ways = waysOf(visit)
  if (ways.length === 0) return ""
  const link = ({ to, name }: Way) =>
    html`<li><a href="${to}" ${current(to, path)}>${name[visit.lang]}</a></li>`
  const [first, rest] =
    ways.length <= mostWays + 1 ? [ways, []] : [ways.slice(0, mostWays), ways.slice(mostWays)]
  const here = rest.find(({ to }) => current(to, path) !== "")
  return html`<nav aria-label="${visit.lang === "zh" ? "主要页面" : "Main pages"}">
    <ul class="ways">
      ${first.map(link)}
      ${rest.length === 0 ? "" : html`<li><details class="more"><summary>${here === undefined ? text("更多", "More")[visit.lang] : here.name[visit.lang]}</summary><ul class="ways">${rest.map(link)}</ul></details></li>`}
    </ul>
  </nav>`
}

/** Ways that stand in the line itself; whoever has more finds the rest behind one that opens. */
const mostWays = 5

const current = (to: string, path: string): Html | string =>
  path === to || path.startsWith(`${to}/`) ? html`aria-current="page"` : ""

const seeing: ReadonlySet<Role> = new Set([...fileRoles, "department-officer"])

/** Whoever works on matters of others is asked for one by its number on every page. */
const numberBox = (visit: Visit, path: string): Part => {
  if (path === "/find" || !visit.roles.some(({ role }) => seeing.has(role))) return ""
  const say = (words: Text): string => words[visit.lang]
  return html`<form method="get" action="/find" class="number-box" role="search">
      <input type="text" name="number" required maxlength="34" autocomplete="off" spellcheck="false" aria-label="${say(text("编号", "Number"))}" placeholder="${say(text("编号(8 位)", "number"))}" />
      <button class="plain">${say(text("查", "Find"))}</button>
    </form>`
}

const settings = (visit: Visit, shown: Shown): Html => {
  const other = visit.lang === "zh" ? "en" : "zh"
  const { large } = shown
  return html`<a href="/language/${other}" lang="${other === "zh" ? "zh-CN" : "en"}">${other === "zh" ? "中文" : "English"}</a>
      <a href="/type/${large ? "usual" : "large"}">${
        large ? text("标准字号", "Usual type")[visit.lang] : text("大字", "Large type")[visit.lang]
      }</a>
      ${
        visit.actor === undefined
          ? html`<a href="/sign-in">${text("登录", "Sign in")[visit.lang]}</a>`
          : html`<form method="post" action="/sign-out">
              <input type="hidden" name="csrf" value="${visit.csrf}" />
              <span>${visit.actor.name[visit.lang]}</span>
              <button class="plain">${text("退出", "Sign out")[visit.lang]}</button>
            </form>`
      }`
}
