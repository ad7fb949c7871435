/**
 * What the engine drives: a table of stream kinds, a table of commands, and the rule that performs one.
 *
 * The engine knows no report and no award. Everything it must know about the domain is in these three
 * values, which core exports; tests drive the engine with small tables of their own. Method signatures
 * stand here on purpose: they let a table of many state types be one table without a type parameter.
 */
import type { Checked } from "@yingshao/core/kernel/check"
import type { Context, Outcome, Rule } from "@yingshao/core/kernel/rule"
import type { IndexEntry, TallyIncrement } from "@yingshao/core/kernel/stream"
import type * as z from "zod"

/** A `StreamDefinition` of any state and event. */
export interface AnyStream {
  readonly foldVersion: number
  readonly initial: unknown
  readonly event: z.ZodType
  evolve(state: unknown, event: unknown): unknown
  indexes(state: unknown, id: string): readonly IndexEntry[]
  tallies(event: unknown): readonly TallyIncrement[]
  readonly indexesSince?: Readonly<Record<string, number>> | undefined
}

/** A `CommandDefinition` of any payload. */
export interface AnyCommand {
  readonly type: string
  readonly payload: z.ZodType
  queue(payload: unknown): string
}

/** A command that was parsed: its payload is what the schema of its type puts out. */
export interface Parsed {
  readonly type: string
  readonly payload: unknown
}

export interface Catalogue {
  readonly streams: Readonly<Record<string, AnyStream>>
  readonly commands: Readonly<Record<string, AnyCommand>>
  /** Authorises and decides. */
  perform(command: Parsed, context: Context): Rule<Outcome>
  /** What must hold of a state beside its neighbours, for `checkWorld`; by kind, a rule that only reads. */
  readonly checks: Readonly<Record<string, StateCheck>>
}

/** A rule that only reads: what is broken about one state, and which unique keys must be held. */
export type StateCheck = (state: unknown, id: string) => Rule<Checked>

/** The kind and id of a stream's key, and its definition. */
export interface StreamAddress {
  readonly kind: string
  readonly id: string
  readonly definition: AnyStream
}

/** @returns undefined when the catalogue has no such kind. */
export const addressOf = (catalogue: Catalogue, key: string): StreamAddress | undefined => {
  const slash = key.indexOf("/")
  if (slash <= 0) return undefined
  const kind = key.slice(0, slash)
  const definition = definitionOf(catalogue, kind)
  return definition === undefined ? undefined : { kind, id: key.slice(slash + 1), definition }
}

/** Looks only at the table's own keys: `__proto__` and `constructor` are no kinds. */
export const definitionOf = (catalogue: Catalogue, kind: string): AnyStream | undefined =>
  Object.hasOwn(catalogue.streams, kind) ? catalogue.streams[kind] : undefined
