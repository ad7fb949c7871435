/**
 * A small domain that drives the engine: accounts with a limit, tickets with a ladder of reminders.
 *
 * It is as strict as core's own streams and knows nothing of reports, so that a failing test of the engine
 * points at the engine.
 */

import type { Policy } from "@yingshao/core/decisions"
import { type CommandDefinition, command } from "@yingshao/core/kernel/command"
import type { Notice, Order } from "@yingshao/core/kernel/message"
import { refuse } from "@yingshao/core/kernel/refusal"
import { type Accepted, type Context, happen, type Outcome, type Rule } from "@yingshao/core/kernel/rule"
import { fold, type StreamDefinition } from "@yingshao/core/kernel/stream"
import { addMinutes, type Instant, instant } from "@yingshao/core/kernel/time"
import { calendarYear, programmeDefinition, unit } from "@yingshao/core/programme/programme"
import * as z from "zod"
import type { Catalogue, Parsed } from "../src/catalogue.ts"

const fen = z.int().min(1).max(1_000_000_000)
const name = z.string().regex(/^[a-z0-9-]{1,40}$/)

const accountEvent = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("Paid"), amountFen: fen, note: z.string().max(40).optional() }),
  z.strictObject({ type: z.literal("Spent"), amountFen: fen }),
  z.strictObject({ type: z.literal("Frozen") }),
])
type AccountEvent = z.infer<typeof accountEvent>
export interface AccountState {
  readonly balanceFen: number
  readonly frozen: boolean
}

export const account = {
  foldVersion: 1,
  initial: { balanceFen: 0, frozen: false } as AccountState,
  event: accountEvent,
  evolve(state: AccountState, event: AccountEvent): AccountState {
    switch (event.type) {
      case "Paid":
        return { ...state, balanceFen: state.balanceFen + event.amountFen }
      case "Spent":
        return { ...state, balanceFen: state.balanceFen - event.amountFen }
      case "Frozen":
        return { ...state, frozen: true }
    }
  },
  indexes: (state: AccountState, id: string) => [
    {
      index: "balance",
      equals: state.frozen ? "frozen" : "free",
      range: `${String(state.balanceFen).padStart(12, "0")}/${id}`,
    },
  ],
  tallies: (event: AccountEvent) =>
    event.type === "Frozen" ? [] : [{ key: `accounts/${event.type.toLowerCase()}`, by: event.amountFen }],
} satisfies StreamDefinition<AccountState, AccountEvent>

const ticketEvent = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("Raised"), at: instant, due: instant }),
  z.strictObject({
    type: z.literal("Escalated"),
    at: instant,
    level: z.int().min(1).max(9),
    next: instant.optional(),
  }),
  z.strictObject({ type: z.literal("Solved"), at: instant }),
])
type TicketEvent = z.infer<typeof ticketEvent>
export interface TicketState {
  readonly status: "none" | "open" | "solved"
  readonly due?: Instant | undefined
  readonly level: number
  readonly next?: Instant | undefined
  readonly escalatedAt: readonly Instant[]
}

export const ticket = {
  foldVersion: 1,
  initial: { status: "none", level: 0, escalatedAt: [] } as TicketState,
  event: ticketEvent,
  evolve(state: TicketState, event: TicketEvent): TicketState {
    switch (event.type) {
      case "Raised":
        return { ...state, status: "open", due: event.due, next: event.due }
      case "Escalated":
        return {
          ...state,
          level: event.level,
          next: event.next,
          escalatedAt: [...state.escalatedAt, event.at],
        }
      case "Solved":
        return { ...state, status: "solved", next: undefined }
    }
  },
  indexes: (state: TicketState) =>
    state.status === "open" && state.next !== undefined
      ? [{ index: "escalate", equals: "open", range: state.next }]
      : [],
  tallies: () => [],
} satisfies StreamDefinition<TicketState, TicketEvent>

const emit = (
  kind: string,
  id: string,
  event: AccountEvent | TicketEvent | object,
): Accepted["events"][number] => ({ kind, id, event }) as unknown as Accepted["events"][number]

function* readAny<S>(kind: string, id: string): Rule<S> {
  return (yield { ask: "state", kind, id } as never) as unknown as S
}

