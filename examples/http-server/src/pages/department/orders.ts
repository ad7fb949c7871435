/**
 * What a department or a channel was ordered to do: receive, return with a reason, finish with a result and
 * photos, ask for more time.
 */
import type { LiveIncident } from "@yingshao/core/incident/incident"
import type { Context } from "hono"
import { html } from "hono/html"
import { actAs, scopesOf, type Visit, type VisitEnv } from "../../session/visit.ts"
import { notFound } from "../../web/failure.ts"
import { text } from "../../web/language.ts"
import { owedPart } from "../duty/report-desk.ts"
import { changing, field, press, readForm } from "../form.ts"
import { type Html, layout, type Part } from "../layout.ts"
import { type Listed, listOf } from "../list.ts"
import { perform } from "../perform.ts"
import { keepPhotos, photosOf } from "../photo-files.ts"
import { placeWords } from "../place-words.ts"
import { spanWords } from "../time-words.ts"
import { type OrderView, orderView } from "../view/order-view.ts"
import { shortId, type Wording, wordingOf } from "../wording.ts"
import { partStatusWords, wordOf } from "../words.ts"

/** Matters of one page, in each of its two lists. */
const pageSize = 50

export const orders = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  actAs(visit, "department-officer")
  const words = await wordingOf(visit)
  const units = scopesOf(visit, "department-officer")
  const ours = { equals: units, limit: pageSize, path: "/orders" }
  const owed = await listOf(c, words, { ...ours, index: "owed" })
  const received = await listOf(c, words, { ...ours, index: "orders/received", place: "received" })
  const cards = owed.rows.flatMap(owedView)
  const waiting = received.rows.flatMap(receivedView)
  const main = html`
    <p>${units.map((unit) => words.unit(unit)).join(words.say("、", ", "))}</p>
    <div id="live" data-live>${cards.length + waiting.length === 0 ? html`<p class="empty">${words.say("没有交办的事项。", "Nothing was handed to you.")}</p>` : html`<ul class="cards">${cards.map((view) => card(view, words))}</ul>`}
    ${owed.more}
    ${waiting.length === 0 ? "" : html`<section><h2>${words.say("已签收,由别的单位牵头", "Received; another unit leads")}</h2><ul class="cards">${waiting.map((view) => card(view, words))}</ul>${received.more}</section>`}</div>`
  return c.html(await layout(visit, text("本单位交办", "Orders"), main))
}

export const order = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  actAs(visit, "department-officer")
  const views = await viewsOf(visit, c.req.param("id") ?? "")
  const words = await wordingOf(visit)
  const first = views[0] as OrderView
  const photos = await reportPhotos(visit, first.id)
  const main = html`
    <p class="number">${words.say("编号", "Number")} <strong>${shortId(first.id)}</strong> · ${words.time(first.openedAt)}
      <span class="badge ${first.class}">${words.label(first.class)}</span> ${words.label(first.category)}</p>
    <p>${placeWords(first.place, words)} · ${words.say(`${first.reports} 条信息`, `${first.reports} reports`)}</p>
    ${photos.map(({ report, hashes }) => photosOf(`/reports/${report}`, hashes, words.say("现场照片", "photo")))}
    ${views.map((view) => unitPart(visit, view, views.length > 1, words))}
    ${first.others.length === 0 ? "" : html`<section><h2>${words.say("其他单位", "Other units")}</h2><ul class="units">${first.others.map((one) => html`<li>${words.unit(one.unit)} <span class="badge ${one.status}">${words.word(wordOf(partStatusWords, one.status))}</span></li>`)}</ul></section>`}
    ${first.result === undefined ? "" : html`<section><h2>${words.say("处置结果", "Result")}</h2><p>${first.result}</p>${photosOf(`/incidents/${first.id}`, first.resultPhotos, words.say("处置照片", "photo of the result"))}</section>`}`
  return c.html(await layout(visit, text("交办事项", "Order"), main))
}

/** `POST /orders/:id/:what`. */
export const workOnOrder = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  actAs(visit, "department-officer")
  const incident = c.req.param("id") ?? ""
  const form = await readForm(c)
  const { command } = form
  const page = `/orders/${incident}`
  const as = "department-officer"
  const mine = { incident, unit: form.text("unit") }
  switch (c.req.param("what")) {
    case "acknowledge":
      return perform(c, { type: "AcknowledgeOrder", as, payload: mine, command }, page, "acknowledged", page)
    case "return": {
      const payload = { ...mine, reason: form.text("reason") }
      return perform(c, { type: "ReturnOrder", as, payload, command }, "/orders", "returned", page)
    }
    case "handled": {
      const photos = await keepPhotos(visit, await form.files("photo"))
      const residentsBenefited = form.whole("residents") ?? 0
      const payload = { ...mine, result: form.text("result"), photos, residentsBenefited }
      return perform(c, { type: "RecordHandled", as, payload, command }, page, "handled", page)
    }
    case "extension": {
      const hours = form.whole("hours") ?? 0
      const payload = {
        incident,
        obligation: form.text("obligation"),
        minutes: hours * 60,
        reason: form.text("reason"),
      }
      return perform(c, { type: "AskExtension", as, payload, command }, page, "asked", page)
    }
    default:
      throw notFound()
  }
}

