/**
 * Answering the whistle: the facts as far as they are known, the rules' proposal with its reason, and likely
 * duplicates side by side.
 *
 * The facts stand in the address while one tries them, so that the proposal is a plain page; nothing is
 * decided before the button is pressed. The proposal is what the command would do now.
 */
import type { CommandInput } from "@yingshao/core/commands"
import { type Candidate, lookAround } from "@yingshao/core/incident/candidates"
import type { Refused } from "@yingshao/core/kernel/refusal"
import type { Actor } from "@yingshao/core/kernel/roles"
import type { Outcome } from "@yingshao/core/kernel/rule"
import { refusalText } from "@yingshao/core/refusal-messages"
import type { Context } from "hono"
import { html } from "hono/html"
import { actAs, type Visit, type VisitEnv } from "../../session/visit.ts"
import { changing, choices, field, press, readForm, select } from "../form.ts"
import type { Html, Part } from "../layout.ts"
import { perform } from "../perform.ts"
import { photosOf } from "../photo-files.ts"
import { placeWords } from "../place-words.ts"
import { spanWords } from "../time-words.ts"
import { reasons, shortId, type Wording } from "../wording.ts"
import { tristateWords, wordOf } from "../words.ts"
import type { LiveReport } from "./report-desk.ts"

type NewReport = Extract<LiveReport, { status: "new" }>

/** The facts as an address or a form gives them. Nothing that was left out is guessed. */
export interface Tried {
  readonly category: string
  readonly danger: string
  readonly ongoing: string
  readonly affected: number | "unknown"
}

const everythingUnknown: Tried = {
  category: "unknown",
  danger: "unknown",
  ongoing: "unknown",
  affected: "unknown",
}

/** `POST /desk/reports/:id/answer`. */
export const answerWhistle = async (c: Context<VisitEnv>): Promise<Response> => {
  const report = c.req.param("id") ?? ""
  const form = await readForm(c)
  const quick = form.text("quick") === "yes"
  const facts = quick ? everythingUnknown : triedIn(form.given)
  const join = form.given("incident")
  const override = form.given("override")
  const payload = {
    report,
    facts,
    negative: form.given("negative") ?? "none",
    ...(override === undefined ? {} : { override: { class: override, reason: form.text("overrideReason") } }),
    incident:
      join === undefined || join === "nearest"
        ? { how: "nearest" }
        : join === "apart"
          ? { how: "apart" }
          : { how: "join", incident: join },
  }
  const page = `/desk/reports/${report}`
  const wish = { type: "AnswerWhistle", as: "duty-officer", payload, command: form.command } as const
  return perform(c, wish, page, "answered", page)
}

/** Everything that a new report needs on its page. */
export const answerPart = async (
  c: Context<VisitEnv>,
  id: string,
  report: NewReport,
  words: Wording,
): Promise<Html> => {
  const { visit } = c.var
  const asked = c.req.query("try") === "yes"
  const tried = asked ? triedIn((name) => c.req.query(name) || undefined) : started(report)
  const by = actAs(visit, "duty-officer")
  const told = await visit.engine.rules.preview({
    type: "AnswerWhistle",
    id: "preview",
    by,
    report: id,
    facts: tried,
  } as CommandInput)
  const around = await visit.engine.rules.consult(by as Actor, (context) =>
    lookAround(context, report, tried.category),
  )
  return html`
    <div class="quick">${press(visit, `/desk/reports/${id}/answer`, words.say("一键应哨(情况不明,先按规则从紧)", "Answer now (nothing known yet)"), { quick: "yes" }, "button send")}</div>
    <h2>${words.say("看清了再应哨", "Answer with what is known")}</h2>
    <form method="get" action="/desk/reports/${id}" class="form" id="try"><input type="hidden" name="try" value="yes" />
      ${factFields(tried, words)}
      <button class="button plain">${words.say("看规则建议", "What do the rules say?")}</button>
    </form>
    ${proposal(told, words)}
    ${await duplicates(visit, report, id, around.candidates, words)}
    ${changing(
      visit,
      `/desk/reports/${id}/answer`,
      html`
      ${hiddenFacts(tried)}
      ${around.candidates.length === 0 ? "" : incidentChoice(around.candidates, words)}
      <details><summary>${words.say("负面清单、改动规则建议", "Negative list, or other than the rules say")}</summary>
        ${select(
          "negative",
          words.label("negative"),
          ["none", ...words.policy.negativeList].map((value) => ({ value, label: words.label(value) })),
          "none",
        )}
        ${select("override", words.say("改为", "Instead"), [{ value: "", label: words.say("按规则", "as the rules say") }, ...(["ordinary", "emergency"] as const).map((value) => ({ value, label: words.label(value) }))], "")}
        ${field("overrideReason", words.say("改动理由", "Reason"), { max: 500 })}
      </details>
      <button class="button send">${words.say("按上面的情况应哨", "Answer with these facts")}</button>`,
    )}`
}

