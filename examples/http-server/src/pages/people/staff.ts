/** Who holds which role, and for what: appointing and dismissing. Rights change with the next click. */
import { appointableRole } from "@yingshao/core/kernel/roles"
import type { StaffState } from "@yingshao/core/programme/staff"
import type { Context } from "hono"
import { html } from "hono/html"
import { actAs, type Visit, type VisitEnv } from "../../session/visit.ts"
import { notFound } from "../../web/failure.ts"
import { text } from "../../web/language.ts"
import { changing, field, readForm } from "../form.ts"
import { type Html, layout } from "../layout.ts"
import { type Listed, listOf } from "../list.ts"
import { nameFor } from "../names.ts"
import { perform } from "../perform.ts"
import { type Wording, wordingOf } from "../wording.ts"
import { roleWords, sectorWords, wordOf } from "../words.ts"
import { personField } from "./person-fields.ts"

const pageSize = 50

export const staff = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  actAs(visit, "programme-admin")
  const words = await wordingOf(visit)
  const asked = c.req.query("role")
  const role = appointableRole.options.find((one) => one === asked) ?? "duty-officer"
  const wanted = { index: "staff/role", equals: role, limit: pageSize, path: "/staff", query: { role } }
  const { rows, more } = await listOf(c, words, wanted)
  const cards = await Promise.all(rows.map((row) => card(visit, row, role, words)))
  const main = html`
    <ul class="chips">${appointableRole.options.map((one) => html`<li><a href="/staff?role=${one}" ${one === role ? html`aria-current="page"` : ""}>${words.word(wordOf(roleWords, one))}</a></li>`)}</ul>
    ${cards.length === 0 ? html`<p class="empty">${words.say("没有人。", "Nobody.")}</p>` : html`<ul class="cards">${cards}</ul>`}
    ${more}
    <section><h2>${words.say("任命", "Appoint")} · ${words.word(wordOf(roleWords, role))}</h2>${changing(
      visit,
      "/staff/appoint",
      html`<input type="hidden" name="role" value="${role}" />${personField("person", words.say("编号", "The person's number"), words)}
        ${field("scopes", words.say("范围(用空格分开)", "For what (separated by spaces)"), { max: 500, hint: scopeHint(role, words) })}
        <button class="button">${words.say("任命(已有的改范围)", "Appoint, or change for what")}</button>`,
    )}</section>`
  return c.html(await layout(visit, text("岗位", "Staff"), main))
}

/** `POST /staff/:what`. */
export const workOnStaff = async (c: Context<VisitEnv>): Promise<Response> => {
  const form = await readForm(c)
  const { command } = form
  const as = "programme-admin"
  const about = { person: form.text("person").trim(), role: form.text("role") }
  const back = appointableRole.safeParse(about.role).success ? `/staff?role=${about.role}` : "/staff"
  switch (c.req.param("what")) {
    case "appoint": {
      const scopes = form
        .text("scopes")
        .split(/[\s,,、]+/)
        .filter((one) => one !== "")
      const payload = { ...about, scopes }
      return perform(c, { type: "AppointStaff", as, payload, command }, back, "appointed", back)
    }
    case "dismiss": {
      const payload = { ...about, reason: form.text("reason") }
      return perform(c, { type: "DismissStaff", as, payload, command }, back, "staff-dismissed", back)
    }
    default:
      throw notFound()
  }
}

// internal

const card = async (
  visit: Visit,
  { id, state }: Listed["rows"][number],
  role: string,
  words: Wording,
): Promise<Html> => {
  const held = (state as StaffState).appointments.find((one) => one.role === role)
  const name = await nameFor(visit, id, { purpose: "staff", caseKey: id })
  return html`<li class="card"><strong>${name}</strong> · ${id}
    ${held === undefined ? "" : html`<p>${held.scopes.map((scope) => scopeWords(scope, words)).join(words.say("、", ", "))} · ${words.say("自", "since")} ${words.time(held.since)}</p>`}
    <details><summary>${words.say("免去", "Dismiss")}</summary>${changing(visit, "/staff/dismiss", html`<input type="hidden" name="person" value="${id}" /><input type="hidden" name="role" value="${role}" />${field("reason", words.say("理由", "Reason"), { required: true, max: 500 })}<button class="button plain">${words.say(`免去 ${name}`, `Dismiss ${name}`)}</button>`)}</details></li>`
}

const scopeWords = (scope: string, words: Wording): string =>
  scope in sectorWords ? words.word(wordOf(sectorWords, scope)) : words.unit(scope)

/** What a scope of this role is, in the words that the form takes. */
const scopeHint = (role: string, words: Wording): string => {
  const list = (all: readonly string[]) => all.join(" ")
  const units = words.book.units.filter(({ status }) => status === "active")
  switch (role) {
    case "duty-officer":
      return list(units.filter(({ kind }) => kind === "duty-desk").map(({ id }) => id))
    case "department-officer":
    case "partner":
      return list(units.filter(({ kind }) => kind !== "duty-desk").map(({ id }) => id))
    case "verifier":
      return list(words.policy.levels.slice(1))
    case "captain":
      return list(Object.keys(sectorWords))
    case "approver":
      return words.say("审批档,例如 band1 band2", "bands of amount, such as band1 band2")
    default:
      return words.say("不用填", "stays empty")
  }
}
