/**
 * A tour through a county that gives every kind of command there is at least once, and the list of those
 * commands as data: what stood before each, and when it was given.
 *
 * It is no test of the rules. Where no way leads to an accepted command (a removal disposes of the balance
 * itself, so `DisposeBalance` comes too late), the refused one stands for its kind: a refusal is committed
 * like everything else.
 */
import type { CommandInput, CommandType } from "@yingshao/core/commands"
import { commandTypes } from "@yingshao/core/commands"
import { schedulerActor } from "@yingshao/core/kernel/roles"
import type { Yingshao } from "@yingshao/engine"
import type { Answer } from "@yingshao/engine/handle"
import { memoryStorage } from "@yingshao/storage-memory"
import {
  admission,
  appointments,
  type Clock,
  commandOf,
  idIn,
  laterPolicy,
  levels,
  openCounty,
  photo,
  placeAt,
  standingClock,
  startMs,
} from "./county.ts"

/** One command, and the instant of the clock when it was given. */
export interface Step {
  readonly atMs: number
  readonly command: CommandInput
  /** `accepted`, or the refusal's code. */
  readonly answer: string
}

/** Every command of the tour in order; the opening of the programme itself comes before the first. */
export const tour = async (): Promise<readonly Step[]> => {
  const clock = standingClock()
  const steps: Step[] = []
  const county = recording(await openCounty(memoryStorage(), clock), clock, steps)
  const guide = guideOf(county, clock)
  await settleIn(guide)
  const { fire, lamp } = await matters(guide)
  await incidents(guide, fire)
  await rewards(guide, fire, lamp)
  await endings(guide)
  await county.close()
  return steps
}

/** For each kind of command, the number of its first accepted step (or its first, when none was accepted). */
export const firstOfEachKind = (steps: readonly Step[]): ReadonlyMap<CommandType, number> => {
  const first = new Map<CommandType, number>()
  for (const type of commandTypes) {
    const accepted = steps.findIndex(({ command, answer }) => command.type === type && answer === "accepted")
    const any = steps.findIndex(({ command }) => command.type === type)
    const at = accepted === -1 ? any : accepted
    if (at !== -1) first.set(type, at)
  }
  return first
}

// internal

const recording = (county: Yingshao, clock: Clock, steps: Step[]): Yingshao => ({
  ...county,
  handle: async (command) => {
    const answer = await county.handle(command)
    steps.push({ atMs: clock.now(), command, answer: answer.ok ? "accepted" : answer.refusal.code })
    return answer
  },
})

type Ask = (
  type: CommandType,
  person: string,
  role: CommandInput["by"]["role"],
  payload: object,
) => Promise<Answer>

interface Guide {
  readonly county: Yingshao
  /** Gives a command a minute later; throws when it is refused. */
  readonly give: (command: CommandInput) => Promise<Answer>
  readonly must: Ask
  /** Gives a command that may be refused. */
  readonly may: Ask
  readonly days: (days: number) => void
}

const guideOf = (county: Yingshao, clock: Clock): Guide => {
  let given = 0
  const ask = (command: CommandInput): Promise<Answer> => {
    clock.set(clock.now() + 60_000)
    return county.handle(command)
  }
  const give = async (command: CommandInput): Promise<Answer> => {
    const answer = await ask(command)
    if (answer.ok) return answer
    throw new Error(`${command.type} by ${command.by.person}: ${JSON.stringify(answer.refusal)}`)
  }
  const next: (...parts: Parameters<Ask>) => CommandInput = (type, person, role, payload) => {
    given += 1
    return commandOf(`tour-${given}`, type, person, role, payload)
  }
  return {
    county,
    give,
    may: (...parts) => ask(next(...parts)),
    must: (...parts) => give(next(...parts)),
    days: (days) => clock.set(Math.max(clock.now(), startMs) + days * 86_400_000),
  }
}

const admin = ["admin", "programme-admin"] as const
const duty = ["duty", "duty-officer"] as const
const reason = "理由"

