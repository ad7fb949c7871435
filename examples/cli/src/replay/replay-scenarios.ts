/**
 * Makes scenarios of the rows of an export: who reports them, what they settle, when they are handled.
 *
 * An export has no reporters: each row is given to one of the fictional county's 467 people, by its key
 * alone. A matter is handled when the agency closed its first row, or never; replies and answers follow the
 * usual script. Nothing of a row's status or resolution is in here.
 */

import type { County } from "../county/people.ts"
import { chanceOf } from "../random.ts"
import type { Conduct, Scenario } from "../simulate/scenario.ts"
import type { Row } from "./export-file.ts"
import { factsOf, type Mapping } from "./mapping.ts"

/** The handle of a row's words: its key, so that the store leads back to the row. */
export const handleOf = (key: string): string => `row-${key.toLowerCase()}`

export const replayScenarios = (
  rows: readonly Row[],
  mapping: Mapping,
  county: County,
): readonly Scenario[] => {
  const chance = chanceOf(mapping.id)
  const people = [...county.informants.slice(0, -1), ...county.members].map(({ person }) => person)
  return rows.map((row): Scenario => {
    const handle = handleOf(row.key)
    const { facts } = factsOf(mapping, row.type)
    const share = (what: string, least: number, most: number) =>
      least + chance.fraction(`${handle}/${what}`) * (most - least)
    const conduct: Conduct = {
      answers: share("answers", 0.15, 0.9),
      acknowledges: share("acknowledges", 0.1, 0.8),
      handles: row.closed === undefined ? { how: "never" } : { how: "at", at: row.closed },
      replies: share("replies", 0.6, 0.95),
      returns: 0,
      extension: false,
      conversion: "none",
      withheld: false,
      unsatisfied: 0,
      followUp: "satisfied",
      residents: facts.affected === "unknown" ? 1 : facts.affected,
      verdict: "true",
      grading: { value: "minor", difficulty: "easy" },
      collects: "in-time",
      afterwards: "nothing",
    }
    return {
      handle,
      arrivesAt: row.created,
      by: { person: chance.pick(`${handle}/desk`, county.staff.dutyOfficers), role: "duty-officer" },
      intake: {
        channel: "hotline",
        reporters: [chance.pick(`${handle}/reporter`, people as [string, ...string[]])],
        place: row.place,
        photos: [],
        original: handle,
      },
      answer: { facts, negative: "none", excluded: [], incident: { how: "nearest" } },
      conduct,
    }
  })
}
