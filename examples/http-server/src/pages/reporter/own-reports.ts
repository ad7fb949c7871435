/**
 * What somebody reported: where it stands, who has it, what is owed when, the replies, the own answer.
 *
 * Somebody else's report answers like a missing one.
 */
import type { LiveIncident } from "@yingshao/core/incident/incident"
import type { Instant } from "@yingshao/core/kernel/time"
import { type Obligation, openObligations } from "@yingshao/core/obligation/obligation"
import { isReporter, type ReportEvent, type ReportState } from "@yingshao/core/report/report"
import type { Stated } from "@yingshao/engine/queries"
import type { Context } from "hono"
import { html } from "hono/html"
import { actAs, type Visit, type VisitEnv } from "../../session/visit.ts"
import { notFound } from "../../web/failure.ts"
import { text } from "../../web/language.ts"
import { numberForm } from "../find.ts"
import { changing, choices, readForm } from "../form.ts"
import { type Html, layout, type Part } from "../layout.ts"
import { earlier, listOf } from "../list.ts"
import { perform } from "../perform.ts"
import { photosOf } from "../photo-files.ts"
import { placeWords } from "../place-words.ts"
import { shortId, type Wording, wordingOf } from "../wording.ts"
import { incidentStatusWords, partStatusWords, reportStatusWords, wordOf } from "../words.ts"
import { rewardLine } from "./own-rewards.ts"

type OwnReport = Exclude<ReportState, { status: "none" }>

const pageSize = 20

export const ownReports = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const { person } = actAs(visit, "reporter")
  const words = await wordingOf(visit)
  const { rows, more } = await listOf(c, words, {
    index: "reports/by",
    equals: person,
    order: "descending",
    limit: pageSize,
    path: "/mine",
    link: earlier,
  })
  const items = await Promise.all(rows.map((row) => item(visit, words, row.id, row.state as OwnReport)))
  const main =
    items.length === 0
      ? html`<p class="empty">${words.say("还没有上报过。看到隐患,拍一张就行。", "Nothing reported yet. See a hazard? A photo is enough.")}</p>
          <p><a class="button" href="/report">${words.say("随手拍", "Report")}</a></p>`
      : html`<ul class="cards">${items}</ul>${more}${numberForm(words)}`
  return c.html(await layout(visit, text("我的上报", "My reports"), main))
}

export const ownReport = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const own = await readOwn(visit, c.req.param("id") ?? "")
  const words = await wordingOf(visit)
  const { id, state } = own
  const incident = await incidentOf(visit, state)
  const told = await repliesOf(visit, id)
  const reward = (await visit.engine.queries.state("reward", id)).state
  const main = html`
    <p class="number">${words.say("编号", "Number")} <strong>${shortId(id)}</strong> · ${words.time(state.acceptedAt)}</p>
    ${standing(state, words)}
    <section><h2>${words.say("现在在谁手里", "Who has it now")}</h2>${whoHasIt(state, incident, words)}</section>
    <section><h2>${words.say("答复", "Replies")}</h2>${repliesPart(told, words)}</section>
    ${result(own.incident, incident, words)}
    ${await answerPart(visit, id, state, incident, words)}
    <section><h2>${words.say("奖励", "Reward")}</h2>${await rewardLine(visit, id, reward, words)}</section>
    <section><h2>${words.say("您报的内容", "What you sent")}</h2>
      <p>${placeWords(state.place, words)}</p>
      ${photosOf(`/reports/${id}`, state.photos, words.say("照片", "photo"))}
    </section>`
  return c.html(await layout(visit, text("我的上报", "My report"), main))
}

/** `POST /mine/:id/answer`: satisfied, or not. */
export const answerFollowUp = async (c: Context<VisitEnv>): Promise<Response> => {
  const { id } = await readOwn(c.var.visit, c.req.param("id") ?? "")
  const form = await readForm(c)
  const payload = { report: id, result: form.text("result") }
  const page = `/mine/${id}`
  const wish = { type: "RecordFollowUp", as: "reporter", payload, command: form.command } as const
  return perform(c, wish, page, "thanks", page)
}

/** `POST /mine/:id/appeal`. */
export const appeal = async (c: Context<VisitEnv>): Promise<Response> => {
  const { id } = await readOwn(c.var.visit, c.req.param("id") ?? "")
  const form = await readForm(c)
  const page = `/mine/${id}`
  const wish = {
    type: "LodgeAppeal",
    as: "reporter",
    payload: { report: id },
    command: form.command,
  } as const
  return perform(c, wish, page, "appealed", page)
}

// internal

const readOwn = async (visit: Visit, id: string) => {
  const { person } = actAs(visit, "reporter")
  const { state } = (await visit.engine.queries.state("report", id)) as Stated<"report">
  if (state.status === "none" || !isReporter(state, person)) throw notFound()
  return { id, state, incident: state.status === "new" ? undefined : state.incident }
}