/** Staff, informants, members, items, units, years, and a later policy. */
const settleIn = async ({ give, must, days }: Guide): Promise<void> => {
  for (const [person, role, scopes] of appointments) {
    await must("AppointStaff", ...admin, { person, role, scopes })
  }
  await must("AppointStaff", ...admin, { person: "short-stay", role: "auditor", scopes: [] })
  await must("DismissStaff", ...admin, { person: "short-stay", role: "auditor", reason })
  const people = ["zhang", "wang", "zhao", "qian"]
  for (const person of people) {
    const more = person === "qian" ? { validUntil: "2026-03-20" } : {}
    for (const one of admission(person, more)) await give(one)
  }
  await must("ApplyAsInformant", "sun", "reporter", {
    sector: "sanitation",
    organisation: "clean-town",
    consent: "consent-2026-1",
    age: 30,
  })
  await must("WithdrawApplication", "sun", "reporter", {})
  for (const person of ["li", "zhou"]) {
    await must("EnrolMember", "captain", "captain", {
      person,
      sector: "sanitation",
      organisation: "clean-town",
      consent: "consent-2026-1",
      leader: "zhang",
    })
  }
  await must("AssignSquadLeader", "captain", "captain", { member: "li", leader: "wang" })
  await must("EndMembership", "captain", "captain", { person: "zhou", reason })
  await must("RemindInformant", "captain", "captain", { person: "wang", reason })
  await must("SuspendInformant", ...admin, { person: "zhao", reason })
  await must("ReinstateInformant", "admin2", "programme-admin", { person: "zhao", reason })
  const entry = { nameZh: "毛巾", nameEn: "towel", points: 4 }
  await must("RegisterItem", ...admin, { item: "towel", entry })
  await must("StockItem", ...admin, { item: "towel", units: 3 })
  await must("RegisterUnit", ...admin, {
    unit: { id: "old-office", kind: "department", nameZh: "旧办", nameEn: "old office" },
  })
  await must("CloseUnit", ...admin, { unit: "old-office" })
  await must("DissolveUnit", ...admin, { unit: "old-office", successor: "community-office" })
  await must("AddCalendarYear", ...admin, { year: { year: 2027, holidays: [], makeUpWorkdays: [] } })
  const { id, digest, canonical, effectiveFrom } = laterPolicy()
  await must("AdoptPolicy", "policy-officer", "policy-officer", {
    policy: { id, digest, canonical, effectiveFrom },
  })
  days(1)
}

const fireFacts = { category: "fire", danger: "yes", ongoing: "yes", affected: 3 }
const lampFacts = { category: "facility", danger: "no", ongoing: "yes", affected: 0 }

const submit = async ({ must }: Guide, person: string, eastM: number): Promise<string> =>
  idIn(
    await must("SubmitReport", person, "reporter", {
      channel: "app",
      reporters: [person],
      photos: [photo],
      place: placeAt(eastM),
    }),
    "report",
  )

const answerIt = async (guide: Guide, report: string, facts: object, more: object = {}): Promise<string> => {
  await guide.must("AnswerWhistle", ...duty, { report, facts, ...more })
  const { state } = await guide.county.queries.state("report", report)
  if (state.status === "none" || state.status === "new") throw new Error("not answered")
  return state.incident ?? "none"
}

interface Matter {
  readonly report: string
  readonly incident: string
}

