/**
 * One report at the duty desk: answer the whistle with the rules' proposal beside it, reply, follow up,
 * convert, withhold.
 *
 * Nobody's name is on it: who reported is a standing. The reporter's own words are unmasked for the purpose
 * of answering, and every look is recorded.
 */
import type { Obligation } from "@yingshao/core/obligation/obligation"
import { openObligations } from "@yingshao/core/obligation/obligation"
import type { ReportState } from "@yingshao/core/report/report"
import type { Context } from "hono"
import { html } from "hono/html"
import type { Visit, VisitEnv } from "../../session/visit.ts"
import { notFound } from "../../web/failure.ts"
import { text } from "../../web/language.ts"
import { changing, choices, field, readForm, select } from "../form.ts"
import { type Html, layout, type Part } from "../layout.ts"
import { perform } from "../perform.ts"
import { photosOf } from "../photo-files.ts"
import { placeWords } from "../place-words.ts"
import { recordPart, recordWish } from "../record-part.ts"
import { wordsFor } from "../spoken-words.ts"
import { shortId, type Wording, wordingOf } from "../wording.ts"
import {
  channelWords,
  followUpWords,
  rankWords,
  reportStatusWords,
  triggerWords,
  tristateWords,
  wordOf,
} from "../words.ts"
import { answerPart } from "./answer-form.ts"
import { asDesk } from "./desk.ts"

export type LiveReport = Exclude<ReportState, { status: "none" }>
type Settled = Exclude<LiveReport, { status: "new" }>

/** @throws WebFailure 404 */
export const readReport = async (visit: Visit, id: string): Promise<LiveReport> => {
  const { state } = await visit.engine.queries.state("report", id)
  if (state.status === "none") throw notFound()
  return state
}

export const reportDesk = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  asDesk(visit)
  const id = c.req.param("id") ?? ""
  const report = await readReport(visit, id)
  const words = await wordingOf(visit)
  const spoken = await wordsFor(visit, id, report.original)
  const main = html`
    <p class="number">${words.say("编号", "Number")} <strong>${shortId(id)}</strong> · ${words.time(report.acceptedAt)} · ${words.word(wordOf(channelWords, report.channel))}
      <span class="badge ${report.status}">${words.word(wordOf(reportStatusWords, report.status))}</span></p>
    ${owedPart(report.obligations, words)}
    ${photosOf(`/reports/${id}`, report.photos, words.say("现场照片", "photo"))}
    <dl class="facts">
      <div><dt>${words.say("地点", "Place")}</dt><dd>${placeWords(report.place, words)}</dd></div>
      <div><dt>${words.say("报送人", "Reporter")}</dt><dd>${reporterWords(report, words)}</dd></div>
      ${report.claimedCategory === undefined ? "" : html`<div><dt>${words.say("报送人认为", "Called by the reporter")}</dt><dd>${words.label(report.claimedCategory)}</dd></div>`}
      ${spoken === undefined ? "" : html`<div><dt>${words.say("报送人的话", "The reporter's words")}</dt><dd>${spoken}</dd></div>`}
    </dl>
    ${report.status === "new" ? await answerPart(c, id, report, words) : settledPart(visit, id, report, words)}
    ${await recordPart(visit, id, report, `/desk/reports/${id}`, words)}`
  return c.html(await layout(visit, text("信息", "Report"), main))
}

/** `POST /desk/reports/:id/:what`, for everything but answering the whistle. */
export const workOnReport = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const as = asDesk(visit)
  const report = c.req.param("id") ?? ""
  const page = `/desk/reports/${report}`
  const form = await readForm(c)
  const reason = form.text("reason")
  const { command } = form
  switch (c.req.param("what")) {
    case "reply": {
      const payload = { report, text: form.text("text") }
      return perform(c, { type: "ReplyToReporters", as, payload, command }, page, "replied", page)
    }
    case "follow-up": {
      const payload = { report, result: form.text("result"), note: form.text("note") }
      return perform(c, { type: "RecordFollowUp", as, payload, command }, page, "followed", page)
    }
    case "convert": {
      const payload = { report, trigger: form.text("trigger"), reason }
      return perform(c, { type: "ConvertClass", as, payload, command }, page, "converted", page)
    }
    case "withhold":
      return perform(
        c,
        { type: "WithholdReport", as, payload: { report, reason }, command },
        page,
        "withheld",
        page,
      )
    case "close":
      return perform(
        c,
        { type: "CloseReport", as, payload: { report, reason }, command },
        page,
        "closed",
        page,
      )
    default: {
      const wish = recordWish(c.req.param("what"), report, as, form)
      if (wish === undefined) throw notFound()
      return perform(c, wish, page, "noted", page)
    }
  }
}

