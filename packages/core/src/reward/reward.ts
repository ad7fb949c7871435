/**
 * The reward file of a report: verification level by level, grading, approval, payment and what comes
 * after.
 *
 * It opens when the whistle is answered and lives its own life beside the report: a closed report can still
 * be verified. Cash only for the verified first report of a confirmed emergency, points otherwise, never
 * both (L9). The award is written down once with the policy and the rules that made it; a later policy
 * never changes it (L10). Money and points themselves move on the accounts.
 */
import * as z from "zod"
import { because, reportClass, verdict } from "../decisions.ts"
import { personId, type ReportId } from "../kernel/ids.ts"
import { type Emitted, on } from "../kernel/rule.ts"
import type { IndexEntry, StreamDefinition, TallyIncrement } from "../kernel/stream.ts"
import { type Instant, instant } from "../kernel/time.ts"

const reason = z.string().min(1).max(500)

/** One level's confirmation. */
export const step = z.strictObject({
  level: z.string().min(1).max(64),
  verdict,
  /** The class that this level confirmed: how urgent it really was. */
  confirmedClass: reportClass,
  by: personId,
  at: instant,
})
export type Step = z.infer<typeof step>

/** One signatory's part of an award. */
export const share = z.strictObject({
  person: personId,
  /** Fen or points, by the award's form; whole, 1 or more. */
  amount: z.int().min(1).max(1_000_000_000),
})
export type Share = z.infer<typeof share>

const value = z.enum(["minor", "notable", "major", "critical"])
const difficulty = z.enum(["easy", "medium", "hard"])
export const grading = z.strictObject({ value, difficulty })
export const finding = z.enum(["none", "miscalculated", "notFirst", "claimedTwice", "fraud"])

export const rewardEvent = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("RewardFileOpened") }),
  z.strictObject({
    type: z.literal("LevelVerified"),
    step,
    /** Kept so that separation of duties needs no other stream. */
    reason: z.string().max(500),
  }),
  z.strictObject({ type: z.literal("ReportGraded"), at: instant, by: personId, grading, reason }),
  z.strictObject({
    type: z.literal("AwardApproved"),
    at: instant,
    by: personId,
    form: z.enum(["cash", "points"]),
    tier: z.enum(["tier1", "tier2", "tier3", "tier4"]).optional(),
    /** Fen for cash, points for points; the sum of the shares. */
    amount: z.int().min(0).max(1_000_000_000),
    shares: z.array(share).max(20),
    band: z.string(),
    incident: z.string(),
    /** Cash that nobody collected before this instant is forfeited. */
    forfeitAt: instant.optional(),
    because,
  }),
  z.strictObject({ type: z.literal("RewardDeclined"), at: instant, by: personId, because }),
  z.strictObject({ type: z.literal("AwardPaid"), at: instant, by: personId, collectedBy: personId }),
  z.strictObject({ type: z.literal("AwardForfeited"), at: instant }),
  z.strictObject({
    type: z.literal("FindingProposed"),
    at: instant,
    by: personId,
    finding: finding.exclude(["none"]),
    /** What the award should have been, in its own unit. */
    rightAmount: z.int().min(0).max(1_000_000_000),
    reason,
  }),
  z.strictObject({ type: z.literal("FindingDismissed"), at: instant, by: personId, reason }),
  z.strictObject({
    type: z.literal("AwardRecovered"),
    at: instant,
    by: z.array(personId).length(2),
    finding,
    /** What is taken back now, in the award's unit. */
    amount: z.int().min(1).max(1_000_000_000),
    /** The part of it that was not paid yet, where the status does not tell: part of the award was paid before. */
    unpaid: z.int().min(0).max(1_000_000_000).optional(),
    because,
  }),
  z.strictObject({
    type: z.literal("AppealLodged"),
    at: instant,
    by: personId,
    against: z.enum(["declined", "recovered"]),
  }),
  z.strictObject({
    type: z.literal("AppealDecided"),
    at: instant,
    by: personId,
    outcome: z.enum(["upheld", "overturned"]),
    reason,
    /** What was given back of a recovery, in the award's unit. */
    restored: z.int().min(0).max(1_000_000_000),
    /** Cash can be collected again, until this instant where there is an end. */
    collect: z.strictObject({ until: instant.optional() }).optional(),
  }),
])
export type RewardEvent = z.infer<typeof rewardEvent>
type Of<T extends RewardEvent["type"]> = Extract<RewardEvent, { type: T }>