const incidentOf = async (visit: Visit, state: OwnReport): Promise<LiveIncident | undefined> => {
  if (state.status === "new" || state.incident === undefined) return undefined
  const incident = (await visit.engine.queries.state("incident", state.incident)).state
  return incident.status === "none" ? undefined : incident
}

const item = async (visit: Visit, words: Wording, id: string, state: OwnReport): Promise<Html> => {
  const next = nextDue([...state.obligations, ...((await incidentOf(visit, state))?.obligations ?? [])])
  return html`<li class="card">
    <a href="/mine/${id}"><strong>${shortId(id)}</strong></a> ${badge(state, words)}
    <p>${words.time(state.acceptedAt)} · ${placeWords(state.place, words)}</p>
    ${next === undefined ? "" : html`<p>${words.unit(next.owner)}:${words.label(next.kind)} ${words.due(next.due)}</p>`}
  </li>`
}

/** What comes next of everything that is owed. */
export const nextDue = (obligations: readonly Obligation[]): Obligation | undefined =>
  [...openObligations(obligations)].sort((a, b) => (a.due < b.due ? -1 : 1))[0]

const badge = (state: OwnReport, words: Wording): Html =>
  html`<span class="badge ${state.status}">${words.word(wordOf(reportStatusWords, state.status))}</span>${
    state.status === "new" ? "" : html` <span class="badge ${state.class}">${words.label(state.class)}</span>`
  }`

const standing = (state: OwnReport, words: Wording): Html => html`<p>${badge(state, words)}</p>`

const whoHasIt = (state: OwnReport, incident: LiveIncident | undefined, words: Wording): Html => {
  const owed = [...openObligations(state.obligations), ...openObligations(incident?.obligations ?? [])]
  if (owed.length === 0) return html`<p>${words.say("没有待办事项。", "Nothing is owed any more.")}</p>`
  return html`
    ${
      incident === undefined
        ? ""
        : html`<p>${words.word(wordOf(incidentStatusWords, incident.status))}${incident.parts.map(
            (part) => html` · ${words.unit(part.unit)}(${words.word(wordOf(partStatusWords, part.status))})`,
          )}</p>`
    }
    <ul class="owed">${[...owed]
      .sort((a, b) => (a.due < b.due ? -1 : 1))
      .map(
        (one) =>
          html`<li><strong>${words.unit(one.owner)}</strong> ${words.say("须", "owes")}${words.say("", " ")}${words.label(one.kind)} · ${words.time(one.due)} ${words.say("前", "")} · ${words.due(one.due)}</li>`,
      )}</ul>`
}

interface Told {
  readonly at: Instant
  readonly text: string
}

const repliesOf = async (visit: Visit, id: string): Promise<readonly Told[]> => {
  const told: Told[] = []
  for await (const { events } of visit.engine.queries.story("report", id)) {
    for (const { event } of events as readonly { readonly event: ReportEvent }[]) {
      if (event.type === "ReplyGiven") told.push({ at: event.at, text: event.text })
    }
  }
  return told
}

const repliesPart = (told: readonly Told[], words: Wording): Part =>
  told.length === 0
    ? html`<p>${words.say("还没有答复;件件有回应,时限见上。", "No reply yet; every report gets one, see above until when.")}</p>`
    : html`<ul class="replies">${told.map(
        (one) => html`<li>${words.time(one.at)}<p>${one.text}</p></li>`,
      )}</ul>`

const result = (id: string | undefined, incident: LiveIncident | undefined, words: Wording): Part => {
  const photos = incident?.resultPhotos ?? []
  if (id === undefined || incident?.result === undefined) return ""
  return html`<section><h2>${words.say("处置结果", "What was done")}</h2><p>${incident.result}</p>
    ${photosOf(`/incidents/${id}`, photos, words.say("处置照片", "photo of the result"))}</section>`
}

/** Shown where the rules would take the answer now. */
const answerPart = async (
  visit: Visit,
  id: string,
  state: OwnReport,
  incident: LiveIncident | undefined,
  words: Wording,
): Promise<Part> => {
  if (state.status !== "open" || incident?.status !== "handled" || state.replies === 0) return ""
  const options = [
    { value: "satisfied", label: words.say("满意,可以办结", "Satisfied: it may be closed") },
    { value: "unsatisfied", label: words.say("不满意,请接着办", "Not satisfied: please go on") },
  ]
  return html`<section><h2>${words.say("办得怎么样", "How was it done")}</h2>
    ${changing(
      visit,
      `/mine/${id}/answer`,
      html`${choices("result", words.say("您的回答", "Your answer"), options, undefined)}<button class="button">${words.say("提交", "Send")}</button>`,
    )}</section>`
}
