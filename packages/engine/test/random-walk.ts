/**
 * A seeded walk through a county's commands: most are the next step of some matter, the rest are anything by
 * anybody. It looks at the world through the façade's queries and keeps no model of its own.
 */
import type { Yingshao } from "../src/yingshao.ts"
import {
  holders,
  levels,
  officerOf,
  officerUnits,
  photo,
  placeAt,
  submission,
  type Wish,
  wish,
} from "./county.ts"

/** One step: the clock goes on, then a command is given, or the scheduler runs. */
export interface Step {
  readonly minutes: number
  readonly wanted: Wish | "run what is due"
}

export interface Chance {
  /** A whole number from 0, below `n`. */
  below(n: number): number
  pick<T>(from: readonly T[]): T
}

/** mulberry32: small, seeded, the same on every machine. */
export const chanceOf = (seed: number): Chance => {
  let state = seed >>> 0
  const below = (n: number): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % n
  }
  return {
    below,
    pick: (from) => {
      if (from.length === 0) throw new Error("nothing to pick from")
      return from[below(from.length)] as (typeof from)[number]
    },
  }
}

export const informants = ["zhang", "wang"] as const
const reporters = [...informants, ...informants, "public", "jack"] as const
export const items = ["towel", "soap"] as const

export const nextStep = async (county: Yingshao, chance: Chance): Promise<Step> => {
  const minutes = chance.below(12) === 0 ? 1_440 * (1 + chance.below(20)) : chance.below(40)
  if (chance.below(12) === 0) return { minutes, wanted: "run what is due" }
  const around = await lookAround(county, chance)
  const kind = chance.below(20)
  const few = around.reports.length < 3 ? 6 : 1
  const wanted =
    around.report === undefined || kind < few
      ? intake(chance)
      : kind < 16
        ? onward(around, chance)
        : anything(around, chance)
  return { minutes, wanted }
}

// internal

type Around = Awaited<ReturnType<typeof lookAround>>

const lookAround = async (county: Yingshao, chance: Chance) => {
  const reports: string[] = []
  for await (const { id } of county.queries.readAll("report")) reports.push(id)
  const incidents: string[] = []
  for await (const { id } of county.queries.readAll("incident")) incidents.push(id)
  // Among the first few more often: a matter must go a long way before money moves.
  const report =
    reports.length === 0 ? undefined : chance.pick(chance.below(3) > 0 ? reports.slice(0, 3) : reports)
  const state = (await county.queries.state("report", report ?? "r-0")).state
  const about = state.status === "none" || state.status === "new" ? undefined : state.incident
  const incident = about ?? (incidents.length === 0 ? "i-0" : chance.pick(incidents))
  const person = chance.pick(reporters)
  return {
    report,
    reports,
    incidents,
    incident,
    state,
    matter: (await county.queries.state("incident", incident)).state,
    file: (await county.queries.state("reward", report ?? "r-0")).state,
    person,
    account: (await county.queries.state("account", person)).state,
  }
}

const reason = "理由"
const by = (chance: Chance, role: keyof typeof holders): string => chance.pick<string>(holders[role])

const intake = (chance: Chance): Wish => {
  const person = chance.pick(reporters)
  const where = placeAt(chance.below(4) * 60, chance.below(2) * 60)
  const joint = chance.below(4) === 0 ? [person, chance.pick(reporters)] : [person]
  if (chance.below(6) === 0) {
    return wish("SubmitReport", "duty", "duty-officer", { channel: "hotline", place: { words: "路口" } })
  }
  return wish("SubmitReport", person, "reporter", {
    ...submission(person, where).payload,
    reporters: joint,
    photos: chance.below(8) === 0 ? [] : [photo],
  })
}

const answer = ({ report, state, incidents }: Around, chance: Chance): Wish => {
  const person = state.status === "none" ? undefined : state.reporters[0]?.person
  const how = chance.below(8)
  return wish("AnswerWhistle", chance.pick(["duty", "duty2", "jack"]), "duty-officer", {
    report,
    facts: {
      category: chance.pick(["fire", "fire", "fire", "facility", "neighbours", "unknown"]),
      danger: chance.pick(["yes", "no", "unknown"]),
      ongoing: chance.pick(["yes", "no", "unknown"]),
      affected: chance.pick([0, 3, 50, "unknown"]),
    },
    ...(chance.below(6) === 0 ? { negative: chance.pick(["not1", "not2"]) } : {}),
    ...(chance.below(10) === 0 && person !== undefined
      ? { excluded: [{ person, standing: chance.pick(["onDuty", "interested"]) }] }
      : {}),
    ...(chance.below(12) === 0 ? { override: { class: "ordinary", reason } } : {}),
    ...(how === 0 && incidents.length > 0
      ? { incident: { how: "join", incident: chance.pick(incidents) } }
      : how === 1
        ? { incident: { how: "apart" } }
        : {}),
  })
}