export interface RewardData {
  readonly steps: readonly Step[]
  /** The level reached, and the latest verdict; absent before the first level. */
  readonly level?: string | undefined
  readonly verdict?: z.infer<typeof verdict> | undefined
  readonly highestConfirmedClass?: z.infer<typeof reportClass> | undefined
  readonly grading?: z.infer<typeof grading> | undefined
  readonly gradedBy?: z.infer<typeof personId> | undefined
  /** The award that stands; absent while nothing is approved. */
  readonly award?: Omit<Of<"AwardApproved">, "type"> | undefined
  readonly decidedAt?: Instant | undefined
  /** Who decided what stands: one approver, or the two who recovered. */
  readonly decidedBy: readonly z.infer<typeof personId>[]
  /** From when the time to collect counts, and when it is over. */
  readonly noticeAt?: Instant | undefined
  readonly forfeitAt?: Instant | undefined
  /** Σ of what was taken back, in the award's unit (L18). */
  readonly recovered: number
  /** The part of it that was taken before it was paid, and went back to the budget. */
  readonly recoveredUnpaid: number
  readonly pendingFinding?: Omit<Of<"FindingProposed">, "type"> | undefined
  readonly appeal?: Omit<Of<"AppealLodged">, "type"> | undefined
  readonly appeals: number
}

export type RewardStatus = "verifying" | "declined" | "approved" | "credited" | "paid" | "forfeited"
export type RewardState = { readonly status: "none" } | ({ readonly status: RewardStatus } & RewardData)
export type RewardFile = Exclude<RewardState, { status: "none" }>

/** status × event → status, or the statuses it may lead to. */
export const rewardLifecycle = {
  none: { RewardFileOpened: "verifying" },
  verifying: {
    LevelVerified: "verifying",
    ReportGraded: "verifying",
    AwardApproved: ["approved", "credited"],
    RewardDeclined: "declined",
  },
  /** Cash approved and waiting to be collected. */
  approved: {
    AwardPaid: "paid",
    AwardForfeited: "forfeited",
    FindingProposed: "approved",
    FindingDismissed: "approved",
    AwardRecovered: "approved",
    AppealLodged: "approved",
    AppealDecided: "approved",
  },
  /** Points are on the account. */
  credited: {
    FindingProposed: "credited",
    FindingDismissed: "credited",
    AwardRecovered: "credited",
    AppealLodged: "credited",
    AppealDecided: "credited",
  },
  paid: {
    FindingProposed: "paid",
    FindingDismissed: "paid",
    AwardRecovered: "paid",
    AppealLodged: "paid",
    AppealDecided: ["paid", "approved"],
  },
  declined: { AppealLodged: "declined", AppealDecided: ["declined", "verifying"] },
  /** What was taken back before may still turn out to be due. */
  forfeited: { AppealLodged: "forfeited", AppealDecided: ["forfeited", "approved"] },
} as const satisfies Record<
  RewardState["status"],
  Partial<Record<RewardEvent["type"], RewardStatus | readonly RewardStatus[]>>
>

export const rewardDefinition = {
  foldVersion: 2,
  indexesSince: { "rewards/stage": 2, "rewards/open": 2 },
  initial: { status: "none" } as RewardState,
  event: rewardEvent,
  evolve,
  indexes(state: RewardState, id: string): readonly IndexEntry[] {
    if (state.status === "none") return []
    const forfeitAt = isWaiting(state) ? state.forfeitAt : undefined
    return [
      { index: "rewards/status", equals: state.status, range: id },
      ...(state.status === "verifying"
        ? [{ index: "rewards/stage", equals: stageOf(state), range: id }]
        : []),
      ...(state.appeal === undefined
        ? []
        : [{ index: "rewards/open", equals: "appeal", range: state.appeal.at }]),
      ...(state.pendingFinding === undefined
        ? []
        : [{ index: "rewards/open", equals: "finding", range: state.pendingFinding.at }]),
      ...(forfeitAt === undefined ? [] : [{ index: "timer", equals: "ForfeitAward", range: forfeitAt }]),
    ]
  },
  tallies,
} satisfies StreamDefinition<RewardState, RewardEvent>

/**
 * How far a file is that is not decided yet: the level that was confirmed last, and whether it was graded.
 *
 * @example stageOf({ level: "village" }) // => "village/ungraded"
 * @example stageOf({}) // => "none/ungraded"
 */
export const stageOf = ({ level, grading }: Pick<RewardFile, "level" | "grading">): string =>
  `${level ?? "none"}/${grading === undefined ? "ungraded" : "graded"}`