// internal

/** What the reporter called it is a beginning; the officer confirms it. */
const started = (report: NewReport): Tried => ({
  ...everythingUnknown,
  category: report.claimedCategory ?? "unknown",
})

const triedIn = (given: (name: string) => string | undefined): Tried => {
  const count = given("affected")
  return {
    category: given("category") ?? "unknown",
    danger: given("danger") ?? "unknown",
    ongoing: given("ongoing") ?? "unknown",
    affected: count !== undefined && /^\d{1,6}$/.test(count) ? Number(count) : "unknown",
  }
}

const factFields = (tried: Tried, words: Wording): Html => {
  const three = ["yes", "no", "unknown"].map((value) => ({
    value,
    label: words.word(wordOf(tristateWords, value)),
  }))
  const categories = [...words.policy.categories, "unknown"].map((value) => ({
    value,
    label: value === "unknown" ? words.say("不清楚", "not known") : words.label(value),
  }))
  return html`
    ${select("category", words.label("category"), categories, tried.category)}
    ${choices("danger", words.label("danger"), three, tried.danger)}
    ${choices("ongoing", words.label("ongoing"), three, tried.ongoing)}
    ${field("affected", words.say("影响人数(不清楚就空着)", "People affected (empty when not known)"), { type: "number", max: 100000, value: tried.affected === "unknown" ? "" : `${tried.affected}` })}`
}

const hiddenFacts = (tried: Tried): Html =>
  html`${Object.entries(tried).map(
    ([name, value]) =>
      html`<input type="hidden" name="${name}" value="${value === "unknown" && name === "affected" ? "" : `${value}`}" />`,
  )}`

/** What would be decided now, and by which rules. */
const proposal = (told: Outcome | Refused, words: Wording): Html => {
  if (!told.ok) {
    return html`<p class="problem">${refusalText(told.refusal, words.lang)}</p>`
  }
  const answered = told.events.map(({ event }) => event).find((event) => event.type === "WhistleAnswered")
  if (answered?.type !== "WhistleAnswered") return html``
  return html`<section class="proposal"><h2>${words.say("规则建议", "The rules say")}</h2>
    <p><span class="badge ${answered.triage}">${words.label(answered.triage)}</span></p>${reasons(answered.because, words)}</section>`
}

const incidentChoice = (candidates: readonly Candidate[], words: Wording): Html =>
  choices(
    "incident",
    words.say("是不是同一件事", "Is it one matter?"),
    [
      ...candidates.slice(0, 4).map(({ incident, distanceM }, at) => ({
        value: incident as string,
        label: `${words.say("并入事件", "joins")} ${shortId(incident)} (${Math.round(distanceM)} m)${at === 0 ? words.say(",规则建议", ", proposed") : ""}`,
      })),
      { value: "apart", label: words.say("是另一件事", "another matter") },
    ],
    candidates[0]?.incident,
  )

/** This report beside each incident that it may be about. */
const duplicates = async (
  visit: Visit,
  report: NewReport,
  id: string,
  candidates: readonly Candidate[],
  words: Wording,
): Promise<Part> => {
  if (candidates.length === 0) return ""
  const sides = await Promise.all(
    candidates.slice(0, 4).map(async ({ incident, distanceM, minutesApart }) => {
      const { state } = await visit.engine.queries.state("incident", incident)
      if (state.status === "none") return html``
      const first = state.reports[0]?.report
      const photos = first === undefined ? [] : await photosOfReport(visit, first)
      const span = words.word(spanWords(Math.round(minutesApart)))
      return html`<li class="pair">
        <div><h3>${words.say("这条信息", "This report")}</h3>${photosOf(`/reports/${id}`, report.photos.slice(0, 1), words.say("这条的照片", "photo of this"))}<p>${words.time(report.acceptedAt)}<br />${placeWords(report.place, words)}</p></div>
        <div><h3>${words.say("事件", "Incident")} <a href="/desk/incidents/${incident}">${shortId(incident)}</a></h3>${photosOf(`/reports/${first}`, photos.slice(0, 1), words.say("那件的照片", "photo of that"))}<p>${words.time(state.openedAt)}<br />${placeWords(state.place, words)}<br /><span class="badge ${state.class}">${words.label(state.class)}</span> ${words.label(state.category)}</p></div>
        <p class="apart">${words.say(`相距 ${Math.round(distanceM)} 米,相隔 ${span}`, `${Math.round(distanceM)} m and ${span} apart`)}</p>
      </li>`
    }),
  )
  return html`<section><h2>${words.say("可能重复", "Likely duplicates")}</h2><ul class="pairs">${sides}</ul></section>`
}

const photosOfReport = async (visit: Visit, report: string): Promise<readonly string[]> => {
  const { state } = await visit.engine.queries.state("report", report)
  return state.status === "none" ? [] : state.photos
}