/** What would be next for the matter that was picked. */
const onward = (around: Around, chance: Chance): Wish => {
  const { state, file, report } = around
  if (state.status === "none") return intake(chance)
  if (state.status === "new") return answer(around, chance)
  const waiting = around.matter.status !== "none" && around.matter.pendingClaim !== undefined
  if (waiting && chance.below(2) === 0) {
    const { incident } = around
    return wish("ConfirmClaimChange", by(chance, "programme-admin"), "programme-admin", { incident })
  }
  if (state.status === "open" && state.calming !== undefined && chance.below(2) === 0) {
    const decision = chance.pick(["confirm", "decline"])
    return wish("DecideCalming", "verifier-county", "verifier", { report, decision, reason })
  }
  if (state.status === "open" && state.negative !== "none" && chance.below(2) === 0) {
    return wish("WithholdReport", by(chance, "duty-officer"), "duty-officer", { report, reason })
  }
  const rewards = chance.below(2) === 0
  if (rewards || state.status === "closed") return onwardWithReward(around, chance)
  if (state.status === "withheld") {
    return chance.below(2) === 0 && state.replies > 0
      ? wish("CloseReport", "duty", "duty-officer", { report, reason })
      : wish("ReplyToReporters", "duty", "duty-officer", { report, text: "已答复" })
  }
  const { matter, incident } = around
  if (matter.status === "open")
    return wish("HandOver", by(chance, "duty-officer"), "duty-officer", { incident })
  if (matter.status === "handed-over") {
    const part = matter.parts.find(({ status }) => status !== "handled" && status !== "returned")
    const unit = part?.unit ?? "police"
    const officer = officerOf(unit)
    const payload = { incident, unit }
    const what = chance.below(8)
    if (what === 0) return wish("ReturnOrder", officer, "department-officer", { ...payload, reason })
    if (what === 1) return wish("AcknowledgeOrder", officer, "department-officer", payload)
    if (what === 2) return wish("PassLead", "duty", "duty-officer", { incident, to: "community", reason })
    return wish("RecordHandled", officer, "department-officer", { ...payload, result: "已处置" })
  }
  if (state.replies === 0 || file.status === "none") {
    return wish("ReplyToReporters", "duty", "duty-officer", { report, text: "已答复" })
  }
  const result = chance.pick(["satisfied", "satisfied", "unsatisfied", "unreachable"])
  return wish("RecordFollowUp", by(chance, "duty-officer"), "duty-officer", { report, result })
}

const onwardWithReward = ({ file, report, state }: Around, chance: Chance): Wish => {
  const first = state.status === "none" ? undefined : state.reporters[0]?.person
  if (file.status === "none")
    return wish("ApproveReward", "approver", "approver", { report, interest: "none" })
  if (file.status === "verifying") {
    const next = levels[file.level === undefined ? 0 : levels.indexOf(file.level as "village") + 1]
    if (next !== undefined) {
      return wish("VerifyReport", chance.below(9) === 0 ? "jack" : `verifier-${next}`, "verifier", {
        report,
        level: next,
        verdict: chance.pick(["true", "true", "true", "true", "partlyTrue", "false"]),
        confirmedClass: chance.pick(["emergency", "emergency", "ordinary"]),
      })
    }
    if (file.grading === undefined) {
      const grading = { value: chance.pick(["minor", "notable", "major"]), difficulty: "easy" }
      return wish("GradeReport", "verifier-county", "verifier", { report, grading, reason })
    }
    const interest = chance.below(8) === 0 ? "unknown" : "none"
    return wish("ApproveReward", chance.pick(["approver", "jack"]), "approver", { report, interest })
  }
  if (file.appeal !== undefined && chance.below(2) === 0) {
    const outcome = chance.pick(["upheld", "overturned"])
    return wish("DecideAppeal", by(chance, "programme-admin"), "programme-admin", { report, outcome, reason })
  }
  if (file.pendingFinding !== undefined && chance.below(2) === 0) {
    const decision = chance.pick(["confirm", "confirm", "dismiss"])
    return wish("DecideFinding", by(chance, "programme-admin"), "programme-admin", {
      report,
      decision,
      reason,
    })
  }
  const what = chance.below(4)
  if (what === 0 && first !== undefined) return wish("LodgeAppeal", first, "reporter", { report })
  if (what === 1) {
    return wish("ProposeFinding", "auditor", "auditor", {
      report,
      finding: chance.pick(["fraud", "miscalculated", "notFirst"]),
      rightAmount: chance.pick([0, 2, 1_000]),
      reason,
    })
  }
  if (file.status === "approved")
    return wish("PayAward", "payer", "payer", { report, collectedBy: first ?? "wang" })
  return wish("HoldRedemption", first ?? "wang", "reporter", { item: chance.pick(items) })
}

