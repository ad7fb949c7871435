/**
 * A programme in memory for tests of programme and participant commands: authorise, decide, fold.
 *
 * It does what the engine does to one command, without a store, and checks what the engine relies on: a
 * payload is parsed, every stream that is written was read, every event fits its schema, a claim has one
 * holder, and a refused command changes nothing.
 */
import type { CommandDefinition } from "@yingshao/core/kernel/command"
import { type PersonId, personId } from "@yingshao/core/kernel/ids"
import type { Refusal } from "@yingshao/core/kernel/refusal"
import { type Role, schedulerActor } from "@yingshao/core/kernel/roles"
import type { Accepted, Ask, Context, Found, Outcome, Rule } from "@yingshao/core/kernel/rule"
import { runRule } from "@yingshao/core/kernel/run-rule"
import { type CivilDate, fromMs, type Instant, instant, toMs } from "@yingshao/core/kernel/time"
import type { ParticipantState } from "@yingshao/core/participant/participant"
import { addCalendarYear } from "@yingshao/core/programme/add-calendar-year"
import { adoptPolicy } from "@yingshao/core/programme/adopt-policy"
import { appointStaff } from "@yingshao/core/programme/appoint-staff"
import { authorize } from "@yingshao/core/programme/authorize"
import { bookOf } from "@yingshao/core/programme/book"
import { dismissStaff } from "@yingshao/core/programme/dismiss-staff"
import { openProgramme } from "@yingshao/core/programme/open-programme"
import { type ProgrammeState, programmeDefinition } from "@yingshao/core/programme/programme"
import { registerUnit } from "@yingshao/core/programme/register-unit"
import type { StaffState } from "@yingshao/core/programme/staff"
import { type StreamEvent, type StreamKind, streams } from "@yingshao/core/streams"
import { fixedPolicy, fixedUnits } from "../fixtures/fixed-policy.ts"

// biome-ignore lint/suspicious/noExplicitAny: a table of definitions of many states and payloads
type AnyDefinition = any
const definitions = streams as Record<string, AnyDefinition>

export type AnyCommand = CommandDefinition<string, AnyDefinition>

export interface Logged {
  readonly stream: string
  readonly event: StreamEvent
}

export type Result =
  | (Accepted & { readonly refusal?: undefined })
  | { readonly ok: false; readonly refusal: Refusal }

export interface World {
  /** Gives a command; the outcome as the engine would answer. */
  give(command: AnyCommand, by: readonly [person: string, role: Role], payload: unknown): Result
  participant(person: string): ParticipantState
  staff(person: string): StaffState
  programme(): ProgrammeState
  /** Puts an event on a stream without a command, as another part of the programme would. */
  append(kind: StreamKind, id: string, event: unknown): void
  /** Sets the clock. Each command moves it on by a second. */
  at(now: string): void
  states(): ReadonlyMap<string, unknown>
  readonly log: readonly Logged[]
  readonly claims: ReadonlyMap<string, string>
  readonly tallies: ReadonlyMap<string, number>
}

export const p = (text: string): PersonId => personId.parse(text)

export const secondPolicy = fixedPolicy({ id: "NEXT", effectiveFrom: "2027-01-01" })

/** Asks two or more of these of every world; the first admin is `admin`. */
export const openWorld = (start = "2026-03-02T01:00:00.000Z"): World => {
  const world = emptyWorld(start)
  const opened = world.give(openProgramme, ["admin", "programme-admin"], opening())
  if (!opened.ok) throw new Error(JSON.stringify(opened))
  return world
}

export const opening = () => {
  const { id, digest, canonical, effectiveFrom } = fixedPolicy()
  return {
    admin: "admin",
    policy: { id, digest, canonical, effectiveFrom },
    calendarYears: [{ year: 2026, holidays: ["2026-10-01"], makeUpWorkdays: ["2026-10-10"] }],
    units: [...fixedUnits],
  }
}

/** A policy as its command takes it. */
export const asPayload = ({ id, digest, canonical, effectiveFrom } = secondPolicy) => ({
  policy: { id, digest, canonical, effectiveFrom },
})

export const programmeCommands: readonly AnyCommand[] = [
  openProgramme,
  appointStaff,
  dismissStaff,
  adoptPolicy,
  addCalendarYear,
  registerUnit,
]

