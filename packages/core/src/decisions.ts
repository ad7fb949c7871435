/**
 * What core asks of a policy: the facts it can supply, the conclusions it needs, and the shape of a
 * compiled policy that answers.
 *
 * Core never reads a policy document and knows none of its numbers. It declares here, as zod schemas,
 * every fact that it can put to a policy and every conclusion that it must get back; `compile` in
 * `@yingshao/policy` refuses a document that lacks one (P107), that asks for a fact core cannot supply
 * (P108), or that concludes what core does not know (P109).
 *
 * Names are the English keys that a document's `译名` and `事实` tables give. A unit stands in the
 * schema's `meta({ unit })`; money comes back in fen, spans in whole minutes or days.
 */
import * as z from "zod"

/** Yes, no, or nobody knows yet. Unknown is a value of its own and is never guessed. */
export const tristate = z.enum(["yes", "no", "unknown"])
export type Tristate = z.infer<typeof tristate>

/** The two classes of a report (普通治理, 应急治理). */
export const reportClass = z.enum(["ordinary", "emergency"])
export type ReportClass = z.infer<typeof reportClass>

/** The class as the rules see it: `new` until a duty officer has settled the facts. */
export const currentClass = z.enum(["new", "ordinary", "emergency"])

/** The five channels of an emergency (“五情”联动): 警情, 访情, 舆情, 诉情, 社区. */
export const channel = z.enum(["police", "petition", "opinion", "complaint", "community"])
export type Channel = z.infer<typeof channel>
export const channels = channel.options

/** What somebody owes by a time (应办事项). `acknowledge` is a channel's answer to a hand-over. */
export const obligationKind = z.enum(["answer", "acknowledge", "reply", "handle", "followUp"])
export type ObligationKind = z.infer<typeof obligationKind>

/** What a verifier found. */
export const verdict = z.enum(["true", "partlyTrue", "false", "unverifiable"])
export type Verdict = z.infer<typeof verdict>

/** Who reported, as the rules of reward see it at the moment of acceptance. */
export const reporterStanding = z.enum([
  "informant",
  "member",
  "suspended",
  "public",
  "onDuty",
  "interested",
  "anonymous",
])
export type ReporterStanding = z.infer<typeof reporterStanding>

/** Why a class is looked at again (平急转换的触发事项). */
export const conversionTrigger = z.enum(["none", "newDanger", "warning", "countyResponse", "dangerRemoved"])
export type ConversionTrigger = z.infer<typeof conversionTrigger>

const whole = (unit: string, max: number) => z.int().min(0).max(max).meta({ unit })
const minutes = whole("minute", 5_256_000)
const days = whole("day", 36_500)
const fen = whole("fen", 1_000_000_000)
const pointsUnit = whole("point", 1_000_000_000)
const metres = whole("metre", 100_000)
const persons = whole("person", 100_000)
const count = (max: number) => whole("count", max)
const yesNo = z.enum(["yes", "no"])
/** An open vocabulary: core carries the key and never compares it with a word of its own. */
const opaque = z.string().min(1).max(64)

/**
 * Every fact that core can supply. A document may declare any subset of them and nothing else.
 * Enumerated facts name all values core may send; a document may declare fewer categories, never others
 * of a closed list. Integer facts may be declared with a narrower range.
 */
