/**
 * What a county officer wants to see of a day, counted from the store and from nothing else.
 */
import { type Instant, toMs } from "@yingshao/core/kernel/time"
import { trialBalance } from "@yingshao/core/ledger/trial-balance"
import type { Obligation } from "@yingshao/core/obligation/obligation"
import type { Yingshao } from "@yingshao/engine"
import type { Finding } from "@yingshao/engine/finding"
import { postingsOf } from "./postings.ts"

export interface ObligationCount {
  /** In time. */
  readonly met: number
  readonly late: number
  readonly open: number
  /** Elapsed minutes after the due time, of those late and those open; 0 when there is none. */
  readonly worstLatenessMinutes: number
}

export interface TierCount {
  readonly awards: number
  readonly fen: number
}

/** The names are kept: other programs read them. */
export interface Summary {
  readonly reports: { readonly received: number; readonly accepted: number; readonly refused: number }
  /** By class, then by state. `new` is what nobody has looked at. */
  readonly classes: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly incidents: number
  readonly firstReports: number
  /** Reports about a matter that somebody reported before. */
  readonly laterReports: number
  /** Reports that may not be a first report: on the negative list. */
  readonly barredReports: number
  readonly duplicates?: Duplicates
  readonly obligations: ObligationCount & {
    readonly cancelled: number
    readonly escalations: number
    readonly byKind: Readonly<Record<string, ObligationCount>>
  }
  readonly replies: { readonly owed: number; readonly sent: number }
  readonly residentsBenefited: number
  readonly cash: {
    readonly awards: number
    readonly totalFen: number
    readonly byTier: Readonly<Record<string, TierCount>>
    readonly paidFen: number
    readonly waitingFen: number
    readonly forfeitedFen: number
    readonly recoveredFen: number
  }
  readonly points: { readonly total: number; readonly awards: number; readonly redeemed: number }
  readonly rewards: Readonly<Record<string, number>>
  /** Σ of all accounts of a unit: 0 when the books balance. */
  readonly trialBalance: { readonly fen: number; readonly points: number }
  readonly doctor: { readonly ok: boolean; readonly findings: readonly Finding[] }
}

/** How the verdicts compare with what the agency wrote, in rows. */
export interface Duplicates {
  /** The agency says duplicate, and so do we. */
  readonly agree: number
  /** The agency says duplicate, an earlier row of the type stands near in the file, and we say first. */
  readonly missed: number
  /** We say duplicate and the agency does not. */
  readonly extra: number
  /** The agency says duplicate, we say first, and no earlier row of the type stands near in the file. */
  readonly outsideFile: number
}

/**
 * @param received reports that came in, refused ones included.
 * @param now simulated time: what is open and was due before it is late by the difference.
 */
export const summaryOf = async (
  yingshao: Yingshao,
  given: {
    readonly received: number
    readonly now: Instant
    readonly timeZone: string
    readonly findings: readonly Finding[]
  },
): Promise<Summary> => {
  const { queries } = yingshao
  const tallies = await queries.tallies("")
  const tally = (key: string) => tallies.get(key) ?? 0
  const clocked = countObligations(given.now)
  const reports = await countReports(yingshao, clocked.add)
  const incidents = await countIncidents(yingshao, clocked.add)
  const rewards = await countRewards(yingshao)
  const balances = trialBalance((await postingsOf(queries, given.timeZone)).map(({ posting }) => posting))
  const fen = (control: string) => balances.fen.controls.get(control) ?? 0
  return {
    reports: {
      received: given.received,
      accepted: reports.accepted,
      refused: given.received - reports.accepted,
    },
    classes: reports.classes,
    incidents,
    firstReports: reports.first,
    laterReports: reports.later,
    barredReports: reports.barred,
    obligations: clocked.total(),
    replies: { owed: tally("replies/owed"), sent: tally("replies/sent") },
    residentsBenefited: tally("residents/benefited"),
    cash: {
      ...rewards.cash,
      paidFen: fen("paid"),
      waitingFen: fen("payable"),
      forfeitedFen: fen("forfeited"),
      recoveredFen: fen("clawed-back"),
    },
    points: { ...rewards.points, redeemed: balances.points.controls.get("redeemed") ?? 0 },
    rewards: rewards.byStatus,
    trialBalance: { fen: balances.fen.total, points: balances.points.total },
    doctor: { ok: given.findings.length === 0, findings: given.findings },
  }
}

