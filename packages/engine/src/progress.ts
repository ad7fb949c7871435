/**
 * Which recipients of a row have been reached, while the row is tried again.
 *
 * In memory and bounded: after a restart somebody may be told twice, which at-least-once allows; nobody is
 * left out.
 */

/** Who of several recipients of one row has been reached, while the row is tried again. */
export interface Progress {
  reached(id: string): ReadonlySet<string>
  add(id: string, person: string): void
  forget(id: string): void
}

export const makeProgress = (): Progress => {
  const rows = new Map<string, Set<string>>()
  const none: ReadonlySet<string> = new Set()
  return {
    reached: (id) => rows.get(id) ?? none,
    add(id, person) {
      const people = rows.get(id) ?? new Set<string>()
      people.add(person)
      rows.set(id, people)
      const oldest = rows.size > maxProgress ? rows.keys().next().value : undefined
      if (oldest !== undefined) rows.delete(oldest)
    },
    forget(id) {
      rows.delete(id)
    },
  }
}

// internal

/** Rows remembered at a time; forgetting one only means that somebody is told twice. */
const maxProgress = 10_000