// internal

type Row = Listed["rows"][number]

/** Once for each unit, by what it owes first: of several things owed, the others lead to the same page. */
const owedView = ({ kind, id, state, equals, range }: Row): readonly OrderView[] => {
  const view = kind === "incident" ? orderView(id, state as LiveIncident, equals) : undefined
  const first = view?.owed.map(({ due }) => due as string).sort()[0]
  return view !== undefined && first === range ? [view] : []
}

const receivedView = ({ id, state, equals }: Row): readonly OrderView[] => {
  const view = orderView(id, state as LiveIncident, equals)
  return view === undefined ? [] : [view]
}

/** @throws WebFailure 404 when none of this officer's units has a part in it. */
const viewsOf = async (visit: Visit, id: string): Promise<readonly OrderView[]> => {
  const { state } = await visit.engine.queries.state("incident", id)
  const views =
    state.status === "none"
      ? []
      : scopesOf(visit, "department-officer").flatMap((unit) => orderView(id, state, unit) ?? [])
  if (views.length === 0) throw notFound()
  return views
}

const reportPhotos = async (visit: Visit, id: string) => {
  const { state } = await visit.engine.queries.state("incident", id)
  const reports = state.status === "none" ? [] : state.reports.slice(0, 5)
  return Promise.all(
    reports.map(async ({ report }) => {
      const about = (await visit.engine.queries.state("report", report)).state
      return { report, hashes: about.status === "none" ? [] : about.photos }
    }),
  )
}

const card = (view: OrderView, words: Wording): Html => html`<li class="card ${view.class}">
  <a href="/orders/${view.id}"><strong>${shortId(view.id)}</strong> ${words.label(view.category)}</a>
  <span class="badge ${view.class}">${words.label(view.class)}</span>
  <span class="badge ${view.part}">${words.word(wordOf(partStatusWords, view.part))}</span>
  ${view.leads ? html`<span class="badge lead">${words.say("牵头", "leads")}</span>` : ""}
  <p>${words.unit(view.unit)} · ${placeWords(view.place, words)}</p>
  ${view.owed.map((one) => html`<p>${words.label(one.kind)} ${words.due(one.due)}</p>`)}
</li>`

const unitPart = (visit: Visit, view: OrderView, several: boolean, words: Wording): Html => html`<section>
  <h2>${several ? words.unit(view.unit) : words.say("办理", "What to do")} <span class="badge ${view.part}">${words.word(wordOf(partStatusWords, view.part))}</span></h2>
  ${owedPart(view.owed, words)}
  ${view.status === "handed-over" && view.part !== "handled" ? actions(visit, view, words) : ""}
</section>`

const actions = (visit: Visit, view: OrderView, words: Wording): Html => {
  const page = `/orders/${view.id}`
  const unit = html`<input type="hidden" name="unit" value="${view.unit}" />`
  const reason = field("reason", words.say("理由", "Reason"), { required: true, max: 500, rows: 2 })
  return html`
    ${view.part === "ordered" ? press(visit, `${page}/acknowledge`, words.say("签收", "Receive"), { unit: view.unit }, "button send") : ""}
    ${changing(
      visit,
      `${page}/handled`,
      html`${unit}
      ${field("result", words.say("处置结果(会告诉报送人,不写姓名)", "What was done (reporters are told; nobody's name)"), { required: true, max: 1000, rows: 3 })}
      <label class="field"><span>${words.say("处置照片", "Photos of the result")}</span><input type="file" name="photo" accept="image/*" multiple /></label>
      ${view.leads ? field("residents", words.say("受益人数", "Residents who benefited"), { type: "number", max: 1000000 }) : ""}
      <button class="button">${words.say("报办结", "Report as done")}</button>`,
      { files: true },
    )}
    <details><summary>${words.say("退单", "Return")}</summary>${changing(visit, `${page}/return`, html`${unit}${reason}<button class="button plain">${words.say("退回值班室", "Return it")}</button>`)}</details>
    ${extensionPart(visit, view, words)}`
}

const extensionPart = (visit: Visit, view: OrderView, words: Wording): Part => {
  const owed = view.owed.find(({ kind }) => kind === "handle")
  if (owed === undefined) return ""
  if (owed.asked !== undefined) {
    return html`<p class="notice">${words.say("已申请延期", "More time was asked for")}:${words.word(spanWords(owed.asked.minutes))} · ${owed.asked.reason}</p>`
  }
  return html`<details><summary>${words.say("申请延期", "Ask for more time")}</summary>
    ${changing(
      visit,
      `/orders/${view.id}/extension`,
      html`<input type="hidden" name="obligation" value="${owed.id}" />
      ${field("hours", words.say(owed.clock === "workingTime" ? "延多少小时(工作时间)" : "延多少小时", owed.clock === "workingTime" ? "How many working hours" : "How many hours"), { type: "number", required: true, max: 8760 })}
      ${field("reason", words.say("理由", "Reason"), { required: true, max: 500, rows: 2 })}
      <button class="button plain">${words.say("申请", "Ask")}</button>`,
    )}</details>`
}