// internal

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const bump = (counts: Record<string, number>, key: string): void => {
  counts[key] = (counts[key] ?? 0) + 1
}

const countReports = async ({ queries }: Yingshao, add: (owed: Obligation) => void) => {
  const classes: Record<string, Record<string, number>> = { emergency: {}, ordinary: {}, new: {} }
  let [accepted, first, later, barred] = [0, 0, 0, 0]
  for await (const { state } of queries.readAll("report")) {
    if (state.status === "none") continue
    accepted += 1
    state.obligations.forEach(add)
    const counts = classes[state.status === "new" ? "new" : state.class]
    if (counts !== undefined) bump(counts, state.status)
    if (state.status === "new") continue
    if (state.rank === "first") first += 1
    if (state.negative !== "none") barred += 1
    else if (state.rank === "later") later += 1
  }
  return { accepted, first, later, barred, classes }
}

const countIncidents = async ({ queries }: Yingshao, add: (owed: Obligation) => void): Promise<number> => {
  let incidents = 0
  for await (const { state } of queries.readAll("incident")) {
    if (state.status === "none") continue
    if (state.status !== "merged") incidents += 1
    state.obligations.forEach(add)
  }
  return incidents
}

const countRewards = async ({ queries }: Yingshao) => {
  const byTier: Record<string, TierCount> = {}
  const byStatus: Record<string, number> = {}
  const cash = { awards: 0, totalFen: 0 }
  const points = { awards: 0, total: 0 }
  for await (const { state } of queries.readAll("reward")) {
    if (state.status === "none") continue
    bump(byStatus, state.status)
    const { award } = state
    if (award === undefined) continue
    if (award.form === "points") {
      points.awards += 1
      points.total += award.amount
      continue
    }
    cash.awards += 1
    cash.totalFen += award.amount
    const tier = award.tier ?? "none"
    const known = byTier[tier] ?? { awards: 0, fen: 0 }
    byTier[tier] = { awards: known.awards + 1, fen: known.fen + award.amount }
  }
  const sorted = Object.fromEntries(Object.entries(byTier).sort(([a], [b]) => (a < b ? -1 : 1)))
  return { cash: { ...cash, byTier: sorted }, points, byStatus }
}

const noObligations = (): Mutable<ObligationCount> => ({ met: 0, late: 0, open: 0, worstLatenessMinutes: 0 })

/** Counts obligations one by one. Lateness is elapsed time, on the clock of the wall. */
const countObligations = (now: Instant) => {
  const total = noObligations()
  const byKind: Record<string, Mutable<ObligationCount>> = {}
  let [cancelled, escalations] = [0, 0]
  return {
    add(owed: Obligation): void {
      escalations += owed.escalation
      if (owed.status === "cancelled") {
        cancelled += 1
        return
      }
      const lateMinutes = Math.floor((toMs(owed.endedAt ?? now) - toMs(owed.due)) / 60_000)
      const isLate = toMs(owed.endedAt ?? now) > toMs(owed.due)
      const ofKind = byKind[owed.kind] ?? noObligations()
      byKind[owed.kind] = ofKind
      for (const counts of [total, ofKind]) {
        counts[owed.status === "open" ? "open" : isLate ? "late" : "met"] += 1
        counts.worstLatenessMinutes = Math.max(counts.worstLatenessMinutes, lateMinutes, 0)
      }
    },
    total: () => ({ ...total, cancelled, escalations, byKind }),
  }
}
