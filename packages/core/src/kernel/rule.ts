/**
 * A rule of one command: a pure generator that asks for what it must read and returns what happens.
 *
 * `yield* read("report", id)` is answered with the state of that stream; the engine guards every stream
 * that was read at the version it was read, so that two rivals can never both decide on the same past.
 * `yield* find(…)` is an indexed query and is *not* guarded: what it found must be read, and a rule that
 * acts on finding nothing must read a stream that a rival would write (see `place-cell`).
 *
 * Given the same answers a rule gives the same outcome: no clock, no randomness, no environment.
 */
import type { Book } from "../programme/book.ts"
import type { StateOf, StreamEvent, StreamKind } from "../streams.ts"
import type { Notice, Order } from "./message.ts"
import type { Refused } from "./refusal.ts"
import type { Actor } from "./roles.ts"
import type { CivilDate, Instant } from "./time.ts"

/** What a rule may ask for while it runs. */
export type Ask =
  | { readonly ask: "state"; readonly kind: StreamKind; readonly id: string }
  | { readonly ask: "states"; readonly kind: StreamKind; readonly ids: readonly string[] }
  | {
      readonly ask: "find"
      readonly index: string
      readonly equals: readonly string[]
      readonly from?: string
      readonly below?: string
      readonly limit: number
    }

/** One row of an indexed query: the stream's id and the range key under which it was found. */
export interface Found {
  readonly kind: StreamKind
  readonly id: string
  readonly range: string
}

export type Rule<A> = Generator<Ask, A, never>

/** What is given to every command: who, when, under which rules. */
export interface Context {
  readonly by: Actor
  /** For which units, levels or bands the actor holds the role it acts in; empty where the role has no scope. */
  readonly scopes: readonly string[]
  /** Server time of acceptance. Client times never reach a rule. */
  readonly at: Instant
  /** The civil date of `at` in the programme's zone. */
  readonly today: CivilDate
  readonly book: Book
  /** A fresh id: the same command gets the same ids again, nobody can guess them. */
  freshId(prefix: string): string
}

/** An event and the stream it belongs to. */
export interface Emitted {
  readonly kind: StreamKind
  readonly id: string
  readonly event: StreamEvent
}

/** A unique key to take or to give back, in the same commit. */
export interface ClaimChange {
  readonly kind: "take" | "release"
  readonly key: string
  readonly holder: string
}

/** Everything one accepted command does; all of it is committed together or not at all. */
export interface Accepted {
  readonly ok: true
  readonly events: readonly Emitted[]
  readonly claims: readonly ClaimChange[]
  readonly notices: readonly Notice[]
  readonly orders: readonly Order[]
}

export type Outcome = Accepted | Refused

/** The state of a stream now. Reading puts a guard on it. */
export function* read<K extends StreamKind>(kind: K, id: string): Rule<StateOf<K>> {
  return (yield { ask: "state", kind, id }) as StateOf<K>
}

/** The states of several streams of one kind, in the order asked. Reading puts a guard on each. */
export function* readAll<K extends StreamKind>(kind: K, ids: readonly string[]): Rule<readonly StateOf<K>[]> {
  return ids.length === 0 ? [] : ((yield { ask: "states", kind, ids }) as readonly StateOf<K>[])
}

/** Rows of an index, ascending by range key. Not guarded: read what you found. */
export function* find(
  index: string,
  equals: readonly string[],
  page: { readonly from?: string; readonly below?: string; readonly limit: number },
): Rule<readonly Found[]> {
  return (yield { ask: "find", index, equals, ...page }) as readonly Found[]
}

/** An event on a stream. */
export const on = <K extends StreamKind>(kind: K, id: string, event: StreamEvent<K>): Emitted => ({
  kind,
  id,
  event: event as StreamEvent,
})

/** An accepted outcome; parts left out are empty. */
export const happen = (parts: Partial<Omit<Accepted, "ok">>): Accepted => ({
  ok: true,
  events: parts.events ?? [],
  claims: parts.claims ?? [],
  notices: parts.notices ?? [],
  orders: parts.orders ?? [],
})
