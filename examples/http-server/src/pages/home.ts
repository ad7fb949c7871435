/**
 * The first page: how many reports there are, and what the person who is signed in may do.
 */
import { html } from "hono/html"
import type { Visit } from "../session/visit.ts"
import { text } from "../web/language.ts"
import { layout } from "./layout.ts"

export const home = async (visit: Visit) => {
  const zh = visit.lang === "zh"
  const tallies = await visit.engine.queries.tallies("reports/")
  return layout(
    visit,
    text("首页", "Home"),
    html`
      <p>${zh ? "已收信息" : "Reports taken in"}: ${tallies.get("reports/accepted") ?? 0}</p>
      ${
        visit.actor === undefined
          ? ""
          : html`<ul>${visit.roles.map(({ role, scopes }) => html`<li>${role} ${scopes.join(", ")}</li>`)}</ul>`
      }
    `,
  )
}
