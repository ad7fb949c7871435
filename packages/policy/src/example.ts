/**
 * The document's own examples, run when it loads: one that fails (T301) keeps the document out.
 *
 * A fact that an example leaves out has its typical value; the expected word 待定 wants a pending answer.
 */
import type { FactKey, Facts } from "@yingshao/core/decisions"
import { printOperand } from "./cell.ts"
import { isCivilDate } from "./civil-date.ts"
import type { CompiledPolicy } from "./compile.ts"
import { didYouMean, type Report } from "./finding.ts"
import type { ExampleModel, Operand, PolicyModel } from "./model.ts"
import { PolicyMisuse } from "./reader.ts"
import type { ConclusionDomain, ResolvedPolicy, Variable } from "./resolved.ts"
import { inCoreUnit, showAmount } from "./unit.ts"

/** Runs every example and reports those that come out otherwise. */
export const runExamples = (policy: CompiledPolicy, report: Report): void => {
  for (const example of policy.model.examples) runExample(policy, example, report)
}

/** The facts of an example: what it gives, and typical values for the rest. */
export const factsOfExample = (
  policy: CompiledPolicy,
  example: ExampleModel,
  report: Report,
): Partial<Facts> | undefined => {
  const facts = new Map<FactKey, string | number>()
  const { variables } = policy.resolved
  for (const variable of variables) {
    const typical = factValue(policy.resolved, variable, variable.typical)
    if (typical !== undefined) facts.set(variable.fact, typical)
  }
  let readable = true
  for (const given of example.given) {
    const variable = variables.find((candidate) => candidate.name === given.name)
    const word = printOperand(given.value)
    if (!variable) {
      readable = false
      report.add(
        "P104",
        given,
        { zh: `没有“${given.name}”这个事实`, en: `"${given.name}" is not a fact` },
        didYouMean(
          given.name,
          variables.map((candidate) => candidate.name),
        ),
      )
      continue
    }
    const value = factValue(policy.resolved, variable, word)
    if (value === undefined) {
      readable = false
      report.add("P102", given, {
        zh: `“${given.name}”没有“${word}”这个取值`,
        en: `"${given.name}" has no value "${word}"`,
      })
    } else facts.set(variable.fact, value)
  }
  return readable ? (Object.fromEntries(facts) as Partial<Facts>) : undefined
}

/**
 * What an example expects, as core would get it; undefined when the word means nothing there.
 *
 * @param date whose parameters count.
 */
export const expectedValue = (
  model: PolicyModel,
  resolved: ResolvedPolicy,
  domain: ConclusionDomain,
  value: Operand,
  date: string,
): string | number | undefined => {
  if (!domain.numeric) return resolved.vocabulary.keyOf(printOperand(value), domain.name)
  if (value.is === "number") return inCoreUnit(value.value, value.unit, domain.unit)
  if (value.is !== "parameter") return undefined
  const versions = model.parameters.filter(({ name, from }) => name === value.name && from <= date)
  const parameter = versions.at(-1)
  return parameter && inCoreUnit(parameter.value, parameter.unit, domain.unit)
}

// internal

const factValue = (
  resolved: ResolvedPolicy,
  variable: Variable,
  word: string,
): string | number | undefined => {
  if (word === "未知") return variable.unknown === "refused" ? undefined : "unknown"
  const span = variable.atoms.find((atom) => atom.is === "span")
  if (span) {
    const number = /^\d{1,9}$/.test(word) ? Number(word) : undefined
    const inside = variable.atoms.some(
      (atom) => atom.is === "span" && number !== undefined && atom.low <= number && number <= atom.high,
    )
    return inside ? number : undefined
  }
  const key = resolved.vocabulary.keyOf(word, variable.name)
  const known = variable.atoms.some((atom) => atom.is === "value" && atom.zh === word && atom.key === key)
  return known ? key : undefined
}

const runExample = (policy: CompiledPolicy, example: ExampleModel, report: Report) => {
  const date = example.date === "" ? policy.effectiveFrom : example.date
  if (!isCivilDate(date) || date < policy.effectiveFrom) {
    report.add("P106", example, {
      zh: `例“${example.id}”的日期“${date}”不是日期,或早于施行日期`,
      en: `the date "${date}" of example "${example.id}" is no date or before the policy starts`,
    })
    return
  }
  const facts = factsOfExample(policy, example, report)
  if (!facts) return
  for (const expected of example.expect) {
    const domain = [...policy.resolved.conclusions.values()].find(({ name }) => name === expected.name)
    if (!domain) {
      report.add("P104", expected, {
        zh: `没有“${expected.name}”这个结论`,
        en: `"${expected.name}" is not a conclusion`,
      })
      continue
    }
    checkExpected(policy, example, expected, domain, facts, date, report)
  }
}

const checkExpected = (
  policy: CompiledPolicy,
  example: ExampleModel,
  expected: ExampleModel["expect"][number],
  domain: ConclusionDomain,
  facts: Partial<Facts>,
  date: string,
  report: Report,
) => {
  const word = printOperand(expected.value)
  const wanted =
    word === "待定" ? "待定" : expectedValue(policy.model, policy.resolved, domain, expected.value, date)
  if (wanted === undefined) {
    report.add("P102", expected, {
      zh: `“${expected.name}”不会得出“${word}”`,
      en: `"${domain.key}" never comes to "${word}"`,
    })
    return
  }
  try {
    const answer = policy.conclude([domain.key], facts, { accepted: date, step: date })
    const got = "values" in answer ? answer.values?.[domain.key] : "待定"
    if (got === wanted) return
    const chain = answer.rules.map(({ table, rule }) => `${table} ${rule}`).join(" → ")
    const shownIn = (language: "zh" | "en"): string =>
      typeof got === "number" ? showAmount(got, domain.unit) : policy.label(got ?? "", language, domain.key)
    report.add(
      "T301",
      expected,
      {
        zh: `例“${example.id}”不成立:${expected.name} 应为 ${word},实为 ${shownIn("zh")}(${chain})`,
        en: `example "${example.id}" fails: ${domain.key} should be "${word}" and is "${shownIn("en")}" (${chain})`,
      },
      { zh: "改例子,或改上面的规则", en: "mend the example or the rules named" },
    )
  } catch (error) {
    if (!(error instanceof PolicyMisuse)) throw error
    report.add("V207", example, {
      zh: `例“${example.id}”写的是“不会发生”的情况`,
      en: `example "${example.id}" describes an impossible case (${error.message})`,
    })
  }
}