/** What answering the whistle adds: an empty reward file. */
export const openRewardFile = (report: ReportId): readonly Emitted[] => [
  on("reward", report, { type: "RewardFileOpened" }),
]

/** Is there cash that nobody collected yet? What was taken back whole waits for nobody. */
export const isWaiting = (file: RewardFile): boolean =>
  file.status === "approved" && file.award !== undefined && file.recovered < file.award.amount

/** How much of a recovery was not paid yet, where nothing of the award was paid or all of it. */
export const unpaidByStatus = ({ status }: Pick<RewardFile, "status">, amount: number): number =>
  status === "approved" ? amount : 0

/** Everybody who verified. */
export const verifiersOf = (file: RewardFile): readonly string[] => file.steps.map(({ by }) => by)

// internal

const empty: RewardFile = {
  status: "verifying",
  steps: [],
  decidedBy: [],
  recovered: 0,
  recoveredUnpaid: 0,
  appeals: 0,
}

function evolve(state: RewardState, event: RewardEvent): RewardState {
  if (event.type === "RewardFileOpened") return empty
  if (state.status === "none") return state
  switch (event.type) {
    case "LevelVerified":
      return verified(state, event.step)
    case "ReportGraded":
      return { ...state, grading: event.grading, gradedBy: event.by }
    case "AwardApproved": {
      const { type: _, ...award } = event
      const status = award.form === "cash" ? ("approved" as const) : ("credited" as const)
      const { at, forfeitAt } = event
      return { ...state, status, award, decidedAt: at, decidedBy: [event.by], noticeAt: at, forfeitAt }
    }
    case "RewardDeclined":
      return { ...state, status: "declined", decidedAt: event.at, decidedBy: [event.by] }
    case "AwardPaid":
      return { ...state, status: "paid" }
    case "AwardForfeited":
      return { ...state, status: "forfeited" }
    case "FindingProposed": {
      const { type: _, ...pending } = event
      return { ...state, pendingFinding: pending }
    }
    case "FindingDismissed":
      return { ...state, pendingFinding: undefined }
    case "AwardRecovered":
      return {
        ...state,
        recovered: state.recovered + event.amount,
        recoveredUnpaid: state.recoveredUnpaid + (event.unpaid ?? unpaidByStatus(state, event.amount)),
        pendingFinding: undefined,
        decidedAt: event.at,
        decidedBy: event.by,
      }
    case "AppealLodged": {
      const { type: _, ...appeal } = event
      return { ...state, appeal, appeals: state.appeals + 1 }
    }
    case "AppealDecided":
      return appealed(state, event)
  }
}

/** A declined reward is decided anew; what was taken back is given back and may have to be collected. */
const appealed = (state: RewardFile, event: Of<"AppealDecided">): RewardFile => {
  const over = { ...state, appeal: undefined }
  if (event.outcome === "upheld") return over
  if (state.appeal?.against === "declined") return { ...over, status: "verifying" }
  const restored = { ...over, recovered: state.recovered - event.restored, recoveredUnpaid: 0 }
  return event.collect === undefined
    ? restored
    : { ...restored, status: "approved", noticeAt: event.at, forfeitAt: event.collect.until }
}

const verified = (state: RewardFile, one: Step): RewardFile => ({
  ...state,
  steps: [...state.steps, one],
  level: one.level,
  verdict: one.verdict,
  highestConfirmedClass: state.highestConfirmedClass === "emergency" ? "emergency" : one.confirmedClass,
})

function tallies(event: RewardEvent): readonly TallyIncrement[] {
  switch (event.type) {
    case "AwardApproved":
      return event.form === "cash"
        ? [
            { key: "awards/cash", by: 1 },
            { key: `awards/cash/${event.tier ?? "none"}`, by: 1 },
            { key: `awards/cash-fen/${event.tier ?? "none"}`, by: event.amount },
          ]
        : [
            { key: "awards/points", by: 1 },
            { key: "awards/points-total", by: event.amount },
          ]
    case "RewardDeclined":
      return [{ key: "awards/declined", by: 1 }]
    case "AwardPaid":
      return [{ key: "awards/paid", by: 1 }]
    case "AwardForfeited":
      return [{ key: "awards/forfeited", by: 1 }]
    case "AwardRecovered":
      return [{ key: "awards/recovered", by: 1 }]
    case "RewardFileOpened":
    case "LevelVerified":
    case "ReportGraded":
    case "FindingProposed":
    case "FindingDismissed":
    case "AppealLodged":
    case "AppealDecided":
      return []
  }
}