/** Something by somebody, whether it fits or not. */
const anything = (around: Around, chance: Chance): Wish => {
  const { report, incident, person, state, matter } = around
  const admin = by(chance, "programme-admin")
  const wishes: readonly (() => Wish)[] = [
    () =>
      wish("ConvertClass", "duty", "duty-officer", {
        report,
        trigger: chance.pick(["newDanger", "dangerRemoved"]),
        reason,
      }),
    () =>
      wish("DecideCalming", "verifier-county", "verifier", {
        report,
        decision: chance.pick(["confirm", "decline"]),
        reason,
      }),
    () =>
      wish("ExtendObligation", "duty", "duty-officer", {
        kind: "incident",
        debtor: incident,
        obligation: owedBy(matter) ?? `${incident}:handle`,
        minutes: 60 + chance.below(9_000),
        reason,
        askedBy: "officer",
      }),
    () =>
      wish("ExtendObligation", "duty2", "duty-officer", {
        kind: "report",
        debtor: report,
        obligation: owedBy(state) ?? `${report}:reply`,
        minutes: 30,
        reason,
        askedBy: "duty",
      }),
    () => wish("WithholdReport", by(chance, "duty-officer"), "duty-officer", { report, reason }),
    () => wish("AnnotateReport", "auditor", "auditor", { report, note: "备注" }),
    () => wish("SetLegalHold", "auditor", "auditor", { report, reason }),
    () =>
      wish("ProposeClaimChange", "verifier-county", "verifier", {
        incident,
        change:
          matter.status !== "none" && matter.claim.status === "held"
            ? { kind: "revoke" }
            : { kind: "name", report },
        reason,
      }),
    () => wish("ConfirmClaimChange", admin, "programme-admin", { incident }),
    () =>
      wish("MergeIncidents", "duty", "duty-officer", {
        from: incident,
        into: chance.pick([...around.incidents, "i-0"]),
        reason,
      }),
    () => wish("SplitIncident", "duty", "duty-officer", { incident, reports: [report], reason }),
    () =>
      wish("CloseUnit", admin, "programme-admin", {
        unit: chance.pick(["housing", "urban-management", "police"]),
      }),
    () =>
      wish("CloseUnit", admin, "programme-admin", {
        unit: chance.pick(["housing", "urban-management"]),
      }),
    () =>
      wish("DissolveUnit", admin, "programme-admin", {
        unit: chance.pick(["housing", "urban-management", "police"]),
        successor: chance.pick(["civil-affairs", "market-supervision"]),
      }),
    () => wish("SuspendInformant", admin, "programme-admin", { person, reason }),
    () => wish("ReinstateInformant", admin, "programme-admin", { person, reason }),
    () => wish("ReinstateInformant", admin, "programme-admin", { person: "zhang", reason }),
    () =>
      wish("RemoveParticipant", admin, "programme-admin", {
        person: chance.pick(["wang", "public", person]),
        reason,
        balance: chance.pick(["keep", "forfeit"]),
      }),
    () =>
      wish("StockItem", admin, "programme-admin", { item: chance.pick(items), units: chance.pick([2, -1]) }),
    () => wish("HoldRedemption", person, "reporter", { item: chance.pick(items) }),
    () =>
      wish("CommitRedemption", "payer", "payer", { person, hold: around.account.holds[0]?.hold ?? "h-0" }),
    () =>
      wish("ReleaseRedemption", admin, "programme-admin", {
        person,
        hold: around.account.holds[0]?.hold ?? "h-0",
      }),
    () => wish("DisposeBalance", admin, "programme-admin", { person, disposition: "forfeit" }),
    () =>
      wish("RecordHandled", chance.pick(["officer", "officer2"]), "department-officer", {
        incident,
        unit: chance.pick(officerUnits),
        result: "已处置",
        residentsBenefited: chance.below(9),
      }),
    () => wish("CloseReport", "stranger", "duty-officer", { report, reason }),
    () => wish("PayAward", "payer", "payer", { report, collectedBy: person }),
    () => wish("SettleReceivable", "payer", "payer", { person, fen: 1_000 }),
    () => wish("ForfeitAward", admin, "programme-admin", { report }),
    () => wish("LodgeAppeal", person, "reporter", { report }),
    () => answer(around, chance),
  ]
  return chance.pick(wishes)()
}

const owedBy = (state: Around["state"] | Around["matter"]): string | undefined =>
  state.status === "none" ? undefined : state.obligations.find(({ status }) => status === "open")?.id
