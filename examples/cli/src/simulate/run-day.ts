/**
 * Runs a day: what arrives, what staff do, what becomes due, until nothing is owed any more.
 *
 * Simulated time goes from one instant at which something happens to the next. What somebody will do next
 * follows from the state of the matter, so a run that was interrupted goes on from the store, and a run that
 * is complete finds nothing to do. Every command's id is the same on every run.
 *
 * What it does not do: it decides nothing and counts nothing. The summary is read from the store.
 */
import type { CommandInput } from "@yingshao/core/commands"
import { fromMs, type Instant, toMs } from "@yingshao/core/kernel/time"
import type { Yingshao } from "@yingshao/engine"
import type { Answer } from "@yingshao/engine/handle"
import { planAccount } from "./account-script.ts"
import { makeAgenda } from "./agenda.ts"
import { planClaim } from "./claim-script.ts"
import type { SimulatedClock } from "./clock.ts"
import { type Command, command } from "./command.ts"
import { runErrands } from "./lanes.ts"
import { type LiveReport, type Mirror, makeMirror } from "./mirror.ts"
import { planReward, type RewardScript } from "./reward-script.ts"
import type { Scenario } from "./scenario.ts"
import { type Action, planIncident, planReport } from "./script.ts"

export interface Day {
  readonly yingshao: Yingshao
  readonly clock: SimulatedClock
  readonly script: Omit<RewardScript, "refused" | "capped">
  /** In order of arrival. */
  readonly scenarios: readonly Scenario[]
  /** Nothing is simulated after this. */
  readonly until: Instant
  readonly onProgress: (at: Instant, waiting: () => number) => void
}

/** What the rules refused to the script, by code; of no meaning but to those who mend the script. */
export interface DayRun {
  readonly endedAt: Instant
  readonly commands: number
  readonly refusals: ReadonlyMap<string, number>
}

export const runDay = async (day: Day): Promise<DayRun> => {
  const simulation = simulationOf(day)
  await simulation.resume()
  for (let steps = 0; ; steps += 1) {
    const nextMs = simulation.nextMs()
    if (nextMs === undefined || nextMs > toMs(day.until)) break
    day.clock.moveTo(nextMs)
    await simulation.step()
    if (steps % 16 === 0) day.onProgress(fromMs(day.clock.now()), simulation.waiting)
  }
  await day.yingshao.relay.drain()
  return { endedAt: fromMs(day.clock.now()), ...simulation.counts() }
}

// internal

/** Something to be done now: an arrival, or an action about a matter. */
interface Errand {
  readonly lane: string
  readonly command: Command
}

/** The relay looks into the outbox when so much simulated time has passed. */
const relayEveryMs = 12 * 3_600_000

const simulationOf = (day: Day) => {
  const { yingshao, clock, scenarios } = day
  const byHandle = new Map(scenarios.map((one) => [one.handle, one]))
  const agenda = makeAgenda<Action>()
  const mirror = makeMirror(yingshao.queries)
  const refusals = new Map<string, number>()
  const refused = new Set<string>()
  const capped = new Map<string, readonly string[]>()
  const script: RewardScript = {
    ...day.script,
    refused: (id) => refused.has(id),
    capped: (report) => capped.get(report) ?? [],
  }
  let arrivals: readonly Scenario[] = scenarios
  let arrived = 0
  let commands = 0
  let looked = 0
  let due: Instant | undefined

  const replan = planning(script, mirror, agenda, byHandle, () => clock.now())

  const done = async (errand: Errand, answer: Answer): Promise<void> => {
    commands += 1
    if (answer.ok) {
      await replan(await mirror.take(answer.events))
      return
    }
    const { code, detail } = answer.refusal
    refusals.set(code, (refusals.get(code) ?? 0) + 1)
    refused.add(errand.command.id)
    const report = errand.command.report
    if (
      typeof report === "string" &&
      errand.command.type === "ApproveReward" &&
      code.endsWith("cap-reached")
    ) {
      capped.set(report, [...(capped.get(report) ?? []), String(detail.cap)])
    }
    // Somebody else may have to do something instead: the plans without it are other plans.
    const state = typeof report === "string" ? await mirror.report(report) : undefined
    if (state !== undefined && state.status !== "new") await replan([`incident/${state.incident}`])
    else if (errand.lane.startsWith("incident/")) await replan([errand.lane])
  }

  /** Lets the scheduler do what is due, and remembers when it has to come again. */
  const remind = async (): Promise<void> => {
    due = await yingshao.scheduler.nextDueAt()
    if (due === undefined || toMs(due) > clock.now()) return
    await yingshao.scheduler.runDue()
    // What it was refused stays due and is not asked again.
    due = await yingshao.scheduler.nextDueAt(fromMs(clock.now() + 1))
  }

  return {
    waiting: () => agenda.size() + arrivals.length - arrived,
    counts: () => ({ commands, refusals }),
    /** Finds what is in the store already, and plans it. */
    async resume() {
      const here = new Set<string>()
      for await (const { id, version, state } of yingshao.queries.readAll("report")) {
        if (state.status === "none") continue
        if (state.original !== undefined) here.add(state.original)
        mirror.put("report", id, version, state)
        const incident = state.status === "new" ? undefined : state.incident
        await replan([`report/${id}`, ...(incident === undefined ? [] : [`incident/${incident}`])])
      }
      for await (const { id, version, state } of yingshao.queries.readAll("account")) {
        mirror.put("account", id, version, state)
        await replan([`account/${id}`])
      }
      arrivals = scenarios.filter(({ handle }) => !here.has(handle))
      await remind()
    },
    nextMs(): number | undefined {
      const arrival = arrivals[arrived]
      return [arrival && toMs(arrival.arrivesAt), agenda.nextMs(), due && toMs(due)]
        .filter((ms) => ms !== undefined)
        .reduce<number | undefined>(
          (least, ms) => (least === undefined || ms < least ? ms : least),
          undefined,
        )
    },
    async step() {
      const now = clock.now()
      const errands: Errand[] = []
      for (
        let next = arrivals[arrived];
        next !== undefined && toMs(next.arrivesAt) <= now;
        next = arrivals[arrived]
      ) {
        arrived += 1
        errands.push(arrivalOf(next))
      }
      errands.push(...agenda.takeUntil(now))
      await runErrands<Errand>(errands, (one) => yingshao.handle(one as CommandInput), done)
      await remind()
      if (now - looked >= relayEveryMs) {
        looked = now
        await yingshao.relay.drain()
      }
    },
  }
}

