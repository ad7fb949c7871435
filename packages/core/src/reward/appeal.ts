/**
 * LodgeAppeal and DecideAppeal (申诉): a reporter asks for a second look at a decision.
 *
 * Within the policy's days, against a reward that was declined or an award that was taken back. Somebody
 * who had no part in the decision decides (L12). A declined reward that is overturned is open for a fresh
 * decision. An overturned recovery is given back whole: what is still owed is not owed any more, points
 * come back as a lot of their own, and cash that was given back can be collected again.
 *
 * Refuses: `not-found`, `nothing-to-appeal`, `appeal-pending`, `appeal-too-late`, `no-appeal`,
 * `same-person`, `cap-reached`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { reportId } from "../kernel/ids.ts"
import { invariant, refuse } from "../kernel/refusal.ts"
import { type Context, happen, type Outcome, on, type Rule } from "../kernel/rule.ts"
import { daysBetween } from "../kernel/time.ts"
import { isReporter } from "../report/report.ts"
import { forfeitAt } from "./claim-window.ts"
import { readRewardFile } from "./read-reward-file.ts"
import { type Restored, restoreAward } from "./restore.ts"
import { otherPart } from "./verify.ts"

const lodgePayload = z.strictObject({ report: reportId })
const decidePayload = z.strictObject({
  report: reportId,
  outcome: z.enum(["upheld", "overturned"]),
  reason: z.string().trim().min(1).max(500),
})
export type LodgeAppeal = z.output<typeof lodgePayload>
export type DecideAppeal = z.output<typeof decidePayload>

export const lodgeAppeal = command({
  type: "LodgeAppeal",
  roles: ["reporter"],
  payload: lodgePayload,
  queue: ({ report }) => `reward/${report}`,
  *decide({ report: id }: LodgeAppeal, context: Context): Rule<Outcome> {
    const found = yield* readRewardFile(id)
    if (!found.ok) return found
    const { file, report } = found
    if (!isReporter(report, context.by.person)) {
      return refuse("not-found", { what: "report", id })
    }
    const against = file.status === "declined" ? "declined" : file.recovered > 0 ? "recovered" : undefined
    if (against === undefined || file.decidedAt === undefined)
      return refuse("nothing-to-appeal", { report: id })
    if (file.appeal !== undefined) return refuse("appeal-pending", { report: id })
    const appealDays = Math.min(
      3650,
      Math.max(0, daysBetween(context.book.dateOf(file.decidedAt), context.today)),
    )
    const dates = { accepted: report.acceptedOn, step: context.today }
    const outcome = context.book.decide("appeal", { appealDays }, dates)
    invariant(outcome.status === "decided", "L12", "the time to appeal waits for no unknown fact")
    if (outcome.conclusions.appeal === "redirect") return refuse("appeal-too-late", { report: id })
    return happen({
      events: [on("reward", id, { type: "AppealLodged", at: context.at, by: context.by.person, against })],
      notices: [
        {
          kind: "appeal",
          to: { kind: "role", role: "programme-admin" },
          urgent: false,
          orderingKey: `report/${id}`,
          data: { report: id, against },
        },
      ],
    })
  },
})

export const decideAppeal = command({
  type: "DecideAppeal",
  roles: ["programme-admin"],
  payload: decidePayload,
  queue: ({ report }) => `reward/${report}`,
  *decide(ruling: DecideAppeal, context: Context): Rule<Outcome> {
    const found = yield* readRewardFile(ruling.report)
    if (!found.ok) return found
    const { file, report } = found
    if (file.appeal === undefined) return refuse("no-appeal", { report: ruling.report })
    const other = otherPart(context.by.person, file, report)
    if (other !== undefined) return refuse("same-person", { other })
    if (file.decidedBy.includes(context.by.person)) return refuse("same-person", { other: "approver" })
    const givesBack = ruling.outcome === "overturned" && file.appeal.against === "recovered"
    const restored = givesBack ? yield* restoreAward(ruling.report, file, report, context) : nothing
    if (!restored.ok) return restored
    const { amount, collects } = restored
    const until = collects ? forfeitAt(context.book, report.acceptedOn, context.today) : undefined
    return happen({
      events: [
        on("reward", ruling.report, {
          type: "AppealDecided",
          at: context.at,
          by: context.by.person,
          outcome: ruling.outcome,
          reason: ruling.reason,
          restored: amount,
          ...(collects ? { collect: until === undefined ? {} : { until } } : {}),
        }),
        ...restored.events,
      ],
      notices: [
        {
          kind: "appeal-decided",
          to: { kind: "person", person: file.appeal.by },
          urgent: false,
          orderingKey: `person/${file.appeal.by}`,
          data: { report: ruling.report, outcome: ruling.outcome },
        },
      ],
    })
  },
})

// internal

const nothing: Restored = { ok: true, events: [], amount: 0, collects: false }