/** Reports from intake to closing, one withheld, one converted and calmed. */
const matters = async (guide: Guide): Promise<{ fire: Matter; lamp: Matter }> => {
  const { must } = guide
  const late = await submit(guide, "wang", 5_000)
  guide.days(1)
  await must("EscalateObligation", schedulerActor.person, "scheduler", {
    kind: "report",
    debtor: late,
    obligation: await owedBy(guide, "report", late),
    level: 1,
  })
  const lampReport = await submit(guide, "zhang", 0)
  const lamp = { report: lampReport, incident: await answerIt(guide, lampReport, lampFacts) }
  await must("ConvertClass", ...duty, { report: lamp.report, trigger: "newDanger", reason })
  await must("ConvertClass", ...duty, { report: lamp.report, trigger: "dangerRemoved", reason })
  await must("DecideCalming", "verifier-county", "verifier", {
    report: lamp.report,
    decision: "confirm",
    reason,
  })
  await must("HandOver", ...duty, { incident: lamp.incident })
  await partnerSays(guide, lamp.incident)
  const obligation = await owedBy(guide, "incident", lamp.incident)
  const officer = "officer-housing-construction"
  const ask = { incident: lamp.incident, obligation, minutes: 60, reason }
  await must("AskExtension", officer, "department-officer", ask)
  await must("DeclineExtension", ...duty, { incident: lamp.incident, obligation, reason })
  await must("ExtendObligation", ...duty, {
    kind: "incident",
    debtor: lamp.incident,
    obligation,
    minutes: 60,
    reason,
    askedBy: officer,
  })
  await handled(guide, lamp.incident)
  await must("ReplyToReporters", ...duty, { report: lamp.report, text: "已修好" })
  await must("RecordFollowUp", ...duty, { report: lamp.report, result: "satisfied" })
  await must("AnnotateReport", "auditor", "auditor", { report: lamp.report, note: "备注" })
  const listed = await submit(guide, "wang", 2_000)
  await answerIt(guide, listed, lampFacts, { negative: "not1" })
  await must("WithholdReport", ...duty, { report: listed, reason })
  await must("ReplyToReporters", ...duty, { report: listed, text: "已答复" })
  await must("CloseReport", ...duty, { report: listed, reason })
  const fireReport = await submit(guide, "zhang", 9_000)
  const fire = { report: fireReport, incident: await answerIt(guide, fireReport, fireFacts) }
  await must("SetLegalHold", "auditor", "auditor", { report: fire.report, reason })
  return { fire, lamp }
}

/** A partner's receipts: one before its appointment and tried again, one that nobody waits for. */
const partnerSays = async ({ county, must }: Guide, incident: string): Promise<void> => {
  const { state } = await county.queries.state("incident", incident)
  const part = state.status === "none" ? undefined : state.parts[0]
  if (part?.order === undefined) throw new Error("no order went out")
  const says = (key: string, ref: string) =>
    must("TakeReceipt", schedulerActor.person, "scheduler", {
      key: key.repeat(40),
      receipt: { id: key, source: "water", type: "received", ref, time: "2026-03-02T02:00:00.000Z" },
    })
  await says("a", part.order)
  await must("AppointStaff", ...admin, { person: "water", role: "partner", scopes: [part.unit] })
  await must("RetryReceipt", ...duty, { receipt: "a".repeat(40) })
  await says("b", "o-none")
  await must("DismissReceipt", ...duty, { receipt: "b".repeat(40), reason })
}

/** Orders, returns, leads, merging, splitting, and a claim that changes hands. */
const incidents = async (guide: Guide, fire: Matter): Promise<void> => {
  const { must } = guide
  await must("HandOver", ...duty, { incident: fire.incident })
  await must("AcknowledgeOrder", "officer-police", "department-officer", {
    incident: fire.incident,
    unit: "police",
  })
  await must("PassLead", ...duty, { incident: fire.incident, to: "community", reason })
  await must("ReturnOrder", "officer-police", "department-officer", {
    incident: fire.incident,
    unit: "police",
    reason,
  })
  await handled(guide, fire.incident)
  await must("ReplyToReporters", ...duty, { report: fire.report, text: "已处置" })
  const one = await submit(guide, "wang", 12_000)
  const other = await submit(guide, "zhao", 14_000)
  const from = await answerIt(guide, one, fireFacts)
  const into = await answerIt(guide, other, fireFacts)
  await must("MergeIncidents", ...duty, { from, into, reason })
  await must("SplitIncident", ...duty, { incident: into, reports: [other], reason })
  await verify(guide, one, "false", "emergency", ["village"])
  await must("ProposeClaimChange", "verifier-county", "verifier", {
    incident: into,
    change: { kind: "revoke" },
    reason,
  })
  await must("ConfirmClaimChange", "admin2", "programme-admin", { incident: into })
}

