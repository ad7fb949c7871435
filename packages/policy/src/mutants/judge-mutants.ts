/**
 * Which changes would anybody notice? Each change is tried against the tables, the examples and the promises.
 *
 * A change that alters no conclusion of any case is no change and does not count. What is left over is what
 * nobody would notice (T304), each with the smallest case in which it matters.
 */
import { alignPolicies } from "../cases/align.ts"
import { exampleCase, tryExample } from "../cases/example-case.ts"
import { datesOf, tablesBehind, tablesInForce, versionPairs } from "../cases/in-force.ts"
import { search } from "../cases/search.ts"
import { printOperand } from "../cell.ts"
import { checkTables } from "../check.ts"
import { expectedValue } from "../example.ts"
import { type Bilingual, createReport, type Report } from "../finding.ts"
import type { ExampleModel, PolicyModel, PropertyModel } from "../model.ts"
import { boundsNamed, judgeProperty } from "../properties/judge.ts"
import { readSentence, type Sentence } from "../properties/sentence.ts"
import { changedFacts, showConclusion } from "../properties/tell.ts"
import { resolve } from "../resolve.ts"
import type { ResolvedPolicy } from "../resolved.ts"
import { type Mutant, mutantsOf } from "./mutate.ts"

/** Who noticed a change, or that nobody did. */
export type Notice =
  | { readonly is: "tables" }
  | { readonly is: "example"; readonly id: string }
  | { readonly is: "property"; readonly id: string }
  /** No conclusion of any case is different. */
  | { readonly is: "no-change" }
  | { readonly is: "nobody"; readonly differs?: Difference }

/** The smallest case in which a change matters. */
export interface Difference {
  readonly given: readonly { readonly fact: string; readonly value: string }[]
  readonly conclusion: string
  readonly from: Bilingual
  readonly to: Bilingual
  readonly date: string
}

export interface JudgedMutant {
  readonly mutant: Mutant
  readonly notice: Notice
}

/** Counts over all changes that are changes. */
export interface MutantScore {
  readonly changes: number
  readonly noticed: number
  readonly byTables: number
  readonly byExamples: number
  readonly byProperties: number
  readonly noChange: number
  /** From 0 to 1; 1 when nothing could be changed. */
  readonly share: number
}

/**
 * Judges every change of a model that is sound.
 *
 * @param progress is told how many are done.
 */
export const judgeMutants = (
  model: PolicyModel,
  progress: (done: number, all: number) => void = () => {},
): JudgedMutant[] => {
  const tests = boundsNamed(model, model.properties)
  const report = createReport("", new Map())
  const base = resolve(model, report, { tests })
  if (!base) throw new Error("the model does not resolve")
  const known = errorsIn(report)
  const asked = model.properties.map((property) => ({ property, keys: keysOf(model, base, property) }))
  const mutants = mutantsOf(model)
  return mutants.map((mutant, at) => {
    progress(at, mutants.length)
    return { mutant, notice: noticeOf({ model, base, tests, asked, known }, mutant) }
  })
}

export const scoreOf = (judged: readonly JudgedMutant[]): MutantScore => {
  const count = (is: Notice["is"]) => judged.filter(({ notice }) => notice.is === is).length
  const [byTables, byExamples, byProperties, noChange] = [
    count("tables"),
    count("example"),
    count("property"),
    count("no-change"),
  ]
  const noticed = byTables + byExamples + byProperties
  const changes = judged.length - noChange
  return {
    changes,
    noticed,
    byTables,
    byExamples,
    byProperties,
    noChange,
    share: changes === 0 ? 1 : noticed / changes,
  }
}

/** T304, as notes. */
export const reportMutants = (judged: readonly JudgedMutant[], report: Report): void => {
  for (const { mutant, notice } of judged) {
    if (notice.is !== "nobody") continue
    const { differs } = notice
    const given = differs?.given.map(({ fact, value }) => `${fact}=${value}`).join("、") ?? ""
    report.add(
      "T304",
      mutant.at,
      {
        zh: `这样改没有人会发现:${mutant.what.zh}${differs ? `。${given === "" ? "典型情况" : given}:${differs.conclusion} 从 ${differs.from.zh} 变成 ${differs.to.zh}` : ""}`,
        en: `nobody would notice this change: ${mutant.what.en}${differs ? `. ${given === "" ? "typical case" : given}: ${differs.conclusion} from ${differs.from.en} to ${differs.to.en}` : ""}`,
      },
      differs && {
        zh: `加一个例子:${given === "" ? "典型情况" : given},→ ${differs.conclusion}`,
        en: `add an example: ${given === "" ? "the typical case" : given}, → ${differs.conclusion}`,
      },
    )
  }
}

// internal

interface Asked {
  readonly property: PropertyModel
  /** Tables that the sentence depends on; undefined when it cannot be read. */
  readonly keys: ReadonlySet<string> | undefined
}

