/** `GET /find`: a matter by its number, with the pages on which the asker may go on. */
import type { Role } from "@yingshao/core/kernel/roles"
import type { Context } from "hono"
import { html } from "hono/html"
import { type FoundNumber, findNumber, numberPattern } from "../api/find-number.ts"
import { actAs, holds, type Visit, type VisitEnv } from "../session/visit.ts"
import { type Text, text } from "../web/language.ts"
import { field } from "./form.ts"
import { type Html, layout } from "./layout.ts"
import { shortId, type Wording, wordingOf } from "./wording.ts"

export const find = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const { person } = actAs(visit, "reporter")
  const words = await wordingOf(visit)
  const given = (c.req.query("number") ?? "").slice(0, 60)
  const caller = { person, account: visit.actor?.account ?? "", roles: async () => visit.roles }
  const found = await findNumber(visit.engine, caller, given)
  const main = html`
    ${numberForm(words, given)}
    ${given.trim() === "" ? "" : found.length === 0 ? html`<p class="empty">${noneWords(given, words)}</p>` : html`<ul class="cards">${found.map((one) => card(visit, one, words))}</ul>`}`
  return c.html(await layout(visit, text("按编号查", "By its number"), main))
}

/** Asks for a number. */
export const numberForm = (words: Wording, value = ""): Html =>
  html`<form method="get" action="/find" class="form find" role="search">${field("number", words.say("编号(8 位)", "Number (8 characters)"), { max: 34, required: true, value })}<button class="button plain">${words.say("查", "Find")}</button></form>`

// internal

const noneWords = (given: string, { say }: Wording): string =>
  numberPattern.test(given)
    ? say("没有您能看的这个编号。", "There is none of this number that you may see.")
    : say(
        "编号是 8 位数字或 a 到 f 的字母,如 3db9096c。",
        "A number has 8 digits or letters from a to f, like 3db9096c.",
      )

interface Page {
  readonly to: string
  readonly name: Text
}

const card = (visit: Visit, found: FoundNumber, words: Wording): Html => html`<li class="card">
  <strong>${shortId(found.id)}</strong> ${found.kind === "report" ? words.say("信息", "report") : words.say("事件", "incident")}
  <p class="ways">${pagesOf(visit, found).map(({ to, name }) => html`<a class="button plain" href="${to}">${words.word(name)}</a>`)}</p></li>`

/** Where the asker's roles let him go on. */
const pagesOf = (visit: Visit, found: FoundNumber): readonly Page[] => {
  const { id, incident = "", seenAs } = found
  if (seenAs === "own") return [{ to: `/mine/${id}`, name: text("我的上报", "My report") }]
  if (seenAs === "order") {
    const order = found.kind === "incident" ? id : incident
    return [{ to: `/orders/${order}`, name: text("本单位交办", "Our order") }]
  }
  const pages = found.kind === "incident" ? incidentPages : found.isNew ? newPages : filePages
  return pages
    .filter(({ roles }) => roles.some((role) => holds(visit, role)))
    .map(({ to, name }) => ({ to: to(id), name }))
}

interface FilePage {
  readonly roles: readonly Role[]
  readonly to: (id: string) => string
  readonly name: Text
}

const newPages: readonly FilePage[] = [
  {
    roles: ["duty-officer", "programme-admin"],
    to: (id) => `/desk/reports/${id}`,
    name: text("应哨台", "Duty desk"),
  },
]

const filePages: readonly FilePage[] = [
  ...newPages,
  { roles: ["verifier"], to: (id) => `/verify/${id}`, name: text("核实", "Verify") },
  { roles: ["approver"], to: (id) => `/approve/${id}`, name: text("审批", "Approve") },
  {
    roles: ["auditor", "programme-admin"],
    to: (id) => `/findings/${id}`,
    name: text("事后认定", "Findings"),
  },
]

const incidentPages: readonly FilePage[] = [
  {
    roles: ["duty-officer", "programme-admin"],
    to: (id) => `/desk/incidents/${id}`,
    name: text("应哨台", "Duty desk"),
  },
  {
    roles: ["verifier", "programme-admin"],
    to: (id) => `/claims/${id}`,
    name: text("首报变更", "First reports"),
  },
]