export const facts = z.object({
  category: opaque,
  danger: tristate,
  ongoing: tristate,
  affected: z.union([persons, z.literal("unknown")]),
  currentClass,
  highestConfirmedClass: z.enum(["ordinary", "emergency", "unknown"]),
  trigger: conversionTrigger,
  verdict: z.enum([...verdict.options, "unknown"]),
  /** The level of verification reached; the ordered list belongs to the policy (`Policy.levels`). */
  level: opaque,
  first: tristate,
  reporter: reporterStanding,
  /** `none`, or the key of an entry of the negative list. */
  negative: opaque,
  value: z.enum(["minor", "notable", "major", "critical", "unknown"]),
  difficulty: z.enum(["easy", "medium", "hard", "unknown"]),
  nth: z.int().min(1).max(1000).meta({ unit: "count" }),
  willing: yesNo,
  nominated: yesNo,
  review: z.enum(["pending", "passed", "failed"]),
  age: whole("year", 120),
  idle: whole("day", 3650),
  falseCount: count(1000),
  leave: yesNo,
  finding: z.enum(["none", "miscalculated", "notFirst", "claimedTwice", "fraud"]),
  noticeDays: whole("day", 3650),
  appealDays: whole("day", 3650),
  rosterStatus: z.enum(["active", "suspended", "left"]),
  yearPoints: whole("point", 100_000),
  conduct: z.enum(["fair", "good", "excellent"]),
  fairness: z.enum(["fair", "good", "excellent"]),
  example: z.enum(["fair", "good", "excellent"]),
  obligation: obligationKind,
  escalation: z.int().min(1).max(9).meta({ unit: "count" }),
  returnsSoFar: count(1000),
  extensionsSoFar: count(1000),
})
export type Facts = z.infer<typeof facts>
export type FactKey = keyof Facts

/**
 * Which date picks the version of the rules: rights and classification follow the policy in force when
 * the report was accepted, procedure the one in force when the step starts.
 */
export type Timing = "accepted" | "step"

const decision = <S extends z.ZodRawShape>(timing: Timing, concludes: S) => ({
  timing,
  concludes: z.object(concludes),
})

/** Every decision that core takes from a policy, with the conclusions it needs. */
export const decisions = {
  /** 分级: ordinary or emergency, from facts that may be unknown. Must always answer. */
  triage: decision("accepted", { triage: reportClass }),
  /** 现级: the class after a trigger, from the class before. */
  conversion: decision("accepted", { class: reportClass }),
  /** 时限: how long each obligation may take, and on which clock. `answer` always runs round the clock. */
  deadlines: decision("accepted", {
    clock: z.enum(["roundTheClock", "workingTime"]),
    answer: minutes,
    acknowledge: minutes,
    reply: minutes,
    handle: minutes,
    followUp: minutes,
  }),
  /** 计奖级: the class by which a report is rewarded, from what verification confirmed. */
  rewardBasis: decision("accepted", { rewardClass: reportClass }),
  /** 方式: cash, points, nothing, or not verified far enough. */
  reward: decision("accepted", { rewardForm: z.enum(["cash", "points", "none", "unverified"]) }),
  /** 档次 and 现金, asked for where the form is cash. */
  cashAward: decision("accepted", { tier: z.enum(["tier1", "tier2", "tier3", "tier4"]), cash: fen }),
  /** 积分, asked for where the form is points. */
  pointsAward: decision("accepted", { points: pointsUnit }),
  /** 积分有效期: how long points last. */
  lotLife: decision("accepted", { lotLife: days }),
  /** 审批: which band of amount must approve. */
  approval: decision("step", { approvalBand: opaque }),
  /** 封顶: how much cash one person may be awarded on one civil day, and everybody in one year. */
  caps: decision("step", { dailyCashCap: fen, yearlyBudget: fen }),
  /** 准入. */
  admission: decision("step", { admission: z.enum(["reject", "nominate", "pending", "admit"]) }),
  /** 比选: a score, the sum of all rules that match. */
  selection: decision("step", { selectionScore: count(100_000) }),
  /** 动态管理建议: what the rules propose; a person decides. */
  roster: decision("step", { rosterAdvice: z.enum(["leave", "suspend", "remind", "continue"]) }),
  /** 追回. */
  clawback: decision("accepted", {
    clawback: z.enum(["keep", "correct", "recoverDifference", "recoverAllAndRemove"]),
  }),
  /** 领取. */
  claim: decision("accepted", { claim: z.enum(["claimable", "forfeited"]) }),
  /** 申诉. */
  appeal: decision("accepted", { appeal: z.enum(["review", "redirect"]) }),
  /** 积分用途. */
  privileges: decision("step", { redeemable: yesNo, merit: yesNo, preference: yesNo }),
  /** 督办: how long after the due time the n-th reminder goes out and to which role; `nobody` ends the ladder. */
  escalation: decision("step", {
    escalateAfter: minutes,
    escalateTo: z.enum([
      "duty-officer",
      "department-officer",
      "squad-leader",
      "captain",
      "programme-admin",
      "nobody",
    ]),
  }),
  /** 派发: one owner for the ordinary; for an emergency who leads and which of the five channels join. */
  routing: decision("step", {
    owner: opaque,
    lead: z.enum([...channels, "none"]),
    police: yesNo,
    petition: yesNo,
    opinion: yesNo,
    complaint: yesNo,
    community: yesNo,
  }),
  /** 并案: how near two reports of one kind must be to be proposed as one incident. */
  matching: decision("accepted", { radius: metres, window: minutes }),
  /** 退单: may a partner return the order once more. */
  returns: decision("step", { returnAllowed: yesNo }),
  /** 延期: may the time be extended once more, and by how much at most. */
  extension: decision("step", { extensionAllowed: yesNo, extensionLimit: minutes }),
  /** 工时: opening hours of a working day, `08:30-12:00,13:30-17:30`. */
  hours: decision("step", {
    workingHours: z.string().regex(/^\d{2}:\d{2}-\d{2}:\d{2}(,\d{2}:\d{2}-\d{2}:\d{2}){0,3}$/),
  }),
} as const

