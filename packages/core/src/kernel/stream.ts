/**
 * What a kind of stream is: an empty beginning, a fold, and what is looked up or counted.
 *
 * `evolve` never sees a policy, a clock or another stream, so replaying last year under this year's rules
 * changes nothing. Raise `foldVersion` whenever a fold changes its answer for the same events: states kept
 * under an older version are folded anew.
 */
import type * as z from "zod"

/** `range` sorts as text; at most 16 entries a state. */
export interface IndexEntry {
  readonly index: string
  readonly equals: string
  readonly range: string
}

/** An integer to add to a counter that can be rebuilt from the journal. */
export interface TallyIncrement {
  readonly key: string
  readonly by: number
}

export interface StreamDefinition<S, E> {
  readonly foldVersion: number
  readonly initial: S
  /** Schema of the stored events: what is read from a store is parsed with it. */
  readonly event: z.ZodType<E>
  readonly evolve: (state: S, event: E) => S
  readonly indexes: (state: S, id: string) => readonly IndexEntry[]
  readonly tallies: (event: E) => readonly TallyIncrement[]
  /**
   * Names of indexes that an earlier fold did not fill, or filled otherwise, with the fold that first does:
   * nobody may rely on one before every state has been folded anew. Left out: all are as old as the kind.
   */
  readonly indexesSince?: Readonly<Record<string, number>> | undefined
}

/** The state after some events: the one way in which states come about. */
export const fold = <S, E>(
  definition: Pick<StreamDefinition<S, E>, "initial" | "evolve">,
  events: readonly E[],
  from: S = definition.initial,
): S => events.reduce(definition.evolve, from)