export const emptyWorld = (start = "2026-03-02T01:00:00.000Z"): World => {
  const states = new Map<string, unknown>()
  const claims = new Map<string, string>()
  const tallies = new Map<string, number>()
  const log: Logged[] = []
  const policies = new Map([fixedPolicy(), secondPolicy].map((policy) => [policy.digest, policy]))
  let now: Instant = instant.parse(start)
  let ids = 0

  const stateOf = (kind: string, id: string) => states.get(`${kind}/${id}`) ?? definitions[kind].initial

  const apply = (kind: string, id: string, event: unknown) => {
    const parsed = definitions[kind].event.parse(event)
    states.set(`${kind}/${id}`, definitions[kind].evolve(stateOf(kind, id), parsed))
    log.push({ stream: `${kind}/${id}`, event: parsed })
    for (const { key, by } of definitions[kind].tallies(parsed))
      tallies.set(key, (tallies.get(key) ?? 0) + by)
  }

  const found = (ask: Extract<Ask, { ask: "find" }>): readonly Found[] => {
    const rows: Found[] = []
    for (const [key, state] of states) {
      const [kind = "", id = ""] = key.split("/")
      for (const entry of definitions[kind].indexes(state, id)) {
        if (entry.index !== ask.index || !ask.equals.includes(entry.equals)) continue
        rows.push({ kind: kind as StreamKind, id, range: entry.range })
      }
    }
    return rows.sort((a, b) => (a.range + a.id < b.range + b.id ? -1 : 1)).slice(0, ask.limit)
  }

  const context = (by: Context["by"]): Context => {
    const programme = stateOf("programme", "programme") as ProgrammeState
    const book = bookOf(programme.policies.length === 0 ? openingState : programme, policies)
    const freshId = (prefix: string) => {
      ids += 1
      return `${prefix}-${ids.toString().padStart(6, "0")}`
    }
    return { by, scopes: [], at: now, today: book.dateOf(now) as CivilDate, book, freshId }
  }

  const perform = function* (command: AnyCommand, payload: unknown, given: Context): Rule<Outcome> {
    const permitted = yield* authorize(given.by, command)
    if (!permitted.ok) return permitted
    return yield* command.decide(payload, { ...given, scopes: permitted.scopes })
  }

  const give: World["give"] = (command, [person, role], input) => {
    now = fromMs(toMs(now) + 1000)
    const payload = command.payload.parse(input)
    const reads = new Set<string>()
    const outcome = runRule(perform(command, payload, context({ person: p(person), role })), (ask) => {
      if (ask.ask === "find") return found(ask)
      const wanted = ask.ask === "state" ? [ask.id] : ask.ids
      for (const id of wanted) reads.add(`${ask.kind}/${id}`)
      return ask.ask === "state" ? stateOf(ask.kind, ask.id) : ask.ids.map((id) => stateOf(ask.kind, id))
    })
    if (!outcome.ok) return outcome
    for (const { kind, id } of outcome.events) {
      if (!reads.has(`${kind}/${id}`)) throw new Error(`${command.type} writes ${kind}/${id} unread`)
    }
    for (const { key, holder } of outcome.claims) {
      if (claims.has(key)) return { ok: false, refusal: { code: "already-claimed", detail: {} } }
      claims.set(key, holder)
    }
    for (const { kind, id, event } of outcome.events) apply(kind, id, event)
    return outcome
  }

  return {
    give,
    append: apply,
    participant: (person) => stateOf("participant", person),
    staff: (person) => stateOf("staff", person),
    programme: () => stateOf("programme", "programme"),
    at: (text) => {
      now = instant.parse(text)
    },
    states: () => states,
    log,
    claims,
    tallies,
  }
}

/** Appoints a person as the first admin would. */
export const appoint = (world: World, person: string, role: Role, scopes: readonly string[] = []): void => {
  const result = world.give(appointStaff, ["admin", "programme-admin"], { person, role, scopes })
  if (!result.ok) throw new Error(JSON.stringify(result))
}

export const system = schedulerActor.person

const openingState: ProgrammeState = {
  ...programmeDefinition.initial,
  policies: [{ digest: fixedPolicy().digest, effectiveFrom: "2026-01-01" as CivilDate }],
}
