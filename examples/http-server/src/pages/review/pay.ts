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
import { changing, field, readForm } from "../form.ts"
import { layout, type Part } from "../layout.ts"
import { nameFor } from "../names.ts"
import { perform } from "../perform.ts"
import { type Wording, wordingOf, yuanText } from "../wording.ts"

/** Accounts with something to collect that are looked at for one page. */
const looked = 200

export const payList = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  actAs(visit, "payer")
  const words = await wordingOf(visit)
  const lines = await linesOf(visit)
  const rows = await Promise.all(
    lines.map(async ({ person, fen, since, token }) => {
      const payee = await nameFor(visit, person, { purpose: "pay-award", caseKey: token }, ["payee", "name"])
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
    }
    ${await debtsPart(visit, words)}`
  return c.html(await layout(visit, text("兑付", "Pay"), main))
}

/** `POST /pay/settle`: somebody gave back cash that was taken back after it had been paid. */
export const settle = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  actAs(visit, "payer")
  const form = await readForm(c)
  const owing = (await debtsOf(visit)).find(({ token }) => token === form.text("line"))
  if (owing === undefined) throw notFound()
  const payload = { person: owing.person, fen: fenIn(form.text("yuan")) }
  return perform(
    c,
    { type: "SettleReceivable", as: "payer", payload, command: form.command },
    "/pay",
    "settled",
    "/pay",
  )
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

/** Yuan with at most two decimals, as fen; 0 for anything else, which the command refuses. */
const fenIn = (yuan: string): number => {
  const [, whole = "", rest = ""] = /^(\d{1,7})(?:\.(\d{1,2}))?$/.exec(yuan.trim()) ?? []
  return whole === "" ? 0 : Number(whole) * 100 + Number(rest.padEnd(2, "0"))
}

/** What was taken back after it had been paid, and is still owed. */
const debtsPart = async (visit: Visit, words: Wording): Promise<Part> => {
  const cards = await Promise.all(
    (await debtsOf(visit)).map(async ({ person, fen, token }) => {
      const name = await nameFor(visit, person, { purpose: "pay-award", caseKey: token }, ["payee", "name"])
      return html`<li class="card"><strong>${name}</strong> · ${words.say(`应退 ${yuanText(fen)} 元`, `owes ${yuanText(fen)} yuan`)}
        <details><summary>${words.say("收到退款", "Money came back")}</summary>${changing(visit, "/pay/settle", html`<input type="hidden" name="line" value="${token}" />${field("yuan", words.say("收到多少元", "Yuan received"), { required: true, max: 10, value: yuanText(fen) })}<button class="button">${words.say(`记 ${name} 已退`, `record it for ${name}`)}</button>`)}</details></li>`
    }),
  )
  return cards.length === 0
    ? ""
    : html`<section><h2>${words.say("应退回的", "To be given back")}</h2><ul class="cards">${cards}</ul></section>`
}

const debtsOf = async (visit: Visit): Promise<readonly Pick<Line, "person" | "fen" | "token">[]> => {
  const found = await visit.engine.queries.page({ index: "account/receivable", equals: "fen", limit: looked })
  return found.rows.map(({ id, state }) => ({
    person: id,
    fen: (state as AccountState).balances.fenReceivable,
    token: tokenOf(visit, `${id}\nreceivable`),
  }))
}

/** Names a line in this session, and is worth nothing in another. */
const tokenOf = (visit: Visit, line: string): string =>
  createHmac("sha256", visit.csrf).update(line).digest("base64url").slice(0, 22)

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
      token: tokenOf(visit, `${id}\n${report}`),
    })),
  )
}
