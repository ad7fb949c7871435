/**
 * Rivals from four processes on one SQLite file: for one matter, one day's cap, one balance, and an approval
 * against a suspension. Beside the first runs a naive version that only looks before it writes, and must
 * give some matter two holders.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { CommandInput } from "@yingshao/core/commands"
import type { Yingshao } from "@yingshao/engine"
import type { Answer } from "@yingshao/engine/handle"
import type { CompiledPolicy } from "@yingshao/policy/policy"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import type { RivalJob } from "./child-rival.ts"
import {
  admission,
  type Clock,
  commandOf,
  idIn,
  laterPolicy,
  levels,
  openCounty,
  photo,
  placeAt,
  staffing,
  standingClock,
  startMs,
} from "./county.ts"

export interface RivalOptions {
  readonly folder: string
  /** Matters that four processes report and answer at once. */
  readonly matters: number
  /** Matters of the naive control. */
  readonly naiveMatters: number
  /** Informants each of whom is paid, redeems or is suspended under rivals. */
  readonly people: number
  readonly say: (line: string) => void
}

/** @returns what was wrong, a sentence each; a control that did not fail is among it. */
export const rivals = async (options: RivalOptions): Promise<readonly string[]> => {
  mkdirSync(options.folder, { recursive: true })
  const policy = laterPolicy()
  const scene = await openScene(options.folder, "rivals", policy)
  const stages = [
    await oneHolder(scene, options.matters),
    await onePlace(scene, 32),
    await capHolds(scene, options.people),
    await balanceHolds(scene, options.people),
    await noAwardToSuspended(scene, options.people),
  ]
  const { codes, problems } = await race(scene, mixed(stages.map(({ commands }) => commands)), "guarded")
  const all = [...problems, ...(await findings(scene.county))]
  for (const { what, check } of stages) {
    const wrong = await check(codes)
    options.say(`${what}: ${wrong.length === 0 ? "held" : `${wrong.length} problems`}`)
    all.push(...wrong)
  }
  await scene.county.close()
  return [...all, ...(await naiveControl(options, policy))]
}

/** Processes that work on the file at once. */
export const processes = 4

// internal

const rivalsForOne = 8
const patienceMs = 900_000

interface Scene {
  readonly file: string
  readonly clock: Clock
  readonly policy: CompiledPolicy
  readonly county: Yingshao
  /** Gives a command that must be accepted. */
  readonly give: (command: CommandInput) => Promise<Answer>
}

/** What is prepared before the race, what is raced for, and what must have come of it. */
interface Stage {
  readonly what: string
  readonly commands: readonly CommandInput[]
  /** @param codes what each command ended in, by id. @returns what was wrong. */
  readonly check: (codes: ReadonlyMap<string, string>) => Promise<readonly string[]>
}

const openScene = async (folder: string, name: string, policy: CompiledPolicy): Promise<Scene> => {
  const file = join(folder, `${name}.db`)
  const clock = standingClock(startMs + 86_400_000)
  const county = await openCounty(await openSqliteStorage(file), clock, policy)
  const give = async (command: CommandInput): Promise<Answer> => {
    const answer = await county.handle(command)
    if (answer.ok) return answer
    throw new Error(`${command.type} ${command.id}: ${JSON.stringify(answer.refusal)}`)
  }
  for (const staff of staffing) await give(staff)
  return { file, clock, policy, county, give }
}

/** The stages' commands in turn, as long as each has some. */
const mixed = (lists: readonly (readonly CommandInput[])[]): readonly CommandInput[] => {
  const longest = Math.max(...lists.map(({ length }) => length))
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list.slice(at, at + 1))).flat()
}

