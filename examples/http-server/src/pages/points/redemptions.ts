/**
 * At the counter: what was reserved is handed out or put back; the social-work department keeps the catalogue.
 * Whoever hands out sees the name and the thing, and nothing of the reports.
 */

import type { Role } from "@yingshao/core/kernel/roles"
import type { AccountState } from "@yingshao/core/ledger/account"
import type { StockState } from "@yingshao/core/ledger/stock"
import type { Context } from "hono"
import { html } from "hono/html"
import { holds as holdsRole, type Visit, type VisitEnv } from "../../session/visit.ts"
import { notFound, notYours, signInFirst } from "../../web/failure.ts"
import { text } from "../../web/language.ts"
import { changing, field, press, readForm } from "../form.ts"
import { type Html, layout, type Part } from "../layout.ts"
import { type Listed, listOf } from "../list.ts"
import { nameFor } from "../names.ts"
import { perform } from "../perform.ts"
import { type Wording, wordingOf } from "../wording.ts"
import { itemName, pointsOf } from "./item-words.ts"

const page = "/redemptions"
const pageSize = 50
const counter = ["payer", "duty-officer", "programme-admin"] as const satisfies readonly Role[]

/** @throws WebFailure 401 or 403 for everybody else. */
const atCounter = (visit: Visit): (typeof counter)[number] => {
  const role = counter.find((one) => holdsRole(visit, one))
  if (role === undefined) throw visit.actor === undefined ? signInFirst() : notYours()
  return role
}

export const redemptions = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  atCounter(visit)
  const words = await wordingOf(visit)
  const open = { index: "account/hold", equals: "open", limit: pageSize, path: page, place: "open" }
  const { rows, more } = await listOf(c, words, open)
  const cards = (await Promise.all(rows.map((row) => holdCards(visit, row, words)))).flat()
  const main = html`
    ${cards.length === 0 ? html`<p class="empty">${words.say("没有等领取的。", "Nothing waits to be collected.")}</p>` : html`<ul class="cards">${cards}</ul>`}
    ${more}
    ${holdsRole(visit, "programme-admin") ? await cataloguePart(c, words) : ""}`
  return c.html(await layout(visit, text("兑换发放", "Redemptions"), main))
}

/** `POST /redemptions/:what`. */
export const workOnRedemption = async (c: Context<VisitEnv>): Promise<Response> => {
  const as = atCounter(c.var.visit)
  const form = await readForm(c)
  const { command } = form
  const ended = { person: form.text("person"), hold: form.text("hold") }
  const item = form.text("item").trim()
  switch (c.req.param("what")) {
    case "hand-out":
      return perform(c, { type: "CommitRedemption", as, payload: ended, command }, page, "handed-out", page)
    case "put-back":
      return perform(c, { type: "ReleaseRedemption", as, payload: ended, command }, page, "released", page)
    case "register": {
      const entry = {
        nameZh: form.text("nameZh"),
        nameEn: form.text("nameEn"),
        points: form.whole("points") ?? 0,
      }
      const wish = { type: "RegisterItem", as: "programme-admin", payload: { item, entry }, command } as const
      return perform(c, wish, page, "registered", page)
    }
    case "stock": {
      const units = (form.whole("units") ?? 0) * (form.text("how") === "off" ? -1 : 1)
      const wish = { type: "StockItem", as: "programme-admin", payload: { item, units }, command } as const
      return perform(c, wish, page, "stocked", page)
    }
    default:
      throw notFound()
  }
}

// internal

const holdCards = async (
  visit: Visit,
  { id, state }: Listed["rows"][number],
  words: Wording,
): Promise<readonly Html[]> => {
  const { holds } = state as AccountState
  if (id === visit.actor?.person) {
    return [
      html`<li class="card">${words.say("您本人的兑换,须由别人发放。", "Your own; somebody else hands it out.")}</li>`,
    ]
  }
  return Promise.all(
    holds.map(async ({ hold, item, parts, since }) => {
      const name = await nameFor(visit, id, { purpose: "redemption", caseKey: hold })
      const thing = await itemName(visit, item)
      return html`<li class="card"><strong>${name}</strong> · ${thing} · ${words.say(`${pointsOf(parts)} 分`, `${pointsOf(parts)} points`)} · ${words.time(since)}
        ${press(visit, `${page}/hand-out`, words.say(`已发给 ${name}`, `handed to ${name}`), { person: id, hold })}
        ${press(visit, `${page}/put-back`, words.say(`取消(${name})`, `put back (${name})`), { person: id, hold }, "button plain")}</li>`
    }),
  )
}

const cataloguePart = async (c: Context<VisitEnv>, words: Wording): Promise<Part> => {
  const { visit } = c.var
  const wanted = { index: "stock/catalogue", equals: ["available", "out"], limit: pageSize, path: page }
  const { rows, more } = await listOf(c, words, wanted)
  return html`<section><h2>${words.say("兑换目录", "The catalogue")}</h2>
    ${rows.length === 0 ? "" : html`<ul class="cards">${rows.map(({ id, state }) => itemCard(visit, id, state as StockState, words))}</ul>`}${more}
    <details><summary>${words.say("登记一样东西,或改名改价", "Register a thing, or change its names or price")}</summary>${changing(
      visit,
      `${page}/register`,
      html`${field("item", words.say("编号", "Id"), { required: true, max: 64, hint: words.say("小写字母、数字和 -,例如 rain-coat", "small letters, digits and -, such as rain-coat") })}
        ${field("nameZh", words.say("中文名", "Chinese name"), { required: true, max: 60 })}${field("nameEn", words.say("英文名", "English name"), { required: true, max: 60 })}
        ${field("points", words.say("多少分一件", "Points for one"), { type: "number", required: true, max: 1_000_000 })}<button class="button">${words.say("登记", "Register")}</button>`,
    )}</details></section>`
}

const itemCard = (
  visit: Visit,
  id: string,
  { entry, units, reserved, handedOut }: StockState,
  words: Wording,
): Html => {
  const name = entry === undefined ? id : words.say(entry.nameZh, entry.nameEn)
  const change = (how: "on" | "off", label: string) =>
    changing(
      visit,
      `${page}/stock`,
      html`<input type="hidden" name="item" value="${id}" /><input type="hidden" name="how" value="${how}" />${field("units", words.say("几件", "How many"), { type: "number", required: true, max: 1_000_000 })}<button class="button plain">${label}</button>`,
    )
  return html`<li class="card"><strong>${name}</strong> (${id}) · ${entry === undefined ? "" : words.say(`${entry.points} 分`, `${entry.points} points`)}
    <p>${words.say(`在库 ${units},预留 ${reserved},已发 ${handedOut}`, `${units} on the shelf, ${reserved} reserved, ${handedOut} handed out`)}</p>
    <details><summary>${words.say("改库存", "Change the stock")}</summary>${change("on", words.say(`入库(${name})`, `Put on the shelf (${name})`))}${change("off", words.say(`出库(${name})`, `Take off the shelf (${name})`))}</details></li>`
}
