/**
 * One line of the benchmark: ours beside a peer, their ratio, the goal, and whether it is met.
 */

/** What a workload answers. `note` says what else was seen, with its units. */
export interface Line {
  readonly name: string
  readonly unit: Unit
  readonly ours: number
  readonly beside: number
  /** What stands beside: a peer, the same by hand, or a limit. */
  readonly peer: string
  readonly ratio: number
  readonly goal: Goal
  readonly met: boolean
  readonly note?: string
}

export type Unit = "1/s" | "ns" | "ms" | "s" | "MB"

/** What the ratio must be at least, or at most. */
export type Goal = { readonly atLeast: number } | { readonly atMost: number }

/** How long a workload may take: all of it, or just enough to see that it works. */
export interface Effort {
  readonly smoke: boolean
}

/** @example lineOf({ …, ratio: 0.61, goal: { atLeast: 0.6 } }).met // => true */
export const lineOf = (line: Omit<Line, "met">): Line => ({ ...line, met: isMet(line.ratio, line.goal) })

/** A line for people: `name  ours  beside  ratio  goal  met`. */
export const printed = ({ name, unit, ours, beside, peer, ratio, goal, met, note }: Line): string => {
  const wanted = "atLeast" in goal ? `>= ${goal.atLeast}` : `<= ${goal.atMost}`
  const parts = [
    name.padEnd(40),
    figure(ours, unit).padStart(12),
    `${figure(beside, unit).padStart(12)} ${peer.padEnd(24)}`,
    `${short(ratio)} x`.padStart(10),
    wanted.padStart(8),
    met ? "met" : "NOT MET",
  ]
  return `${parts.join("  ")}${note === undefined ? "" : `\n    ${note}`}`
}

// internal

const isMet = (ratio: number, goal: Goal): boolean =>
  "atLeast" in goal ? ratio >= goal.atLeast : ratio <= goal.atMost

const figure = (value: number, unit: Unit): string =>
  `${value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(1)} ${unit}`

const short = (ratio: number): string => (ratio >= 100 ? ratio.toFixed(0) : ratio.toFixed(2))
