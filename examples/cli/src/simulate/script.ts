/**
 * The script: who does what next about a report or an incident, and when.
 *
 * A pure function of what is known and of the scenario's conduct. Everything that it plans goes through the
 * rules like anybody's command; what they refuse is not asked again. It holds no rule of the programme: it
 * only says how staff behave.
 */
import { nextOpening, type WorkingCalendar } from "@yingshao/core/calendar/working-calendar"
import { leadUnit, type Part, routeUnits } from "@yingshao/core/incident/incident"
import { fromMs, toMs } from "@yingshao/core/kernel/time"
import { findOpen, type Obligation } from "@yingshao/core/obligation/obligation"
import type { Staff } from "../county/people.ts"
import { toMinute } from "../county/reports.ts"
import type { Chance } from "../random.ts"
import type { Planned } from "./agenda.ts"
import { type Command, command } from "./command.ts"
import type { LiveIncident, LiveReport } from "./mirror.ts"
import type { Scenario } from "./scenario.ts"

export interface Action extends Planned {
  /** Actions of one lane are done one after the other. */
  readonly lane: string
  readonly command: Command
}

/** What every plan is made from. */
export interface Script {
  readonly staff: Staff
  readonly calendar: WorkingCalendar
  readonly chance: Chance
  /** What a unit is called, for the text of a reply. */
  readonly unitName: (unit: string) => string
  /** Was this command refused before? */
  readonly refused: (id: string) => boolean
}

/** What is done about a report. */
export const planReport = (
  script: Script,
  nowMs: number,
  id: string,
  report: LiveReport,
  incident: LiveIncident | undefined,
  scenario: Scenario,
): readonly Action[] => {
  const plan = planner(script, nowMs, `report/${id}`)
  const { conduct } = scenario
  const desk = (what: string) => script.chance.pick(`${scenario.handle}/${what}`, script.staff.dutyOfficers)
  if (report.status === "new") {
    const owed = findOpen(report.obligations, "answer")
    if (owed === undefined) return []
    const fields = { report: id, ...scenario.answer }
    return plan([
      part(owed, conduct.answers),
      "AnswerWhistle",
      `act:answer:${id}`,
      desk("answers"),
      "duty-officer",
      fields,
    ]).map((action) => ({ ...action, lane: answeringLane(scenario) }))
  }
  if (report.status === "closed") return []
  const answeredMs = toMs(
    report.obligations.find(({ kind }) => kind === "answer")?.endedAt ?? report.acceptedAt,
  )
  const planned: Step[] = []
  const reply = findOpen(report.obligations, "reply")
  if (reply !== undefined) {
    const text = replyText(script, incident, report.status === "withheld")
    const at = Math.max(part(reply, conduct.replies), answeredMs + 60_000)
    planned.push([
      at,
      "ReplyToReporters",
      `act:reply:${id}:${report.replies}`,
      desk("replies"),
      "duty-officer",
      { report: id, text },
    ])
  }
  if (report.status === "withheld") {
    if (report.replies > 0) {
      const at = open(script, toMs(report.lastReplyAt ?? report.acceptedAt) + 3_600_000)
      const fields = { report: id, reason: "触碰负面清单,已说明理由并回应报送人" }
      planned.push([at, "CloseReport", `act:close:${id}`, desk("closes"), "duty-officer", fields])
    }
    return plan(...planned)
  }
  if (waitsToBeWithheld(script, id, report, scenario)) {
    const fields = { report: id, reason: "触碰负面清单,经核无人身危险" }
    planned.push([
      answeredMs + 3 * 60_000,
      "WithholdReport",
      withholdId(id),
      script.staff.admins[0],
      "programme-admin",
      fields,
    ])
  }
  planned.push(...conversionSteps(script, id, report, scenario, answeredMs))
  if (incident?.status === "handled" && report.replies > 0 && reply === undefined) {
    const result = report.followUps < conduct.unsatisfied ? "unsatisfied" : conduct.followUp
    const hours = 2 + script.chance.whole(`${scenario.handle}/visit/${report.followUps}`, 0, 20)
    const at = open(
      script,
      Math.max(toMs(incident.handledAt ?? report.acceptedAt), answeredMs) + hours * 3_600_000,
    )
    const fields = { report: id, result, note: result === "unsatisfied" ? "报送人说问题还在" : "" }
    planned.push([
      at,
      "RecordFollowUp",
      `act:visit:${id}:${report.followUps}`,
      desk("visits"),
      "duty-officer",
      fields,
    ])
  }
  return plan(...planned)
}

