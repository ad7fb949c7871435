/**
 * Going through every input of a table without going through every input: column by column, keeping one
 * witness for each distinct set of rules that still match.
 *
 * Exact: two inputs with the same set of matching rules cannot be told apart by the table. Bounded: gives up
 * at a number of sets and says so.
 */
import { type Bits, bitsKey, intersect } from "./bits.ts"

/** One reachable set of rules and one way to reach it: for each column a class of pieces. */
export interface Leaf {
  readonly matching: Bits
  readonly path: readonly PieceClass[]
}

/** Pieces of one column that the rules cannot tell apart. */
export interface PieceClass {
  readonly mask: Bits
  readonly pieces: readonly number[]
}

/** More sets than this are not enumerated. */
export const mostStates = 60_000

/** Every reachable set of matching rules, or undefined when there are more than `limit`. */
export const reachableSets = (
  start: Bits,
  columns: readonly (readonly Bits[])[],
  limit = mostStates,
): Leaf[] | undefined => {
  let states = new Map<string, State>([
    [bitsKey(start), { matching: start, chosen: undefined, before: undefined }],
  ])
  for (const masks of columns) {
    const classes = classesOf(masks)
    const next = new Map<string, State>()
    for (const before of states.values())
      for (const chosen of classes) {
        const matching = intersect(before.matching, chosen.mask)
        const key = bitsKey(matching)
        if (next.has(key)) continue
        next.set(key, { matching, chosen, before })
        if (next.size > limit) return undefined
      }
    states = next
  }
  return [...states.values()].map((state) => ({ matching: state.matching, path: pathOf(state) }))
}

/** Groups pieces with equal masks. */
export const classesOf = (masks: readonly Bits[]): PieceClass[] => {
  const classes = new Map<string, { mask: Bits; pieces: number[] }>()
  for (const [piece, mask] of masks.entries()) {
    const key = bitsKey(mask)
    const known = classes.get(key)
    if (known) known.pieces.push(piece)
    else classes.set(key, { mask, pieces: [piece] })
  }
  return [...classes.values()]
}

// internal

interface State {
  readonly matching: Bits
  readonly chosen: PieceClass | undefined
  readonly before: State | undefined
}

const pathOf = (state: State): PieceClass[] => {
  const path: PieceClass[] = []
  for (let at: State | undefined = state; at?.chosen; at = at.before) path.unshift(at.chosen)
  return path
}