/** Gives each process its commands, lets all go at once, and gathers what each command ended in. */
const race = async (
  { file, clock, policy }: Pick<Scene, "file" | "clock" | "policy">,
  commands: readonly CommandInput[],
  way: "guarded" | "naive",
): Promise<{ readonly codes: ReadonlyMap<string, string>; readonly problems: readonly string[] }> => {
  const workers = Array.from({ length: processes }, (_, worker) => {
    const mine = commands.filter((_, at) => at % processes === worker)
    const list = `${file}-${worker}.json`
    writeFileSync(list, JSON.stringify({ canonical: policy.canonical, commands: mine } satisfies RivalJob))
    const script = join(import.meta.dirname, "child-rival.ts")
    const child = spawn(process.execPath, [
      "--conditions=@yingshao/source",
      script,
      ...[file, list, String(clock.now()), way],
    ])
    const text = { out: "", err: "" }
    child.stdout.on("data", (data) => {
      text.out += data
    })
    child.stderr.on("data", (data) => {
      text.err += data
    })
    return { child, mine, text, ready: once(child.stdout, "data"), ended: once(child, "close") }
  })
  await Promise.all(workers.map(({ ready, ended }) => Promise.race([ready, ended])))
  for (const { child } of workers) child.stdin.write("go\n")
  const hung = await allEnded(workers)
  const codes = new Map<string, string>()
  const problems = hung ? ["a process did not end"] : []
  for (const { mine, text } of workers) {
    if (text.err !== "") problems.push(`a process said: ${text.err.slice(0, 400)}`)
    const said = JSON.parse(text.out.trim().split("\n").at(-1)?.replace("ready", "[]") ?? "[]") as string[]
    if (said.length !== mine.length) problems.push(`${mine.length - said.length} commands were not answered`)
    for (const [at, { id }] of mine.entries()) codes.set(id, said[at] ?? "no answer")
  }
  return { codes, problems }
}

const allEnded = async (
  workers: readonly { readonly child: ChildProcess; readonly ended: Promise<unknown> }[],
): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<true>((resolve) => {
    timer = setTimeout(() => resolve(true), patienceMs)
  })
  const hung = await Promise.race([Promise.all(workers.map(({ ended }) => ended)).then(() => false), late])
  clearTimeout(timer)
  if (hung) for (const { child } of workers) child.kill("SIGKILL")
  return hung
}

const submission = (person: string, id: string, eastM: number, northM = 0): CommandInput =>
  commandOf(id, "SubmitReport", person, "reporter", {
    channel: "app",
    reporters: [person],
    photos: [photo],
    place: placeAt(eastM, northM),
  })

const fire = { category: "fire", danger: "yes", ongoing: "yes", affected: 3 }
const lamp = { category: "facility", danger: "no", ongoing: "yes", affected: 0 }

/** Reports of each matter, a few metres apart and unanswered, and everybody's answers. */
const matters = async (scene: Scene, count: number) => {
  const reports: (readonly string[])[] = []
  for (let matter = 0; matter < count; matter += 1) {
    const sent = Array.from({ length: processes }, (_, at) =>
      scene.give(submission(`person-${matter}-${at}`, `send-${matter}-${at}`, matter * 1_000 + at * 5)),
    )
    reports.push((await Promise.all(sent)).map((answer) => idIn(answer, "report")))
  }
  const commands = reports.flatMap((of) =>
    of.map((report) =>
      commandOf(`answer-${report}`, "AnswerWhistle", "duty", "duty-officer", { report, facts: fire }),
    ),
  )
  return { reports, commands }
}

const oneHolder = async (scene: Scene, count: number): Promise<Stage> => {
  const { reports, commands } = await matters(scene, count)
  return {
    what: `${count} matters × ${processes} processes, one holder each`,
    commands,
    check: async (codes) => {
      const refused = commands.filter(({ id }) => codes.get(id) !== "accepted")
      const wrong = refused.map(({ id }) => `L15 ${id} was answered ${codes.get(id)}`)
      for (const [matter, of] of reports.entries()) {
        const problem = await notOneHolder(scene.county, of)
        if (problem !== undefined) wrong.push(`L14 matter ${matter}: ${problem}`)
      }
      return wrong
    },
  }
}

