/** Tables of answers against a slow interpreter on all complete cases, and against diagrams where facts are open. */
import {
  type DecisionName,
  decisions,
  type FactKey,
  type Facts,
  facts as factSchemas,
} from "@yingshao/core/decisions"
import { describe, expect, test } from "vitest"
import { groups } from "../src/answer-table.ts"
import type { Atom } from "../src/resolved.ts"
import { dates, huishui } from "./fixtures/huishui.ts"
import { interpret, type Words } from "./fixtures/naive.ts"
import { loadSmall, type SmallRule, smallModel, smallTable } from "./fixtures/small-model.ts"

const policy = huishui()
const { model, resolved } = policy
const decisionNames = Object.keys(decisions) as DecisionName[]

/** Every table, and the facts that decide it through all tables before it. */
const factsBehind = (name: string): string[] => {
  const table = model.tables.find(({ conclusions }) => conclusions.some((column) => column.name === name))
  const columns = (table?.conditions ?? []).map((column) => column.name)
  const operands = (table?.rules ?? []).flatMap(({ gives }) =>
    gives.flatMap((cell) =>
      cell.is === "value" ? [] : cell.of.flatMap((of) => (of.is === "word" ? [of.text] : [])),
    ),
  )
  return [
    ...new Set(
      [...columns, ...operands].flatMap((column) =>
        model.facts.some((fact) => fact.name === column) ? [column] : factsBehind(column),
      ),
    ),
  ]
}

const namesOf = (decision: DecisionName) =>
  Object.keys(decisions[decision].concludes.shape).map((key) => ({
    key,
    name: resolved.conclusions.get(key)?.name ?? "",
  }))

const variablesOf = (decision: DecisionName) => {
  const behind = new Set(namesOf(decision).flatMap(({ name }) => factsBehind(name)))
  return resolved.variables.filter(({ name }) => behind.has(name))
}

/** A value of a fact, as the document and as core write it. */
interface Given {
  readonly word: string | number
  readonly value: string | number | undefined
}

const givenOf = (atom: Atom): Given[] => {
  if (atom.is === "unknown") return [{ word: "未知", value: "unknown" }]
  if (atom.is === "value") return [{ word: atom.zh, value: atom.key }]
  return [...new Set([atom.low, atom.high])].map((number) => ({ word: number, value: number }))
}

/** Every `step`-th combination of one value a fact. */
function* combinations(lists: readonly (readonly Given[])[], step: number): Generator<Given[]> {
  const count = lists.reduce((product, list) => product * list.length, 1)
  for (let number = 0; number < count; number += step) {
    let rest = number
    yield lists.map((list) => {
      const given = list[rest % list.length]
      rest = Math.floor(rest / list.length)
      return given ?? { word: "", value: undefined }
    })
  }
}

/** So many that no table is gone through in more than a second or two; a prime, so that no fact stands still. */
const stepFor = (lists: readonly (readonly Given[])[], most: number): number => {
  const count = lists.reduce((product, list) => product * list.length, 1)
  return count <= most ? 1 : ([7, 31, 127, 509, 2039, 8191].find((prime) => count / prime <= most) ?? 32_749)
}

/** The slow interpreter, which goes through every table's own cells once. */
const remembering = () => {
  const columnsOf = new Map(
    model.tables.flatMap((table) => table.conclusions.map((column) => [column.name, table] as const)),
  )
  // What an earlier table concludes stands among the facts, so that it is not interpreted again.
  const flat = {
    ...model,
    facts: [
      ...model.facts,
      ...[...columnsOf.keys()].flatMap((name) => (model.facts[0] ? [{ ...model.facts[0], name }] : [])),
    ],
  }
  const known = new Map<string, string | number | undefined>()
  const conclude = (name: string, words: Words): string | number | undefined => {
    const table = columnsOf.get(name)
    if (table === undefined) return words[name]
    const read = table.conditions.map((column) => column.name)
    const own = Object.fromEntries(read.map((column) => [column, conclude(column, words) ?? ""]))
    const key = `${name} ${Object.values(own).join(" ")}`
    if (!known.has(key)) known.set(key, interpret(flat, own, name))
    return known.get(key)
  }
  return conclude
}

const impossible = (words: Words) => words.核实层级 === "未核实" && words.核实结论 !== "无法核实"

describe("C3 tables of answers", () => {
  const slowly = remembering()

  test.each(decisionNames)(
    "C3 %s: the table and the slow interpreter agree on the cells of its facts",
    (decision) => {
      const variables = variablesOf(decision)
      const lists = variables.map(({ atoms }) => atoms.flatMap(givenOf))
      let compared = 0
      for (const givens of combinations(lists, stepFor(lists, 45_000))) {
        const words: Words = Object.fromEntries(
          givens.map(({ word }, at) => [variables[at]?.name ?? "", word]),
        )
        if ("核实结论" in words && "核实层级" in words && impossible(words)) continue
        const facts = Object.fromEntries(givens.map(({ value }, at) => [variables[at]?.fact ?? "", value]))
        const got = policy.decideBare(decision, facts as Partial<Facts>, dates)
        compared += 1
        for (const { key, name } of namesOf(decision)) {
          const word = slowly(name, words)
          const value = typeof word === "string" ? (resolved.vocabulary.keyOf(word, name) ?? word) : word
          if (got?.[key as keyof typeof got] !== value)
            expect({ facts, [key]: got }).toEqual({ facts, [key]: value })
        }
      }
      expect(compared).toBeGreaterThan(0)
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
