/**
 * The cashier's list: who collects how much, and nothing of the reports (P10).
 *
 * A line is named by what it is about, sealed for this cashier's session, so that no report's id reaches the page or
 * the address. Tapped twice it is one command.
 */
import type { AccountState } from "@yingshao/core/ledger/account"
import type { Context } from "hono"
import { html } from "hono/html"
import { openLine, sealedLine } from "../../session/sealed-line.ts"
import { actAs, type Visit, type VisitEnv } from "../../session/visit.ts"
import { notFound } from "../../web/failure.ts"
import { text } from "../../web/language.ts"
import { changing, field, readForm } from "../form.ts"
import { layout, type Part } from "../layout.ts"
import { listOf } from "../list.ts"
import { nameFor } from "../names.ts"
import { perform } from "../perform.ts"
import { type Wording, wordingOf, yuanText } from "../wording.ts"

/** Accounts of one page, in each of its two lists. */
const pageSize = 50

export const payList = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const cashier = cashierOf(visit)
  const words = await wordingOf(visit)
  const open = { index: "account/payable", equals: "open", limit: pageSize, path: "/pay" }
  const found = await listOf(c, words, open)
  const lines = found.rows.flatMap(({ id, state }) =>
    (state as AccountState).payables.map(({ report, fen, since }) => ({
      person: id,
      fen,
      since,
      token: sealedLine(cashier, `${id} ${report}`),
    })),
  )
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
    ${found.more}
    ${await debtsPart(c, words)}`
  return c.html(await layout(visit, text("兑付", "Pay"), main))
}

/** `POST /pay/settle`: somebody gave back cash that was taken back after it had been paid. */
export const settle = async (c: Context<VisitEnv>): Promise<Response> => {
  const cashier = cashierOf(c.var.visit)
  const form = await readForm(c)
  const [person, what] = openLine(cashier, form.text("line"))?.split(" ") ?? []
  if (person === undefined || what !== owing) throw notFound()
  const payload = { person, fen: fenIn(form.text("yuan")) }
  const wish = { type: "SettleReceivable", as: "payer", payload, command: form.command } as const
  return perform(c, wish, "/pay", "settled", "/pay")
}

/** The whole award of the line is paid to its first signatory. */
export const pay = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const cashier = cashierOf(visit)
  const form = await readForm(c)
  const [payee, report] = openLine(cashier, form.text("line"))?.split(" ") ?? []
  if (report === undefined || report === owing) throw notFound()
  const file = (await visit.engine.queries.state("reward", report)).state
  const first = file.status === "none" ? undefined : file.award?.shares[0]?.person
  const payload = { report, collectedBy: first ?? payee }
  return perform(c, { type: "PayAward", as: "payer", payload, command: form.command }, "/pay", "paid", "/pay")
}

// internal

/** For whom lines are sealed: this person in this session. */
const cashierOf = (visit: Visit): string => `${actAs(visit, "payer").person}\n${visit.csrf}`

/** Yuan with at most two decimals, as fen; 0 for anything else, which the command refuses. */
const fenIn = (yuan: string): number => {
  const [, whole = "", rest = ""] = /^(\d{1,7})(?:\.(\d{1,2}))?$/.exec(yuan.trim()) ?? []
  return whole === "" ? 0 : Number(whole) * 100 + Number(rest.padEnd(2, "0"))
}

/** What a line of the second list is about, where one of the first names a report. */
const owing = "receivable"

/** What was taken back after it had been paid, and is still owed. */
const debtsPart = async (c: Context<VisitEnv>, words: Wording): Promise<Part> => {
  const { visit } = c.var
  const cashier = cashierOf(visit)
  const wanted = { index: "account/receivable", equals: "fen", limit: pageSize, path: "/pay", place: "owing" }
  const { rows, more } = await listOf(c, words, wanted)
  const cards = await Promise.all(
    rows.map(async ({ id, state }) => {
      const fen = (state as AccountState).balances.fenReceivable
      const token = sealedLine(cashier, `${id} ${owing}`)
      const name = await nameFor(visit, id, { purpose: "pay-award", caseKey: token }, ["payee", "name"])
      return html`<li class="card"><strong>${name}</strong> · ${words.say(`应退 ${yuanText(fen)} 元`, `owes ${yuanText(fen)} yuan`)}
        <details><summary>${words.say("收到退款", "Money came back")}</summary>${changing(visit, "/pay/settle", html`<input type="hidden" name="line" value="${token}" />${field("yuan", words.say("收到多少元", "Yuan received"), { required: true, max: 10, value: yuanText(fen) })}<button class="button">${words.say(`记 ${name} 已退`, `record it for ${name}`)}</button>`)}</details></li>`
    }),
  )
  return cards.length === 0
    ? ""
    : html`<section><h2>${words.say("应退回的", "To be given back")}</h2><ul class="cards">${cards}</ul>${more}</section>`
}
