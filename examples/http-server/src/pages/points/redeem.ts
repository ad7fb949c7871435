/** What points can be exchanged for, what one has reserved, and giving it up again. */
import type { AccountState } from "@yingshao/core/ledger/account"
import type { StockState } from "@yingshao/core/ledger/stock"
import type { Context } from "hono"
import { html } from "hono/html"
import { actAs, type Visit, type VisitEnv } from "../../session/visit.ts"
import { notFound } from "../../web/failure.ts"
import { text } from "../../web/language.ts"
import { press, readForm } from "../form.ts"
import { type Html, layout, type Part } from "../layout.ts"
import { listOf } from "../list.ts"
import { perform } from "../perform.ts"
import { type Wording, wordingOf } from "../wording.ts"
import { itemName, pointsOf } from "./item-words.ts"

const pageSize = 50

export const redeemPage = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const { person } = actAs(visit, "reporter")
  const words = await wordingOf(visit)
  const account = (await visit.engine.queries.state("account", person)).state
  const wanted = { index: "stock/catalogue", equals: ["available", "out"], limit: pageSize, path: "/redeem" }
  const { rows, more } = await listOf(c, words, wanted)
  const main = html`
    <dl class="figures"><div><dt>${words.say("可用积分", "Points to use")}</dt><dd>${account.balances.spendable}</dd></div>
      <div><dt>${words.say("兑换中的积分", "Points on hold")}</dt><dd>${account.balances.held}</dd></div></dl>
    ${await holdsPart(visit, account, words)}
    <h2>${words.say("可以兑换的", "What there is")}</h2>
    ${rows.length === 0 ? html`<p class="empty">${words.say("目录里还没有东西。", "Nothing is in the catalogue yet.")}</p>` : html`<ul class="cards">${rows.map(({ id, state }) => item(visit, id, state as StockState, account, words))}</ul>`}
    ${more}`
  return c.html(await layout(visit, text("积分兑换", "Use of points"), main))
}

/** `POST /redeem/:what`. */
export const redeem = async (c: Context<VisitEnv>): Promise<Response> => {
  const { person } = actAs(c.var.visit, "reporter")
  const form = await readForm(c)
  const { command } = form
  const [page, as] = ["/redeem", "reporter"] as const
  switch (c.req.param("what")) {
    case "hold":
      return perform(
        c,
        { type: "HoldRedemption", as, payload: { item: form.text("item") }, command },
        page,
        "held",
        page,
      )
    case "release": {
      const payload = { person, hold: form.text("hold") }
      return perform(c, { type: "ReleaseRedemption", as, payload, command }, page, "released", page)
    }
    default:
      throw notFound()
  }
}

// internal

const holdsPart = async (visit: Visit, { holds }: AccountState, words: Wording): Promise<Part> => {
  if (holds.length === 0) return ""
  const lines = await Promise.all(
    holds.map(async ({ hold, item, parts, since }) => {
      const name = await itemName(visit, item)
      return html`<li class="card"><strong>${name}</strong> · ${words.say(`${pointsOf(parts)} 分`, `${pointsOf(parts)} points`)} · ${words.time(since)}
        ${press(visit, "/redeem/release", words.say(`不换了(${name})`, `Give up (${name})`), { hold }, "button plain")}</li>`
    }),
  )
  return html`<section><h2>${words.say("已预留,请到值班室领取", "Reserved; collect it at the duty desk")}</h2><ul class="cards">${lines}</ul></section>`
}

const item = (
  visit: Visit,
  id: string,
  { entry, units }: StockState,
  { balances }: AccountState,
  words: Wording,
): Html => {
  if (entry === undefined) return html``
  const name = words.say(entry.nameZh, entry.nameEn)
  const why =
    units === 0
      ? words.say("已换完", "none left")
      : balances.spendable < entry.points
        ? words.say("积分还不够", "not enough points yet")
        : undefined
  return html`<li class="card"><strong>${name}</strong> · ${words.say(`${entry.points} 分`, `${entry.points} points`)} · ${words.say(`还有 ${units}`, `${units} left`)}
    ${why === undefined ? press(visit, "/redeem/hold", words.say(`换 ${name}`, `Take ${name}`), { item: id }) : html`<p>${why}</p>`}</li>`
}
