/** The record of a report: notes that only staff see, and the legal hold. */
import type { Role } from "@yingshao/core/kernel/roles"
import type { ReportState } from "@yingshao/core/report/report"
import { html } from "hono/html"
import { holds, type Visit } from "../session/visit.ts"
import { changing, field, type Sent } from "./form.ts"
import type { Html, Part } from "./layout.ts"
import type { Wish } from "./perform.ts"
import type { Wording } from "./wording.ts"

type LiveReport = Exclude<ReportState, { status: "none" }>

/** @param page where it stands: its forms post to `page/note` and `page/hold`. */
export const recordPart = async (
  visit: Visit,
  id: string,
  report: LiveReport,
  page: string,
  words: Wording,
): Promise<Html> => {
  const notes = await notesOf(visit, id)
  return html`<section><h2>${words.say("内部记录", "The record")}</h2>
    ${notes.length === 0 ? "" : html`<ul class="replies">${notes.map(({ at, note }) => html`<li>${words.time(at)}<p>${note}</p></li>`)}</ul>`}
    ${report.legalHold ? html`<p class="notice">${words.say("已依法保全:期满也不清除个人信息。", "On legal hold: personal data is kept beyond its term.")}</p>` : ""}
    <details><summary>${words.say("加一条记录(只有工作人员看得到)", "Add a note (staff only)")}</summary>${changing(visit, `${page}/note`, html`${field("note", words.say("记录", "Note"), { required: true, max: 1000, rows: 2 })}<button class="button">${words.say("记下", "Add")}</button>`)}</details>
    ${holdForm(visit, report, page, words)}</section>`
}

/** The command of `note` or `hold`; `undefined` for anything else. */
export const recordWish = (
  what: string | undefined,
  report: string,
  as: Role,
  form: Sent,
): Wish | undefined => {
  const { command } = form
  if (what === "note")
    return { type: "AnnotateReport", as, payload: { report, note: form.text("note") }, command }
  if (what !== "hold") return undefined
  return { type: "SetLegalHold", as, payload: { report, reason: form.text("reason") }, command }
}

// internal

const holdForm = (visit: Visit, report: LiveReport, page: string, words: Wording): Part =>
  report.legalHold || !(holds(visit, "programme-admin") || holds(visit, "auditor"))
    ? ""
    : html`<details><summary>${words.say("依法保全", "Legal hold")}</summary>${changing(visit, `${page}/hold`, html`${field("reason", words.say("依据", "On what grounds"), { required: true, max: 500 })}<button class="button plain">${words.say("保全", "Set the hold")}</button>`)}</details>`

const notesOf = async (
  { engine }: Visit,
  id: string,
): Promise<readonly { readonly at: Parameters<Wording["time"]>[0]; readonly note: string }[]> => {
  const notes = []
  for await (const { events } of engine.queries.story("report", id)) {
    for (const { event } of events) if (event.type === "ReportAnnotated") notes.push(event)
  }
  return notes
}