const notice = (to: string, urgent = false): Notice =>
  ({
    kind: "reply",
    to: { kind: "person", person: to },
    urgent,
    orderingKey: `person/${to}`,
    data: { amount: 1 },
  }) as unknown as Notice

const everybody = ["reporter", "approver", "programme-admin", "scheduler"] as const

export const commands = {
  OpenProgramme: command({
    type: "OpenProgramme",
    roles: everybody,
    payload: z.strictObject({
      policy: z.strictObject({ digest: z.string(), canonical: z.string(), effectiveFrom: z.string() }),
      admin: z.string(),
      units: z.array(unit),
      calendarYears: z.array(calendarYear),
    }),
    queue: () => "programme/programme",
    *decide({ policy, units, calendarYears }, { at }): Rule<Outcome> {
      const state = yield* readAny<{ policies: readonly unknown[] }>("programme", "programme")
      if (state.policies.length > 0) return refuse("already-open")
      return happen({
        events: [
          emit("programme", "programme", { type: "PolicyAdopted", at, ...policy }),
          ...calendarYears.map((year) =>
            emit("programme", "programme", { type: "CalendarYearAdded", at, year }),
          ),
          ...units.map((one) => emit("programme", "programme", { type: "UnitRegistered", at, unit: one })),
        ],
      })
    },
  }),
  AdoptPolicy: command({
    type: "AdoptPolicy",
    roles: everybody,
    payload: z.strictObject({
      policy: z.strictObject({ digest: z.string(), canonical: z.string(), effectiveFrom: z.string() }),
    }),
    queue: () => "programme/programme",
    *decide({ policy }, { at }): Rule<Outcome> {
      yield* readAny("programme", "programme")
      return happen({ events: [emit("programme", "programme", { type: "PolicyAdopted", at, ...policy })] })
    },
  }),
  Pay: command({
    type: "Pay",
    roles: everybody,
    payload: z.strictObject({ account: name, amountFen: fen, note: z.string().max(40).optional() }),
    queue: ({ account: id }) => `account/${id}`,
    *decide({ account: id, amountFen, note }): Rule<Outcome> {
      const state = yield* readAny<AccountState>("account", id)
      if (state.frozen) return refuse("frozen")
      return happen({
        events: [emit("account", id, { type: "Paid", amountFen, ...(note === undefined ? {} : { note }) })],
        notices: [notice(id)],
      })
    },
  }),
  Spend: command({
    type: "Spend",
    roles: everybody,
    payload: z.strictObject({ account: name, amountFen: fen, key: z.string().max(60) }),
    queue: ({ key }) => key,
    *decide({ account: id, amountFen }): Rule<Outcome> {
      const state = yield* readAny<AccountState>("account", id)
      if (state.frozen) return refuse("frozen")
      if (state.balanceFen < amountFen) return refuse("cap-reached", { leftFen: state.balanceFen })
      return happen({ events: [emit("account", id, { type: "Spent", amountFen })] })
    },
  }),
  Freeze: command({
    type: "Freeze",
    roles: everybody,
    payload: z.strictObject({ account: name }),
    queue: ({ account: id }) => `account/${id}`,
    *decide({ account: id }): Rule<Outcome> {
      yield* readAny<AccountState>("account", id)
      return happen({ events: [emit("account", id, { type: "Frozen" })] })
    },
  }),
  /** Reads one account and pays another: what it read is guarded. */
  PayUnlessFrozen: command({
    type: "PayUnlessFrozen",
    roles: everybody,
    payload: z.strictObject({ look: name, account: name }),
    queue: ({ account: id }) => `account/${id}`,
    *decide({ look, account: id }): Rule<Outcome> {
      const [looked] = (yield {
        ask: "states",
        kind: "account",
        ids: [look, id],
      } as never) as unknown as readonly AccountState[]
      if (looked?.frozen) return refuse("frozen")
      return happen({ events: [emit("account", id, { type: "Paid", amountFen: 1 })] })
    },
  }),
  /** Takes a natural key without reading who holds it. */
  Grant: command({
    type: "Grant",
    roles: everybody,
    payload: z.strictObject({ report: name, account: name }),
    queue: ({ account: id }) => `account/${id}`,
    *decide({ report, account: id }): Rule<Outcome> {
      return happen({
        events: [emit("account", id, { type: "Paid", amountFen: 5_000 })],
        claims: [{ kind: "take", key: `grant/${report}/fen`, holder: `account/${id}` }],
      })
    },
  }),
  Raise: command({
    type: "Raise",
    roles: everybody,
    payload: z.strictObject({ inMinutes: z.int().min(1).max(100_000), urgent: z.boolean().optional() }),
    queue: () => "raise",
    *decide({ inMinutes, urgent }, context): Rule<Outcome> {
      const id = context.freshId("t")
      yield* readAny<TicketState>("ticket", id)
      const due = addMinutes(context.at, inMinutes)
      return happen({
        events: [emit("ticket", id, { type: "Raised", at: context.at, due })],
        notices: [notice("desk", urgent ?? false)],
        orders: [order(id, context.at, due)],
      })
    },
  }),
  /** Three levels, ten minutes apart, each counted from the one before. */
  EscalateObligation: command({
    type: "EscalateObligation",
    roles: ["scheduler"],
    payload: z.strictObject({
      kind: z.literal("ticket"),
      id: name,
      obligation: z.string(),
      level: z.int().min(1).max(9),
    }),
    queue: ({ id }) => `ticket/${id}`,
    *decide({ id, level }, { at }): Rule<Outcome> {
      const state = yield* readAny<TicketState>("ticket", id)
      if (state.status !== "open" || state.next === undefined) return refuse("not-owed")
      if (level !== state.level + 1) return refuse("not-this-level", { level: state.level })
      if (at < state.next) return refuse("not-due")
      const next = level < 3 ? addMinutes(state.next, 10) : undefined
      return happen({
        events: [
          emit("ticket", id, {
            type: "Escalated",
            at,
            level,
            ...(next === undefined ? {} : { next }),
          }),
        ],
        notices: [notice("captain")],
      })
    },
  }),
  /** Breaks a promise while deciding. */
  Break: command({
    type: "Break",
    roles: everybody,
    payload: z.strictObject({ how: z.enum(["invariant", "event", "calendar", "error"]), secret: z.string() }),
    queue: () => "break",
    *decide({ how, secret }): Rule<Outcome> {
      if (how === "calendar") throw Object.assign(new Error("ends"), { _tag: "CalendarEnds", year: 2031 })
      if (how === "invariant") throw Object.assign(new Error(secret), { _tag: "BrokenInvariant", id: "L2" })
      if (how === "error") throw new TypeError(secret)
      return happen({ events: [emit("account", "a-1", { type: "Nonsense", secret })] })
    },
  }),
} as const