export type DecisionName = keyof typeof decisions
export type Conclusions<D extends DecisionName> = z.infer<(typeof decisions)[D]["concludes"]>

/** One rule that made a decision: enough to find the row in the document that the digest names. */
export const firedRule = z.object({
  /** The table's name as the document writes it. */
  table: z.string(),
  /** The rule's id as the document writes it. */
  rule: z.string(),
  /** The heading or source the table stands on (依据). */
  clause: z.string(),
})
export type FiredRule = z.infer<typeof firedRule>

/** Why: the policy by digest and the rules that fired, in the order in which they were used. */
export const because = z.object({ policy: z.string(), rules: z.array(firedRule).max(64) })
export type Because = z.infer<typeof because>

/**
 * A decision, or what is still missing for one. *Pending* means: the possible completions of the unknown
 * facts lead to different answers; `missing` names the facts that still matter.
 */
export type Outcome<C> =
  | { readonly status: "decided"; readonly conclusions: C; readonly because: Because }
  | { readonly status: "pending"; readonly missing: readonly FactKey[]; readonly because: Because }

/** Civil dates that pick the version of dated tables and parameters. */
export interface DecisionDates {
  /** The civil date on which the report was accepted, in the programme's zone. */
  readonly accepted: string
  /** The civil date on which this step starts. */
  readonly step: string
}

/**
 * A policy document, compiled. Pure: the same facts and dates give the same answer for ever.
 *
 * Facts left out count as unknown. `decide` throws only for a broken promise: a fact of a value that the
 * document does not know (core checks categories with `knows` first), or a date before `effectiveFrom`.
 */
export interface Policy {
  /** The document's own number, for instance `HS-XXY`. */
  readonly id: string
  /** SHA-256 of `canonical`, lower-case hex. */
  readonly digest: string
  /** Canonical JSON: sorted keys, no white space; what is stored and what `revive` takes. */
  readonly canonical: string
  /** The first civil date on which the document applies. */
  readonly effectiveFrom: string
  /** IANA zone of the programme, for instance `Asia/Shanghai`. */
  readonly timeZone: string
  /** Levels of verification, lowest first; the first one means *not verified*. */
  readonly levels: readonly string[]
  /** Categories in document order. */
  readonly categories: readonly string[]
  /** Keys of the negative list, without `none`. */
  readonly negativeList: readonly string[]
  /** Is `value` a value of this fact in this document? */
  knows(fact: FactKey, value: string | number): boolean
  decide<D extends DecisionName>(
    decision: D,
    facts: Partial<Facts>,
    dates: DecisionDates,
  ): Outcome<Conclusions<D>>
  /**
   * 从旧兼从优: may this decision about a report accepted under an earlier document follow this one as it stands on a
   * civil date, where it is better for the person?
   */
  takesBetter(decision: DecisionName, on: string): boolean
  /** What people call a key: `label("emergency", "zh") // => "应急治理"`. Unknown keys come back as they are. */
  label(key: string, language: "zh" | "en"): string
  /** Compiles the canonical JSON of an earlier document of the same language, after a restart. */
  revive(canonical: string): Policy
}
