/** Tables of answers against a slow interpreter on all complete cases, and against diagrams where facts are open. */
import { type DecisionName, type FactKey, type Facts, facts as factSchemas } from "@yingshao/core/decisions"
import { describe, expect, test } from "vitest"
import { groups } from "../src/answer-table.ts"
import {
  combinations,
  compareCells,
  decisionNames,
  givenOf,
  namesOf,
  stepFor,
  variablesOf,
} from "./fixtures/all-cells.ts"
import { dates, huishui } from "./fixtures/huishui.ts"
import { loadSmall, type SmallRule, smallModel, smallTable } from "./fixtures/small-model.ts"

const policy = huishui()
const { resolved } = policy

describe("C3 tables of answers", () => {
  test.each(decisionNames)(
    "C3 %s: the table and the slow interpreter agree on the cells of its facts",
    (decision) => {
      const { cells, different } = compareCells(decision, 45_000)
      expect(different).toEqual([])
      expect(cells).toBeGreaterThan(0)
    },
  )

  test.each(decisionNames)(
    "C3 %s: with facts unknown or left out it says what the diagram says",
    (decision) => {
      const keys = namesOf(decision).map(({ key }) => key)
      const variables = variablesOf(decision)
      const lists = variables.map((variable) => [
        ...variable.atoms.flatMap(givenOf),
        { word: "", value: undefined },
        ...(variable.unknown === "pending" ? [{ word: "未知", value: "unknown" }] : []),
      ])
      for (const givens of combinations(lists, stepFor(lists, 3000))) {
        const facts = Object.fromEntries(
          givens.flatMap(({ value }, at) =>
            value === undefined ? [] : [[variables[at]?.fact ?? "", value]],
          ),
        ) as Partial<Facts>
        const quick = tried(() => policy.decide(decision, facts, dates))
        const sure = tried(() => policy.conclude(keys, facts, dates))
        if (typeof sure === "string" || typeof quick === "string") expect(quick).toBe(sure)
        else if ("missing" in sure) expect(quick).toMatchObject({ status: "pending", missing: sure.missing })
        else {
          expect(quick).toMatchObject({ status: "decided", conclusions: sure.values })
          expect(quick.because.rules).toEqual(sure.rules)
        }
      }
    },
  )

  test("C3 a value that the document does not know is refused, whichever fact it is", () => {
    for (const decision of decisionNames) {
      const typical: Partial<Facts> = Object.fromEntries(
        resolved.variables.map(({ fact, atoms }) => [fact, atoms.flatMap(givenOf)[0]?.value]),
      )
      for (const { fact } of variablesOf(decision))
        for (const wrong of ["", "nobody", -1, 0.5, 2 ** 31, Number.NaN]) {
          const answer = tried(() => policy.decide(decision, { ...typical, [fact]: wrong } as Facts, dates))
          // A fact that does not matter for the rest of the case need not be looked at.
          if (typeof answer !== "string") expect(matters(decision, typical, fact)).toBe(false)
        }
    }
  })

  test("C3 the words that are read together are core's words", () => {
    for (const { fact, words } of Object.values(groups).flat()) {
      const all = factSchemas.shape[fact].options
      expect([...words].sort()).toEqual(
        all.filter((word) => (words as readonly string[]).includes(word)).sort(),
      )
      const left = all.filter((word) => !(words as readonly string[]).includes(word))
      expect(left.filter((word) => word !== "unknown")).toEqual([])
    }
  })
})

describe("C3 one fact alone", () => {
  /** A document of one fact, in which one word alone is an emergency. */
  const loaded = (key: FactKey, words: readonly string[], urgent: string) => {
    const rules = words.map(
      (word): SmallRule => ({
        id: word,
        when: [word === "unknown" ? "未知" : word],
        gives: [word === urgent ? "急" : "平"],
      }),
    )
    const values = words.filter((word) => word !== "unknown")
    const unknown = values.length < words.length ? "value" : "refused"
    const { policy: small, findings } = loadSmall(
      smallModel([smallTable("判", ["类"], ["判"], rules)], {
        facts: [
          { name: "类", key, type: "enum", values, low: 0, high: 0, unknown, typical: values[0] ?? "" },
        ],
      }),
    )
    expect(findings.filter(({ severity }) => severity === "error")).toEqual([])
    return (word: string) => small.decideBare("triage", { [key]: word }, dates)?.triage
  }

  test.each(Object.values(groups).flat())("C3 no word of $fact is taken for another", ({ fact, words }) => {
    for (const urgent of words) {
      const decide = loaded(fact, words, urgent)
      for (const word of words) expect(decide(word)).toBe(word === urgent ? "emergency" : "ordinary")
    }
  })

  test("C3 a hundred words of one length, which no table takes", () => {
    const words = Array.from({ length: 100 }, (_, at) => `kind${String(at).padStart(3, "0")}`)
    const decide = loaded("category", words, "kind042")
    for (const word of words) expect(decide(word)).toBe(word === "kind042" ? "emergency" : "ordinary")
  })
})

const tried = <T>(ask: () => T): T | string => {
  try {
    return ask()
  } catch (error) {
    return error instanceof Error ? error.name : "?"
  }
}

/** Does some value of this fact change the answer, the other facts as they are? */
const matters = (decision: DecisionName, facts: Partial<Facts>, fact: FactKey): boolean => {
  const atoms = resolved.variables.find((variable) => variable.fact === fact)?.atoms ?? []
  const answers = atoms.flatMap(givenOf).map(({ value }) => {
    const answer = tried(() => policy.decide(decision, { ...facts, [fact]: value } as Facts, dates))
    return JSON.stringify(answer)
  })
  return new Set(answers).size > 1
}
