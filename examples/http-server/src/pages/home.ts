/**
 * The first page: what this is, and where the person who is signed in may go.
 */
import type { Context } from "hono"
import { html } from "hono/html"
import type { VisitEnv } from "../session/visit.ts"
import { text } from "../web/language.ts"
import { layout } from "./layout.ts"
import { waysOf } from "./ways.ts"

export const home = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const say = (zh: string, en: string) => (visit.lang === "zh" ? zh : en)
  const ways = waysOf(visit)
  const main =
    ways.length === 0
      ? html`<p class="lead">${say("看到隐患,拍一张,报上来;件件有回应。", "See a hazard, take a photo, send it; every report gets an answer.")}</p>
          <p><a class="button send" href="/sign-in">${say("登录", "Sign in")}</a> <a class="button plain" href="/statistics">${say("公开统计", "Public statistics")}</a></p>`
      : html`<ul class="cards">${ways.map(
          ({ to, name, about }) =>
            html`<li class="card"><a href="${to}"><strong>${name[visit.lang]}</strong></a><p>${about[visit.lang]}</p></li>`,
        )}</ul>`
  return c.html(await layout(visit, text("首页", "Home"), main))
}
