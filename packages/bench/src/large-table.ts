/**
 * The time of one decision by a table of 2,000 rows beside one of 20: compiled tables must not be walked row
 * by row.
 */
import { type BandedFacts, bandedAnswer, bandedCases, bandedPolicy, bandedRules } from "./banded-table.ts"
import { dates } from "./example-policy.ts"
import { type Effort, type Line, lineOf } from "./line.ts"
import { median, rates, ratioOf } from "./rounds.ts"

export const largeTable = async ({ smoke }: Effort): Promise<readonly Line[]> => {
  const small = deciding({ groups: 4, nth: 5, idle: 1 })
  const large = deciding(smoke ? { groups: 16, nth: 5, idle: 5 } : { groups: 16, nth: 25, idle: 5 })
  const found = rates(
    { small: small.timed, large: large.timed },
    smoke ? { rounds: 1, ms: 20 } : { rounds: 11, ms: 200 },
  )
  return [
    lineOf({
      name: `a table of ${large.rows.toLocaleString("en")} rows`,
      unit: "ns",
      ours: 1e9 / median(found.large),
      beside: 1e9 / median(found.small),
      peer: `${small.rows} rows`,
      ratio: ratioOf(found.small, found.large),
      goal: { atMost: 4 },
      note: `${large.rows} rows compile in ${large.compiledMs.toFixed(0)} ms, ${small.rows} in ${small.compiledMs.toFixed(0)} ms, each with the rest of the document`,
    }),
  ]
}

// internal

const deciding = (bands: Parameters<typeof bandedRules>[0]) => {
  const rules = bandedRules(bands)
  const begin = performance.now()
  const policy = bandedPolicy(rules)
  const compiledMs = performance.now() - begin
  const cases = bandedCases(1024)
  const decide = (facts: BandedFacts) => policy.decideBare("lotLife", facts, dates)?.lotLife ?? Number.NaN
  for (const facts of cases) {
    if (decide(facts) !== bandedAnswer(rules, facts)) {
      throw new Error(
        `the table of ${rules.length} rows answers ${decide(facts)} on ${JSON.stringify(facts)}`,
      )
    }
  }
  return {
    rows: rules.length,
    compiledMs,
    timed: {
      size: cases.length,
      batch: () => {
        let sum = 0
        for (const facts of cases) sum += decide(facts)
        return sum
      },
    },
  }
}
