/** What partner systems said and nobody could take: it waits for a person, and nothing of it is lost (I7). */
import type { ReceiptState } from "@yingshao/core/inbox/parked-receipt"
import type { Context } from "hono"
import { html } from "hono/html"
import type { Visit, VisitEnv } from "../../session/visit.ts"
import { notFound } from "../../web/failure.ts"
import { text } from "../../web/language.ts"
import { changing, field, press, readForm } from "../form.ts"
import { type Html, layout } from "../layout.ts"
import { type Listed, listOf } from "../list.ts"
import { perform } from "../perform.ts"
import { type Wording, wordingOf } from "../wording.ts"
import { parkedWords, receiptWords, wordOf } from "../words.ts"
import { asDesk } from "./desk.ts"

const page = "/parked"
const pageSize = 50

export const parkedReceipts = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  asDesk(visit)
  const words = await wordingOf(visit)
  const wanted = { index: "receipts", equals: "parked", limit: pageSize, path: page }
  const { rows, more } = await listOf(c, words, wanted)
  const main = html`
    ${rows.length === 0 ? html`<p class="empty">${words.say("没有搁置的回执。", "No receipt waits.")}</p>` : html`<ul class="cards">${rows.map((row) => card(visit, row, words))}</ul>`}
    ${more}`
  return c.html(await layout(visit, text("对接回执", "Partners' receipts"), main))
}

/** `POST /parked/:what`. */
export const workOnReceipt = async (c: Context<VisitEnv>): Promise<Response> => {
  const as = asDesk(c.var.visit)
  const form = await readForm(c)
  const { command } = form
  const receipt = form.text("receipt")
  switch (c.req.param("what")) {
    case "retry":
      return perform(c, { type: "RetryReceipt", as, payload: { receipt }, command }, page, "retried", page)
    case "dismiss": {
      const payload = { receipt, reason: form.text("reason") }
      return perform(c, { type: "DismissReceipt", as, payload, command }, page, "dismissed", page)
    }
    default:
      throw notFound()
  }
}

// internal

const card = (visit: Visit, { id, state }: Listed["rows"][number], words: Wording): Html => {
  const parked = state as ReceiptState
  if (parked.status === "none") return html``
  const { receipt, why, parkedAt } = parked
  return html`<li class="card"><strong>${receipt.source}</strong> · ${words.word(wordOf(receiptWords, receipt.type))} · ${words.time(parkedAt)}
    <p>${words.say("交办", "order")} ${receipt.ref} · ${words.word(wordOf(parkedWords, why))}</p>
    ${receipt.reason === undefined ? "" : html`<p>${receipt.reason}</p>`}${receipt.result === undefined ? "" : html`<p>${receipt.result}</p>`}
    ${press(visit, `${page}/retry`, words.say("再试一次", "Try again"), { receipt: id })}
    <details><summary>${words.say("不用了", "Lay it aside")}</summary>${changing(visit, `${page}/dismiss`, html`<input type="hidden" name="receipt" value="${id}" />${field("reason", words.say("理由", "Reason"), { required: true, max: 500 })}<button class="button plain">${words.say("处理掉,留记录", "Lay it aside, on record")}</button>`)}</details></li>`
}