/** What is done about an incident. `scenario` is that of its earliest report. */
export const planIncident = (
  script: Script,
  nowMs: number,
  id: string,
  incident: LiveIncident,
  scenario: Scenario,
  /** The state of its earliest report. */
  first: LiveReport | undefined,
): readonly Action[] => {
  const plan = planner(script, nowMs, `incident/${id}`)
  const owed = findOpen(incident.obligations, "handle")
  if (incident.status === "merged" || incident.status === "handled" || owed === undefined) return []
  const round = `${id}:${incident.returns}.${incident.reopened}.${incident.class}`
  if (incident.status === "open") {
    const only = incident.reports[0]?.report
    if (only !== undefined && first !== undefined && waitsToBeWithheld(script, only, first, scenario))
      return []
    const officer = script.chance.pick(
      `${scenario.handle}/hands-over/${incident.returns}`,
      script.staff.dutyOfficers,
    )
    // When the desk came to know: by the answer, or by the follow-up that reopened it; a return just happened.
    const known = incident.returns > 0 ? nowMs : toMs(incident.reopened > 0 ? owed.since : incident.openedAt)
    const after =
      60_000 * (2 + script.chance.whole(`${scenario.handle}/hands-over-after/${incident.returns}`, 0, 5))
    return plan([known + after, "HandOver", `act:hand:${round}`, officer, "duty-officer", { incident: id }])
  }
  const planned = incident.parts.flatMap((one) => partSteps(script, id, incident, one, scenario, owed, round))
  return plan(...planned, ...extensionSteps(script, id, incident, scenario, owed))
}

/**
 * The instant a share of the way from the beginning of an obligation to its due time, in opening hours where it runs
 * in them.
 */
export const part = (owed: Obligation, share: number): number =>
  toMs(owed.since) + share * (toMs(owed.due) - toMs(owed.since))

/** The first opening at or after an instant, in milliseconds. */
export const open = (script: Script, ms: number): number =>
  toMs(nextOpening(script.calendar, fromMs(Math.floor(ms))))

/** Desk work is done at quarter hours: many a matter at one instant, which is how offices work and stores like it. */
export const atQuarter = (ms: number): number => Math.ceil(ms / 900_000) * 900_000

/** One thing to do: when, which command, its id, who, in which role, with what. */
export type Step = readonly [
  atMs: number,
  type: string,
  id: string,
  person: string,
  role: string,
  fields: Readonly<Record<string, unknown>>,
  /** `exact`: at this very instant, because it comes from outside. */
  grid?: "exact" | undefined,
]

/** Turns steps into actions of one lane: not before now, on whole minutes, without what was refused before. */
export const planner =
  (script: Script, nowMs: number, lane: string) =>
  (...steps: readonly Step[]): readonly Action[] =>
    steps
      .filter(([, , id]) => !script.refused(id))
      .map(([atMs, type, id, person, role, fields, grid]) => ({
        atMs: onGrid(type, grid)(Math.max(atMs, nowMs)),
        id,
        lane,
        command: command(type, id, person, role, fields),
      }))

// internal

const onGrid = (type: string, grid: "exact" | undefined): ((ms: number) => number) =>
  grid === "exact" ? (ms) => ms : prompt.has(type) ? toMinute : atQuarter

/**
 * Answers about one kind of matter in one part of the county are given one after the other, so that they meet in
 * order.
 */
const answeringLane = ({ answer, intake }: Scenario): string => {
  const { coordinate } = intake.place
  const part =
    coordinate === undefined ? "words" : `${coordinate.lng.toFixed(1)},${coordinate.lat.toFixed(1)}`
  return `answer:${answer.facts.category}:${part}`
}

/** What is done at once, to the minute. */
const prompt: ReadonlySet<string> = new Set([
  "AnswerWhistle",
  "WithholdReport",
  "HandOver",
  "AcknowledgeOrder",
  "ReturnOrder",
  "ConvertClass",
  "DecideCalming",
  "ReplyToReporters",
])

const withholdId = (report: string): string => `act:withhold:${report}`

const waitsToBeWithheld = (script: Script, id: string, report: LiveReport, { conduct }: Scenario): boolean =>
  conduct.withheld && report.status === "open" && !script.refused(withholdId(id))

const replyText = (script: Script, incident: LiveIncident | undefined, withheld: boolean): string => {
  if (withheld) return "您反映的情况已收到。经核属于负面清单事项,不予派发,理由已当面说明。"
  if (incident?.status === "handled") return `您反映的问题已处置:${incident.result ?? "已办结"}`
  if (incident?.route !== undefined)
    return `您反映的问题已受理,由${script.unitName(leadUnit(incident.route))}办理。`
  return "您反映的问题已受理,正在核实并安排处置。"
}