/** L15: many answers at one place at once, of which none may be told to come back. */
const onePlace = async (scene: Scene, count: number): Promise<Stage> => {
  const reports: string[] = []
  for (let at = 0; at < count; at += 1) {
    reports.push(idIn(await scene.give(submission(`crowd-${at}`, `send-crowd-${at}`, 0, 500_000)), "report"))
  }
  const commands = reports.map((report) =>
    commandOf(`once-${report}`, "AnswerWhistle", "duty", "duty-officer", { report, facts: fire }),
  )
  return {
    what: `${count} answers at one place at once, each asked once`,
    commands,
    check: async (codes) => {
      const refused = commands.filter(({ id }) => codes.get(id) !== "accepted")
      const problem = await notOneHolder(scene.county, reports)
      return [
        ...refused.map(({ id }) => `L15 ${id} was answered ${codes.get(id)}`),
        ...(problem === undefined ? [] : [`L14 ${problem}`]),
      ]
    },
  }
}

/** The same from processes that trust what they saw: some matter must get another number of holders. */
const naiveControl = async (
  { folder, naiveMatters, say }: RivalOptions,
  policy: CompiledPolicy,
): Promise<readonly string[]> => {
  const scene = await openScene(folder, "naive", policy)
  const { reports, commands } = await matters(scene, naiveMatters)
  const { problems } = await race(scene, commands, "naive")
  let wrong = 0
  for (const of of reports) if ((await notOneHolder(scene.county, of)) !== undefined) wrong += 1
  await scene.county.close()
  say(`control that only looks first: ${wrong} of ${naiveMatters} matters without one holder`)
  if (wrong > 0) return []
  return [`the naive control gave every matter one holder, so nothing raced: ${problems.join("; ")}`]
}

/** L14, L15: all reports open in one incident, one of them first, the others told so. */
const notOneHolder = async (county: Yingshao, reports: readonly string[]): Promise<string | undefined> => {
  const incidents = new Set<string>()
  let first = 0
  for (const report of reports) {
    const { state } = await county.queries.state("report", report)
    if (state.status !== "open") return `a report is ${state.status}`
    incidents.add(state.incident ?? "none")
    if (state.rank === "first") first += 1
  }
  if (incidents.size !== 1) return `${incidents.size} incidents`
  return first === 1 ? undefined : `${first} first reports`
}

const findings = async (county: Yingshao): Promise<readonly string[]> =>
  (await county.checkWorld()).findings
    .slice(0, 5)
    .map(({ invariant, where, en }) => `${invariant} ${where}: ${en}`)

/** Informants of a stage, admitted. */
const people = async ({ give }: Scene, key: string, count: number): Promise<readonly string[]> => {
  const all = Array.from({ length: count }, (_, at) => `${key}-${at}`)
  for (const person of all) for (const one of admission(person)) await give(one)
  return all
}

/** From intake to a graded file that waits for its approval. */
const readyToApprove = async (
  { give }: Pick<Scene, "give">,
  person: string,
  key: string,
  eastM: number,
  facts: object,
  northM = 0,
): Promise<string> => {
  const report = idIn(await give(submission(person, `send-${key}`, eastM, northM)), "report")
  await give(commandOf(`answer-${key}`, "AnswerWhistle", "duty", "duty-officer", { report, facts }))
  for (const level of levels) {
    await give(
      commandOf(`verify-${key}-${level}`, "VerifyReport", `verifier-${level}`, "verifier", {
        report,
        level,
        verdict: "true",
        confirmedClass: facts === fire ? "emergency" : "ordinary",
        reason: "现场核实",
      }),
    )
  }
  await give(
    commandOf(`grade-${key}`, "GradeReport", "admin3", "programme-admin", {
      report,
      grading: { value: "minor", difficulty: "easy" },
      reason: "现场评定",
    }),
  )
  return report
}

const approval = (report: string): CommandInput =>
  commandOf(`approve-${report}`, "ApproveReward", "approver", "approver", { report, interest: "none" })

/** L21: 200 yuan a day and person, awards of 50: of eight approvals at once four fit. */
const capHolds = async (scene: Scene, count: number): Promise<Stage> => {
  const earners = await people(scene, "earner", count)
  const owners = new Map<string, string>()
  for (const [at, person] of earners.entries()) {
    for (let nth = 0; nth < rivalsForOne; nth += 1) {
      const eastM = -(1 + at * rivalsForOne + nth) * 1_000
      const report = await readyToApprove(scene, person, `${person}-${nth}`, eastM, fire)
      owners.set(`approve-${report}`, person)
    }
  }
  return {
    what: `${count} people × ${rivalsForOne} approvals under a daily cap for four`,
    commands: [...owners.keys()].map((id) => approval(id.slice("approve-".length))),
    check: async (codes) => unlike("L21", earners, owners, codes, { accepted: 4, "cap-reached": 4 }),
  }
}

