/**
 * What must hold of each kind of state, beyond being the fold of its events: a registry by kind.
 *
 * A check gets one state and may look up others; it returns what it found. `checkWorld` runs it for every
 * stream of the kind. A check reads and never writes, and looks up a bounded number of things.
 */
import type { StateOf, StreamKind } from "@yingshao/core/streams"
import type { Finding } from "./finding.ts"

/** Point look-ups of the world that is checked. */
export interface Lookup {
  state<K extends StreamKind>(kind: K, id: string): Promise<StateOf<K>>
  /** Who holds a claim. */
  holder(key: string): Promise<string | undefined>
  /** Ids of streams under an index, at most 1,000. */
  find(index: string, equals: string): Promise<readonly { readonly kind: string; readonly id: string }[]>
}

export type WorldCheck<K extends StreamKind> = (
  state: StateOf<K>,
  id: string,
  lookup: Lookup,
) => Promise<readonly Finding[]> | readonly Finding[]

export type WorldChecks = { readonly [K in StreamKind]?: WorldCheck<K> }

/** The checks of a county's programme. */
export const worldChecks: WorldChecks = {}