/** Cash paid, recovered and settled; points granted, held, spent and given back; an appeal; a forfeit. */
const rewards = async (guide: Guide, fire: Matter, lamp: Matter): Promise<void> => {
  const { must, may, days } = guide
  await approve(guide, fire.report, "emergency")
  await must("PayAward", "payer", "payer", { report: fire.report, collectedBy: "zhang" })
  await must("ProposeFinding", "auditor", "auditor", {
    report: fire.report,
    finding: "miscalculated",
    rightAmount: 0,
    reason,
  })
  await must("DecideFinding", ...admin, { report: fire.report, decision: "confirm", reason })
  await must("SettleReceivable", "payer", "payer", { person: "zhang", fen: 1_000 })
  await approve(guide, lamp.report, "ordinary")
  const hold = async (): Promise<string> => {
    await must("HoldRedemption", "zhang", "reporter", { item: "towel" })
    const { state } = await guide.county.queries.state("account", "zhang")
    return state.holds[0]?.hold ?? "none"
  }
  await must("ReleaseRedemption", "payer", "payer", { person: "zhang", hold: await hold() })
  await must("CommitRedemption", "payer", "payer", { person: "zhang", hold: await hold() })
  const late = await submit(guide, "wang", 20_000)
  await answerIt(guide, late, fireFacts)
  await verify(guide, late, "false", "emergency", ["village"])
  await grade(guide, late)
  await must("ApproveReward", "approver", "approver", { report: late, interest: "none" })
  await must("LodgeAppeal", "wang", "reporter", { report: late })
  await must("DecideAppeal", ...admin, { report: late, outcome: "upheld", reason })
  const kept = await submit(guide, "wang", 24_000)
  await answerIt(guide, kept, fireFacts)
  await approve(guide, kept, "emergency")
  days(61)
  await must("ForfeitAward", ...admin, { report: kept })
  days(800)
  await may("ExpireLots", ...admin, { person: "zhang" })
}

/** People who leave. */
const endings = async ({ must, may }: Guide): Promise<void> => {
  await must("ExpireCredential", ...admin, { person: "qian" })
  await must("WithdrawAsInformant", "zhao", "reporter", {})
  await must("RemoveParticipant", ...admin, {
    person: "wang",
    reason,
    balance: "forfeit",
    successor: "zhang",
  })
  await may("DisposeBalance", ...admin, { person: "wang", disposition: "forfeit" })
}

const owedBy = async (guide: Guide, kind: "report" | "incident", id: string): Promise<string> => {
  const { state } = await guide.county.queries.state(kind, id)
  const owed = state.status === "none" ? [] : state.obligations.filter(({ status }) => status === "open")
  return owed.find((one) => one.kind !== "acknowledge")?.id ?? "none"
}

const handled = async (guide: Guide, incident: string): Promise<void> => {
  for (let part = 0; part < 9; part += 1) {
    const { state } = await guide.county.queries.state("incident", incident)
    const open =
      state.status === "handed-over"
        ? state.parts.find(({ status }) => status !== "handled" && status !== "returned")
        : undefined
    if (open === undefined) return
    await guide.must("RecordHandled", `officer-${open.unit}`, "department-officer", {
      incident,
      unit: open.unit,
      result: "已处置",
      residentsBenefited: part === 0 ? 5 : 0,
    })
  }
}

const verify = async (
  { must }: Guide,
  report: string,
  verdict: string,
  confirmedClass: string,
  through: readonly string[] = levels,
): Promise<void> => {
  for (const level of through) {
    await must("VerifyReport", `verifier-${level}`, "verifier", {
      report,
      level,
      verdict,
      confirmedClass,
      reason,
    })
  }
}

const grade = ({ must }: Guide, report: string) =>
  must("GradeReport", "admin3", "programme-admin", {
    report,
    grading: { value: "minor", difficulty: "easy" },
    reason: "现场评定",
  })

const approve = async (guide: Guide, report: string, confirmedClass: string): Promise<void> => {
  await verify(guide, report, "true", confirmedClass)
  await grade(guide, report)
  await guide.must("ApproveReward", "approver", "approver", { report, interest: "none" })
}
