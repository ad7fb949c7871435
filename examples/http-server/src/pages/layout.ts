/**
 * What every page has in common: head, language link, who is signed in, main part.
 */
import { html } from "hono/html"
import type { HtmlEscapedString } from "hono/utils/html"
import type { Visit } from "../session/visit.ts"
import type { Text } from "../web/language.ts"
import { staticFiles } from "../web/static-files.ts"

/** Everything in `pages/static`, by name. */
export const assets = staticFiles(new URL("./static", import.meta.url).pathname, "/static")

type Html = HtmlEscapedString | Promise<HtmlEscapedString>

/** A whole document. `main` comes from `html` templates, which escape whatever is put into them. */
export const layout = (visit: Visit, title: Text, main: Html): Html => {
  const other = visit.lang === "zh" ? "en" : "zh"
  return html`<!doctype html>
    <html lang="${visit.lang === "zh" ? "zh-CN" : "en"}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title[visit.lang]} · ${visit.lang === "zh" ? "应哨" : "yingshao"}</title>
        <link rel="stylesheet" href="${assets.url("style.css")}" />
      </head>
      <body>
        <header>
          <a href="/">${visit.lang === "zh" ? "应哨" : "yingshao"}</a>
          <a href="/language/${other}" lang="${other}">${other === "zh" ? "中文" : "English"}</a>
          ${
            visit.actor === undefined
              ? html`<a href="/sign-in">${visit.lang === "zh" ? "登录" : "Sign in"}</a>`
              : html`<form method="post" action="/sign-out">
                  <input type="hidden" name="csrf" value="${visit.csrf}" />
                  <span>${visit.actor.name[visit.lang]}</span>
                  <button>${visit.lang === "zh" ? "退出" : "Sign out"}</button>
                </form>`
          }
        </header>
        <main>
          <h1>${title[visit.lang]}</h1>
          ${main}
        </main>
      </body>
    </html>`
}