const order = (id: string, at: Instant, due: Instant): Order =>
  ({
    type: "assigned",
    incident: id,
    to: "road-office",
    orderingKey: `incident/${id}`,
    answerBy: at,
    closeBy: due,
    data: { category: "road" },
  }) as unknown as Order

export const streams = { programme: programmeDefinition, account, ticket } as const

export const smallCatalogue: Catalogue = {
  streams,
  commands,
  checks: {},
  perform: ({ type, payload }: Parsed, context: Context): Rule<Outcome> => {
    const definition = (commands as unknown as Readonly<Record<string, CommandDefinition>>)[type]
    if (definition === undefined) throw new Error(type)
    if (!definition.roles.includes(context.by.role)) return refused("not-permitted")
    return definition.decide(payload, context)
  },
}

/** A policy with a zone and a digest, which is all that the engine itself looks at. */
export const smallPolicy = (digest = "1".repeat(64)): Policy =>
  ({
    id: "SMALL",
    digest,
    canonical: JSON.stringify({ digest }),
    effectiveFrom: "2026-01-01",
    timeZone: "Asia/Shanghai",
    levels: [],
    categories: [],
    negativeList: [],
    knows: () => true,
    decide: () => {
      throw new Error("the small policy decides nothing")
    },
    label: (key: string) => key,
    revive: (canonical: string) => smallPolicy((JSON.parse(canonical) as { digest: string }).digest),
  }) as unknown as Policy

export const foldAccount = (events: readonly AccountEvent[]): AccountState => fold(account, events)

function* refused(code: string): Rule<Outcome> {
  return refuse(code)
}
