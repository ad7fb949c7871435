/**
 * AnnotateReport and SetLegalHold: what may still happen to a report in any state, closed ones included.
 *
 * A note belongs to the record and is shown to staff only. A legal hold keeps personal data from erasure
 * until it is lifted by the same road.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { reportId } from "../kernel/ids.ts"
import { refuse } from "../kernel/refusal.ts"
import { type Context, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"

const notePayload = z.strictObject({ report: reportId, note: z.string().trim().min(1).max(1000) })
const holdPayload = z.strictObject({ report: reportId, reason: z.string().trim().min(1).max(500) })

/** Refuses: `not-found`. */
export const annotateReport = command({
  type: "AnnotateReport",
  roles: ["duty-officer", "programme-admin", "auditor"],
  payload: notePayload,
  queue: ({ report }) => `report/${report}`,
  *decide({ report: id, note }: z.output<typeof notePayload>, context: Context): Rule<Outcome> {
    const report = yield* read("report", id)
    if (report.status === "none") return refuse("not-found", { what: "report", id })
    return happen({
      events: [on("report", id, { type: "ReportAnnotated", at: context.at, by: context.by.person, note })],
    })
  },
})

/** Refuses: `not-found`, `on-hold-already`. */
export const setLegalHold = command({
  type: "SetLegalHold",
  roles: ["programme-admin", "auditor"],
  payload: holdPayload,
  queue: ({ report }) => `report/${report}`,
  *decide({ report: id, reason }: z.output<typeof holdPayload>, context: Context): Rule<Outcome> {
    const report = yield* read("report", id)
    if (report.status === "none") return refuse("not-found", { what: "report", id })
    if (report.legalHold) return refuse("on-hold-already", { report: id })
    return happen({
      events: [on("report", id, { type: "LegalHoldSet", at: context.at, by: context.by.person, reason })],
    })
  },
})