const conversionSteps = (
  script: Script,
  id: string,
  report: Extract<LiveReport, { status: "open" }>,
  { handle, conduct }: Scenario,
  answeredMs: number,
): readonly Step[] => {
  const officer = script.chance.pick(`${handle}/converts`, script.staff.dutyOfficers)
  if (conduct.conversion === "newDanger" && report.class === "ordinary") {
    const fields = { report: id, trigger: "newDanger", reason: "现场出现新的人身危险" }
    return [[answeredMs + 25 * 60_000, "ConvertClass", `act:convert:${id}`, officer, "duty-officer", fields]]
  }
  if (conduct.conversion !== "dangerRemoved" || report.class === "ordinary") return []
  if (report.calming === undefined) {
    const fields = { report: id, trigger: "dangerRemoved", reason: "险情已解除" }
    return [[answeredMs + 40 * 60_000, "ConvertClass", `act:calm:${id}`, officer, "duty-officer", fields]]
  }
  const top = script.staff.verifiers.at(-1)
  if (top === undefined) return []
  const verifier = script.chance.pick(`${handle}/calms`, top.people)
  const fields = { report: id, decision: "confirm", reason: "县级核实,险情确已解除" }
  return [[answeredMs + 55 * 60_000, "DecideCalming", `act:calmed:${id}`, verifier, "verifier", fields]]
}

const partSteps = (
  script: Script,
  id: string,
  incident: LiveIncident,
  { unit, status }: Part,
  { handle, conduct }: Scenario,
  owed: Obligation,
  round: string,
): readonly Step[] => {
  if (status === "handled" || status === "returned") return []
  const officer = script.chance.pick(
    `${handle}/${unit}/officer`,
    script.staff.officers[unit] ?? script.staff.admins,
  )
  const leads = incident.route !== undefined && leadUnit(incident.route) === unit
  const acknowledge = findOpen(incident.obligations, "acknowledge", unit)
  const ready = handledMs(script, owed, conduct.handles, leads)
  const signs = acknowledge && inHours(script, acknowledge, part(acknowledge, conduct.acknowledges))
  // Whoever handles at once does not sign for it first.
  const atOnce = conduct.handles.how === "at" && (ready ?? Number.POSITIVE_INFINITY) <= (signs ?? 0)
  if (status === "ordered" && signs !== undefined && !atOnce) {
    const at = signs
    if (leads && incident.returns < conduct.returns) {
      const fields = { incident: id, unit, reason: "不属本单位职责范围,请重新核定承办单位" }
      return [[at, "ReturnOrder", `act:return:${round}:${unit}`, officer, "department-officer", fields]]
    }
    return [
      [
        at,
        "AcknowledgeOrder",
        `act:ack:${round}:${unit}`,
        officer,
        "department-officer",
        { incident: id, unit },
      ],
    ]
  }
  if (ready === undefined) return []
  const fields = {
    incident: id,
    unit,
    result: leads ? "现场已处置,隐患已消除" : "已配合处置",
    residentsBenefited: leads && incident.reopened === 0 ? conduct.residents : 0,
  }
  const handled = `act:handle:${round}:${unit}`
  const grid = conduct.handles.how === "at" ? "exact" : undefined
  return [[ready, "RecordHandled", handled, officer, "department-officer", fields, grid]]
}

const handledMs = (
  script: Script,
  owed: Obligation,
  handling: Scenario["conduct"]["handles"],
  leads: boolean,
): number | undefined => {
  if (handling.how === "never") return undefined
  if (handling.how === "at") return toMs(handling.at)
  return inHours(script, owed, part(owed, leads ? handling.share : handling.share * 0.8))
}

/** Working-time obligations are worked on in opening hours. */
const inHours = (script: Script, owed: Obligation, ms: number): number =>
  owed.clock === "workingTime" ? open(script, ms) : ms

const extensionSteps = (
  script: Script,
  id: string,
  incident: LiveIncident,
  { handle, conduct }: Scenario,
  owed: Obligation,
): readonly Step[] => {
  if (!conduct.extension || owed.extensions > 0 || incident.route === undefined) return []
  const unit = routeUnits(incident.route)[0] ?? ""
  const asker = script.chance.pick(
    `${handle}/${unit}/officer`,
    script.staff.officers[unit] ?? script.staff.admins,
  )
  const fields = {
    kind: "incident",
    debtor: id,
    obligation: owed.id,
    minutes: 960,
    reason: "需采购配件,申请延期两个工作日",
    askedBy: asker,
  }
  return [
    [
      open(script, part(owed, 0.7)),
      "ExtendObligation",
      `act:extend:${id}`,
      script.staff.admins[1] ?? script.staff.admins[0],
      "programme-admin",
      fields,
    ],
  ]
}
