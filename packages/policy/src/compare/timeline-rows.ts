/**
 * What holds when: every parameter and table with the dates between which it is in force.
 *
 * Dates are civil dates; a part that is followed by a later one ends on the day before it. What it does not do: it
 * checks nothing; holes and doubles are findings of `policy check`.
 */
import type { ParameterStatus, PolicyModel } from "../model.ts"

export interface TimelineRow {
  readonly kind: "parameter" | "table"
  readonly name: string
  /** First civil date; for a table without one the policy's own. */
  readonly from: string
  /** Last civil date, or empty while nothing follows. */
  readonly until: string
  /** Value and unit of a parameter, number of rules of a table. */
  readonly says: string
  /** Of a parameter. */
  readonly status?: ParameterStatus
  /** Is it in force on the date asked for? */
  readonly inForce: boolean
}

/**
 * Rows in the order of the document, versions of one part side by side.
 *
 * @param on a civil date. @returns parts that begin later are not in force.
 */
export const timelineRows = (model: PolicyModel, on: string): readonly TimelineRow[] => {
  const start = model.items.find(({ name }) => name === "施行")?.text ?? ""
  const parameters = model.parameters.map(({ name, value, unit, from, status }) => ({
    kind: "parameter" as const,
    name,
    from,
    says: `${value} ${unit}`.trim(),
    status,
  }))
  const tables = model.tables.map(({ name, from, rules }) => ({
    kind: "table" as const,
    name,
    from: from === "" ? start : from,
    says: `${rules.length}`,
  }))
  return [...parameters, ...tables].map((part, _, all) => {
    const later = all.filter(
      (other) => other.kind === part.kind && other.name === part.name && other.from > part.from,
    )
    const next = later.map(({ from }) => from).toSorted()[0]
    const until = next === undefined ? "" : dayBefore(next)
    return { ...part, until, inForce: part.from <= on && (until === "" || on <= until) }
  })
}

// internal

const dayBefore = (date: string): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10)