const arrivalOf = ({ handle, by, intake }: Scenario): Errand => ({
  lane: `intake/${by.person}`,
  command: command("SubmitReport", `report:${handle}`, by.person, by.role, intake),
})

/**
 * Plans whatever depends on the streams that changed, each thing once: a report and its reward; an incident and
 * all its reports.
 */
const planning = (
  script: RewardScript,
  mirror: Mirror,
  agenda: ReturnType<typeof makeAgenda<Action>>,
  scenarios: ReadonlyMap<string, Scenario>,
  nowMs: () => number,
) => {
  const scenarioOf = (report: LiveReport | undefined): Scenario | undefined =>
    report?.original === undefined ? undefined : scenarios.get(report.original)

  const planOne = async (id: string): Promise<void> => {
    const report = await mirror.report(id)
    const scenario = scenarioOf(report)
    if (report === undefined || scenario === undefined) return
    const incident =
      report.status === "new" || report.incident === undefined
        ? undefined
        : await mirror.incident(report.incident)
    agenda.plan(`report/${id}`, planReport(script, nowMs(), id, report, incident, scenario))
    const file = report.status === "new" ? undefined : await mirror.reward(id)
    if (file === undefined) return
    const actions = planReward(script, nowMs(), id, file, report, incident, scenario)
    agenda.plan(`reward/${id}`, actions)
    if (actions.length > 0 || report.status !== "closed" || file.status === "verifying") return
    mirror.forget("report", id)
    mirror.forget("reward", id)
    // Another report of the same matter reads it from the store again.
    if (report.incident !== undefined) mirror.forget("incident", report.incident)
  }

  /** @returns the reports of the incident, which depend on it. */
  const planWhole = async (id: string): Promise<readonly string[]> => {
    const incident = await mirror.incident(id)
    if (incident === undefined) return []
    const first = incident.reports[0]
    const report = first === undefined ? undefined : await mirror.report(first.report)
    const scenario = scenarioOf(report)
    if (scenario !== undefined && first !== undefined) {
      const holder = await mirror.reward(first.report)
      agenda.plan(`incident/${id}`, [
        ...planIncident(script, nowMs(), id, incident, scenario, report),
        ...planClaim(script, nowMs(), id, incident, holder, scenario),
      ])
    }
    return incident.reports.map((member) => member.report)
  }

  return async (streams: readonly string[]): Promise<void> => {
    const incidents = new Set<string>()
    const reports = new Set<string>()
    for (const stream of streams) {
      const [kind = "", id = ""] = stream.split("/")
      if (kind === "account") agenda.plan(stream, planAccount(script, nowMs(), id, await mirror.account(id)))
      else if (kind === "incident") incidents.add(id)
      else reports.add(id)
      if (kind !== "reward" || (await mirror.reward(id))?.verdict !== "false") continue
      const report = await mirror.report(id)
      if (report !== undefined && report.status !== "new") incidents.add(report.incident ?? "")
    }
    for (const id of incidents) for (const report of await planWhole(id)) reports.add(report)
    for (const id of reports) await planOne(id)
  }
}
