/**
 * AnswerWhistle (应哨): a duty officer looks at a new report, settles its facts and brings it to its
 * incident.
 *
 * The policy triages; unknown facts lean to emergency. The officer may override with a reason, and the
 * override stands beside the rule's answer. The report joins the nearest candidate, or the incident the
 * officer names, or opens one. What is promised to the reporter starts to be owed: a reply and a
 * follow-up, counted from acceptance.
 *
 * Refuses: `not-found`, `already-answered`, `own-report`, `unknown-category`, `unknown-negative`,
 * `not-a-reporter`, `no-such-incident`, `calendar-ends`.
 */
import * as z from "zod"
import type { Because, Facts, ReportClass } from "../decisions.ts"
import { lookAround } from "../incident/candidates.ts"
import { bringToIncident } from "../incident/join.ts"
import { command } from "../kernel/command.ts"
import { incidentId, personId, type ReportId, reportId } from "../kernel/ids.ts"
import { invariant, refuse } from "../kernel/refusal.ts"
import { type Context, type Emitted, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { type Dates, deadlinesOf } from "../obligation/deadlines.ts"
import { findOpen, meet, open } from "../obligation/obligation.ts"
import { dutyDesk } from "../programme/book.ts"
import { openRewardFile } from "../reward/reward.ts"
import { override, type ReportEvent, type ReportState, settledFacts } from "./report.ts"

const payload = z.strictObject({
  report: reportId,
  facts: settledFacts,
  negative: z.string().min(1).max(64).default("none"),
  /** Reporters who have a statutory duty or an interest in the matter. */
  excluded: z
    .array(z.strictObject({ person: personId, standing: z.enum(["onDuty", "interested"]) }))
    .max(20)
    .default([]),
  override: override.optional(),
  /** `nearest`: the nearest candidate, or a new incident. A person may name one, or keep it apart. */
  incident: z
    .discriminatedUnion("how", [
      z.strictObject({ how: z.literal("nearest") }),
      z.strictObject({ how: z.literal("join"), incident: incidentId }),
      z.strictObject({ how: z.literal("apart") }),
    ])
    .default({ how: "nearest" }),
})
export type AnswerWhistle = z.output<typeof payload>
type NewReport = Extract<ReportState, { status: "new" }>

export const answerWhistle = command({
  type: "AnswerWhistle",
  roles: ["duty-officer"],
  payload,
  queue: ({ report }) => `report/${report}`,
  decide,
})

function* decide(answer: AnswerWhistle, context: Context): Rule<Outcome> {
  const report = yield* read("report", answer.report)
  if (report.status === "none") return refuse("not-found", { what: "report", id: answer.report })
  if (report.status !== "new") return refuse("already-answered", { report: answer.report })
  const refused = misfits(answer, report, context)
  if (refused !== undefined) return refused

  const dates = { accepted: report.acceptedOn, step: context.today }
  const triage = triaged(answer, context, dates)
  const reportClass = answer.override?.class ?? triage.class
  const around = yield* lookAround(context, report, answer.facts.category)
  const named = answer.incident.how === "join" ? answer.incident.incident : undefined
  const nearest = answer.incident.how === "nearest" ? around.candidates[0]?.incident : undefined
  const arrived = yield* bringToIncident(
    context,
    {
      member: {
        report: answer.report,
        acceptedAt: report.acceptedAt,
        eligible: answer.negative === "none" ? "eligible" : "negative-listed",
      },
      class: reportClass,
      category: answer.facts.category,
      place: report.place,
      dates,
    },
    named ?? nearest,
    around,
    named === undefined ? "candidate" : "person",
  )
  if (!arrived.ok) return arrived

  const settled: ReportEvent = {
    type: "WhistleAnswered",
    at: context.at,
    by: context.by.person,
    facts: answer.facts,
    negative: answer.negative,
    excluded: answer.excluded,
    triage: triage.class,
    because: triage.because,
    class: reportClass,
    ...(answer.override === undefined ? {} : { override: answer.override }),
  }
  return happen({
    events: [
      on("report", answer.report, settled),
      ...promises(answer.report, report, reportClass, context, dates),
      ...arrived.events,
      ...openRewardFile(answer.report),
    ],
    claims: arrived.claims,
    orders: arrived.orders,
  })
}

// internal

const misfits = (answer: AnswerWhistle, report: NewReport, context: Context): Outcome | undefined => {
  const policy = context.book.policyOn(report.acceptedOn)
  const reporters = new Set<string>(report.reporters.map(({ person }) => person))
  if (reporters.has(context.by.person)) return refuse("own-report", { report: answer.report })
  if (!policy.knows("category", answer.facts.category)) {
    return refuse("unknown-category", { category: answer.facts.category })
  }
  if (!policy.knows("negative", answer.negative)) {
    return refuse("unknown-negative", { negative: answer.negative })
  }
  const stranger = answer.excluded.find(({ person }) => !reporters.has(person))
  return stranger === undefined ? undefined : refuse("not-a-reporter", { report: answer.report })
}

/** The rules' answer: triage from the facts, then the class of a new report. */
const triaged = (
  answer: AnswerWhistle,
  context: Context,
  dates: Dates,
): { readonly class: ReportClass; readonly because: Because } => {
  const facts: Partial<Facts> = { ...answer.facts, currentClass: "new", trigger: "none" }
  const outcome = context.book.decide("conversion", facts, dates)
  invariant(outcome.status === "decided", "F1", "triage always answers")
  return { class: outcome.conclusions.class, because: outcome.because }
}

/** The whistle is answered; a reply and a follow-up are owed from acceptance on. */
const promises = (
  id: ReportId,
  report: NewReport,
  reportClass: ReportClass,
  context: Context,
  dates: Dates,
): readonly Emitted[] => {
  const limits = deadlinesOf(context.book, reportClass, dates)
  const answer = findOpen(report.obligations, "answer")
  invariant(answer !== undefined, "F1", "a new report owes an answer")
  const owe = (kind: "reply" | "followUp", minutes: number): Emitted =>
    on(
      "report",
      id,
      open(context.book, {
        id: `${id}:${kind}`,
        kind,
        owner: dutyDesk(context.book).id,
        class: reportClass,
        since: report.acceptedAt,
        clock: limits.clock,
        minutes,
        dates,
      }),
    )
  return [
    on("report", id, meet(answer, context.at)),
    owe("reply", limits.reply),
    owe("followUp", limits.followUp),
  ]
}