/** L4, L19: ten points, four an item: of eight redemptions at once two fit. */
const balanceHolds = async (scene: Scene, count: number): Promise<Stage> => {
  const savers = await people(scene, "saver", count)
  const entry = { nameZh: "毛巾", nameEn: "towel", points: 4 }
  const admin = ["admin", "programme-admin"] as const
  await scene.give(commandOf("item", "RegisterItem", ...admin, { item: "towel", entry }))
  await scene.give(commandOf("stock", "StockItem", ...admin, { item: "towel", units: 5_000 }))
  const owners = new Map<string, string>()
  for (const [at, person] of savers.entries()) {
    for (let nth = 0; nth < 2; nth += 1) {
      const northM = (1 + at * 2 + nth) * 1_000
      await scene.give(approval(await readyToApprove(scene, person, `${person}-${nth}`, 0, lamp, northM)))
    }
    for (let nth = 0; nth < rivalsForOne; nth += 1) owners.set(`hold-${person}-${nth}`, person)
  }
  return {
    what: `${count} people × ${rivalsForOne} redemptions of a balance for two`,
    commands: [...owners].map(([id, person]) =>
      commandOf(id, "HoldRedemption", person, "reporter", { item: "towel" }),
    ),
    check: async (codes) =>
      unlike("L19", savers, owners, codes, { accepted: 2, "insufficient-points": rivalsForOne - 2 }),
  }
}

/** Whose commands did not end in just these codes, so often. */
const unlike = (
  invariant: string,
  people: readonly string[],
  owners: ReadonlyMap<string, string>,
  codes: ReadonlyMap<string, string>,
  wanted: Readonly<Record<string, number>>,
): readonly string[] =>
  people.flatMap((person) => {
    const found: Record<string, number> = {}
    for (const [id, owner] of owners) {
      const code = codes.get(id) ?? "no answer"
      if (owner === person) found[code] = (found[code] ?? 0) + 1
    }
    const right = Object.entries(wanted).every(([code, times]) => found[code] === times)
    return right ? [] : [`${invariant} ${person}: ${JSON.stringify(found)}`]
  })

/** L11, S4: approved before the suspension, or not at all. */
const noAwardToSuspended = async (scene: Scene, count: number): Promise<Stage> => {
  const suspects = await people(scene, "suspect", count)
  const commands: CommandInput[] = []
  const reports = new Map<string, string>()
  for (const [at, person] of suspects.entries()) {
    const report = await readyToApprove(scene, person, person, 0, fire, -(1 + at) * 1_000)
    reports.set(person, report)
    const suspend = commandOf(`suspend-${person}`, "SuspendInformant", "admin", "programme-admin", {
      person,
      reason: "核查",
    })
    commands.push(...(at % 2 === 0 ? [approval(report), suspend] : [suspend, approval(report)]))
  }
  return {
    what: `${count} approvals, each against a suspension`,
    commands,
    check: async (codes) => {
      const wrong: string[] = []
      for (const [person, report] of reports) {
        if (codes.get(`suspend-${person}`) !== "accepted") wrong.push(`S4 ${person} was not suspended`)
        const suspended = await numberOf(scene.county, "participant", person, "InformantSuspended")
        const awarded = await numberOf(scene.county, "reward", report, "AwardApproved")
        if (awarded !== undefined && suspended !== undefined && awarded > suspended) {
          wrong.push(`L11 ${person} was awarded at ${awarded} after the suspension at ${suspended}`)
        }
      }
      return wrong
    },
  }
}

const numberOf = async (
  county: Yingshao,
  kind: "participant" | "reward",
  id: string,
  type: string,
): Promise<number | undefined> => {
  for await (const { number, events } of county.queries.story(kind, id)) {
    if (events.some(({ event }) => event.type === type)) return number
  }
  return undefined
}
