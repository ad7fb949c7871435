/**
 * The cashier's list: who collects how much, and nothing of the reports (P10).
 *
 * A line is named by a token made of the session and the award, so that no report's id reaches the page or
 * the address; it is worth nothing in another session.
 */
import { createHmac } from "node:crypto"
import type { AccountState } from "@yingshao/core/ledger/account"
import type { Context } from "hono"
import { html } from "hono/html"
import { actAs, type Visit, type VisitEnv } from "../../session/visit.ts"
import { notFound } from "../../web/failure.ts"
import { text } from "../../web/language.ts"
import { changing, readForm } from "../form.ts"
import { layout } from "../layout.ts"
import { perform } from "../perform.ts"
import { wordingOf, yuanText } from "../wording.ts"

/** Accounts with something to collect that are looked at for one page. */
const looked = 200

export const payList = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  actAs(visit, "payer")
  const words = await wordingOf(visit)
  const lines = await linesOf(visit)
  const rows = await Promise.all(
    lines.map(async ({ person, fen, since, token }) => {
      const payee = await payeeOf(visit, person, token)
      return html`<tr><td data-head="${words.say("领取人", "Payee")}">${payee}</td><td data-head="${words.say("金额(元)", "Yuan")}" class="number">${yuanText(fen)}</td><td data-head="${words.say("自", "Since")}">${words.time(since)}</td>
        <td data-head="${words.say("兑付", "Pay")}">${changing(visit, "/pay", html`<input type="hidden" name="line" value="${token}" /><button class="button">${words.say(`已付给 ${payee}`, `paid to ${payee}`)}</button>`, { class: "press" })}</td></tr>`
    }),
  )
  const main = html`
    <p>${words.say("这里只有领取人和金额,没有信息内容。付款人须与审批人不同。", "Payees and amounts only, nothing of the reports. Whoever pays did not approve.")}</p>
    ${
      rows.length === 0
        ? html`<p class="empty">${words.say("没有待领取的现金。", "No cash waits to be collected.")}</p>`
        : html`<table class="board"><caption>${words.say("待领取", "To be collected")}</caption><thead><tr><th scope="col">${words.say("领取人", "Payee")}</th><th scope="col">${words.say("金额(元)", "Yuan")}</th><th scope="col">${words.say("自", "Since")}</th><th scope="col">${words.say("兑付", "Pay")}</th></tr></thead><tbody>${rows}</tbody></table>`
    }`
  return c.html(await layout(visit, text("兑付", "Pay"), main))
}

/** The whole award of the line is paid to its first signatory. */
export const pay = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  actAs(visit, "payer")
  const form = await readForm(c)
  const line = (await linesOf(visit)).find(({ token }) => token === form.text("line"))
  if (line === undefined) throw notFound()
  const file = (await visit.engine.queries.state("reward", line.report)).state
  const first = file.status === "none" ? undefined : file.award?.shares[0]?.person
  const payload = { report: line.report, collectedBy: first ?? line.person }
  return perform(c, { type: "PayAward", as: "payer", payload, command: form.command }, "/pay", "paid", "/pay")
}

// internal

interface Line {
  readonly person: string
  readonly report: string
  readonly fen: number
  readonly since: AccountState["payables"][number]["since"]
  readonly token: string
}

const linesOf = async (visit: Visit): Promise<readonly Line[]> => {
  const found = await visit.engine.queries.page({ index: "account/payable", equals: "open", limit: looked })
  return found.rows.flatMap(({ id, state }) =>
    (state as AccountState).payables.map(({ report, fen, since }) => ({
      person: id,
      report,
      fen,
      since,
      token: createHmac("sha256", visit.csrf).update(`${id}\n${report}`).digest("base64url").slice(0, 22),
    })),
  )
}

/** The payee's name where the host keeps one, for the stated purpose; else the beginning of the handle. */
const payeeOf = async (visit: Visit, person: string, caseKey: string): Promise<string> => {
  const { engine, actor } = visit
  const unnamed = person.slice(0, 12)
  if (engine.identity === undefined || actor === undefined) return unnamed
  const seen = await engine.identity.unmask(engine.programme, person, ["payee", "name"], {
    actor: actor.person,
    caseKey,
    purpose: "pay-award",
  })
  return seen.kind === "fields" ? (seen.fields.payee ?? seen.fields.name ?? unnamed) : unnamed
}