/** The original, and all that its changes are tried against. */
interface Original {
  readonly model: PolicyModel
  readonly base: ResolvedPolicy
  readonly tests: ReturnType<typeof boundsNamed>
  readonly asked: readonly Asked[]
  /** Errors that the original has itself, for instance a part of a policy looked at alone. */
  readonly known: number
}

const errorsIn = ({ findings }: Report): number =>
  findings.filter(({ severity }) => severity === "error").length

const noticeOf = ({ model, base, tests, asked, known }: Original, mutant: Mutant): Notice => {
  const report = createReport("", new Map())
  const policy = resolve(mutant.model, report, { tests })
  if (!policy || errorsIn(report) > known) return { is: "tables" }
  checkTables(only(policy, mutant.tables), report)
  if (errorsIn(report) > known) return { is: "tables" }
  for (const example of mutant.model.examples)
    if (!holds(mutant.model, policy, example)) return { is: "example", id: example.id }
  for (const { property, keys } of asked) {
    const touched =
      keys !== undefined &&
      (mutant.tables.some((table) => keys.has(table)) ||
        (mutant.parameter !== undefined && property.text.includes(`{${mutant.parameter}}`)))
    if (!touched) continue
    const { verdict } = judgeProperty(mutant.model, policy, property)
    if (verdict.is === "fails" || verdict.is === "premise-never-true" || verdict.is === "unreadable")
      return { is: "property", id: property.id }
  }
  return differenceOf(model, base, mutant, tests)
}

/** The same policy with only some of its tables, for checks of single tables. */
const only = (policy: ResolvedPolicy, tables: readonly string[]): ResolvedPolicy => ({
  ...policy,
  versions: policy.versions.map((version) => ({
    ...version,
    tables: version.tables.filter(({ name }) => tables.includes(name)),
  })),
})

const keysOf = (
  model: PolicyModel,
  policy: ResolvedPolicy,
  property: PropertyModel,
): ReadonlySet<string> | undefined => {
  const read = readSentence(model, property.text)
  if (!read.ok) return undefined
  const names = namesIn(read.sentence)
  const keys = [...policy.conclusions.values()].flatMap(({ name, key }) =>
    names.includes(name) ? [key] : [],
  )
  const [latest] = policy.versions.slice(-1)
  return new Set(tablesBehind(latest?.tables ?? [], keys).map(({ name }) => name))
}

const namesIn = (sentence: Sentence): string[] => {
  switch (sentence.is) {
    case "has":
    case "zeroOrBetween":
    case "oneOf":
    case "rising":
    case "noEffect":
    case "versions":
      return [sentence.of]
    case "whenever":
      return [sentence.of, ...sentence.premise.map(({ name }) => name)]
    case "notBoth":
      return [...sentence.both]
    case "unknownPays":
      return [...sentence.of]
    default:
      return []
  }
}

/** Does an example still come out as it expects? One that cannot be read any more does not. */
const holds = (model: PolicyModel, policy: ResolvedPolicy, example: ExampleModel): boolean => {
  const ready = exampleCase(policy, example)
  if (!ready) return false
  const tried = tryExample(policy, ready)
  return example.expect.every(({ name, value }) => {
    const domain = [...policy.conclusions.values()].find((one) => one.name === name)
    if (!domain) return false
    const got = tried.valueOf(domain.key)
    const word = printOperand(value)
    if (word === "待定") return got === undefined
    const date = example.date || policy.effectiveFrom
    const wanted = expectedValue(model, policy, domain, value, date)
    return wanted === got
  })
}

/** The smallest case in which a conclusion of a changed table differs, over all versions. */
const differenceOf = (
  model: PolicyModel,
  base: ResolvedPolicy,
  mutant: Mutant,
  tests: Original["tests"],
): Notice => {
  const aligned = alignPolicies(model, mutant.model, tests)
  if (!aligned) return { is: "nobody" }
  const [before, after] = aligned
  for (const pair of versionPairs(base).filter(({ accepted, step }) => accepted === step))
    for (const name of mutant.tables) {
      const tables = tablesInForce(before, pair)
      const conclusions = tables.find((table) => table.name === name)?.conclusions ?? []
      for (const key of conclusions) {
        const searched = search({
          lanes: [
            { policy: before, tables },
            { policy: after, tables: tablesInForce(after, pair) },
          ],
          premise: [],
          watch: [{ is: "conclusion", key }],
          onlyDifferences: true,
        })
        if (searched.is === "too-large") return { is: "nobody" }
        const [leaf] = searched.leaves
          .filter((one) => one.seen(0, 0) !== one.seen(1, 0))
          .toSorted((a, b) => a.size - b.size)
        if (!leaf) continue
        return {
          is: "nobody",
          differs: {
            given: changedFacts(before, leaf.one(), undefined).map(({ fact, value }) => ({ fact, value })),
            conclusion: before.conclusions.get(key)?.name ?? key,
            from: showConclusion(before, key, leaf.seen(0, 0)),
            to: showConclusion(after, key, leaf.seen(1, 0)),
            date: datesOf(before, pair).accepted,
          },
        }
      }
    }
  return { is: "no-change" }
}