/** What is owed, one line each. */
export const owedPart = (obligations: readonly Obligation[], words: Wording): Part => {
  const open = openObligations(obligations)
  if (open.length === 0) return ""
  return html`<ul class="owed">${open.map(
    (one) =>
      html`<li><strong>${words.label(one.kind)}</strong> · ${words.unit(one.owner)} · ${words.due(one.due)} · ${words.time(one.due)}${
        one.extensions === 0
          ? ""
          : html` · ${words.say(`已延期 ${one.extensions} 次`, `extended ${one.extensions}×`)}`
      }${one.escalation === 0 ? "" : html` · <b>${words.say(`已催办 ${one.escalation} 次`, `reminded ${one.escalation}×`)}</b>`}</li>`,
  )}</ul>`
}

// internal

const reporterWords = (report: LiveReport, words: Wording): string =>
  report.reporters.length === 0
    ? words.say("未留姓名", "gave no name")
    : report.reporters.map(({ standing }) => words.label(standing)).join(words.say("、", ", "))

const settledPart = (visit: Visit, id: string, report: Settled, words: Wording): Html => html`
  <section><h2>${words.say("已认定", "Settled")}</h2>
    <dl class="facts">
      <div><dt>${words.say("级别", "Class")}</dt><dd><span class="badge ${report.class}">${words.label(report.class)}</span>${
        report.override === undefined
          ? ""
          : html` ${words.say("规则建议", "the rules say")} ${words.label(report.triage)};${words.say("改动理由", "changed because")}:${report.override.reason}`
      }</dd></div>
      <div><dt>${words.say("类别", "Kind")}</dt><dd>${words.label(report.facts.category)}</dd></div>
      <div><dt>${words.label("danger")}</dt><dd>${words.word(wordOf(tristateWords, report.facts.danger))}</dd></div>
      <div><dt>${words.label("ongoing")}</dt><dd>${words.word(wordOf(tristateWords, report.facts.ongoing))}</dd></div>
      <div><dt>${words.label("affected")}</dt><dd>${report.facts.affected === "unknown" ? words.say("不清楚", "not known") : report.facts.affected}</dd></div>
      <div><dt>${words.say("首报", "First report")}</dt><dd>${words.word(wordOf(rankWords, report.rank))}</dd></div>
      ${report.negative === "none" ? "" : html`<div><dt>${words.label("negative")}</dt><dd>${words.label(report.negative)}</dd></div>`}
    </dl>
    ${report.incident === undefined ? "" : html`<p><a class="button" href="/desk/incidents/${report.incident}">${words.say("去事件:派发和处置", "The incident: hand over and handling")}</a></p>`}
    ${report.calming === undefined ? "" : html`<p class="notice">${words.say("已提出转普通,等第二人确认:", "Calming waits for a second person: ")}${report.calming.reason}</p>`}
  </section>
  ${report.status === "closed" ? "" : desks(visit, id, report, words)}`

const desks = (visit: Visit, id: string, report: Settled, words: Wording): Html => {
  const page = `/desk/reports/${id}`
  const reason = field("reason", words.say("理由", "Reason"), { required: true, max: 500, rows: 2 })
  const button = (label: string) => html`<button class="button">${label}</button>`
  const open = report.status === "open"
  return html`
    <section><h2>${words.say("回应报送人", "Reply to the reporters")}</h2>
      ${changing(visit, `${page}/reply`, html`${field("text", words.say("告诉他们什么(不写任何人的姓名)", "What they are told (nobody's name)"), { required: true, max: 1000, rows: 3 })}${button(words.say("发出回应", "Send the reply"))}`)}
    </section>
    ${
      open
        ? html`<section><h2>${words.label("followUp")}</h2>
          ${changing(
            visit,
            `${page}/follow-up`,
            html`${choices(
              "result",
              words.say("回访结果", "Result"),
              Object.keys(followUpWords).map((value) => ({
                value,
                label: words.word(wordOf(followUpWords, value)),
              })),
              undefined,
            )}${field("note", words.say("备注", "Note"), { max: 500, rows: 2 })}${button(words.say("记录回访", "Record"))}`,
          )}</section>
        <details><summary>${words.say("平急转换", "Conversion")}</summary>
          ${changing(
            visit,
            `${page}/convert`,
            html`${select(
              "trigger",
              words.say("触发事项", "Trigger"),
              Object.keys(triggerWords).map((value) => ({
                value,
                label: words.word(wordOf(triggerWords, value)),
              })),
              undefined,
            )}${reason}${button(words.say("转换", "Convert"))}`,
          )}</details>`
        : ""
    }
    ${
      open && report.negative !== "none"
        ? html`<details><summary>${words.say("压下不派(三个不准)", "Withhold (negative list)")}</summary>${changing(visit, `${page}/withhold`, html`${reason}${button(words.say("确认压下", "Withhold"))}`)}</details>`
        : ""
    }
    ${
      report.status === "withheld"
        ? html`<section><h2>${words.say("办结归档", "Close")}</h2>${changing(visit, `${page}/close`, html`${reason}${button(words.say("归档", "Close"))}`)}</section>`
        : ""
    }`
}
