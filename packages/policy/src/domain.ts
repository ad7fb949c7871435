/**
 * Facts as variables: checks what 事实 declares against core (P108) and cuts each fact into atoms.
 *
 * A whole number is cut wherever some rule of some version can tell a difference, so atoms are the same in
 * all versions and a decision may mix the version of acceptance with the version of a step.
 */

import { didYouMean, type Report } from "./finding.ts"
import type { FactModel, PolicyModel } from "./model.ts"
import { factKeys, factNeed, isFactKey, type Need } from "./needs.ts"
import type { Atom, Variable } from "./resolved.ts"
import type { Vocabulary } from "./vocabulary.ts"

/** The declared facts without atoms of numbers; facts that core cannot supply are reported and left out. */
export const declareVariables = (model: PolicyModel, vocabulary: Vocabulary, report: Report): Variable[] => {
  const names = new Set<string>()
  const keys = new Set<string>()
  return model.facts.flatMap((fact): Variable[] => {
    if (names.has(fact.name) || keys.has(fact.key)) {
      report.add("P102", fact, {
        zh: `事实“${fact.name}”(${fact.key})声明了两次`,
        en: `fact "${fact.name}" (${fact.key}) is declared twice`,
      })
      return []
    }
    names.add(fact.name)
    keys.add(fact.key)
    const need = factNeed(fact.key)
    if (!isFactKey(fact.key) || !need) {
      report.add(
        "P108",
        fact,
        {
          zh: `事实“${fact.name}”的英文键“${fact.key}”系统提供不了`,
          en: `core cannot supply fact "${fact.key}" (${fact.name})`,
        },
        didYouMean(fact.key, factKeys()),
      )
      return []
    }
    const atoms = fact.type === "integer" ? [] : valueAtoms(fact, need, vocabulary, report)
    if (fact.type === "integer") refuseWideRange(fact, need, report)
    else if (need.numeric) refuseKind(fact, report)
    const variable: Variable = {
      fact: fact.key,
      name: fact.name,
      ordered: fact.type === "ordered",
      unknown: fact.unknown,
      unit: need.unit,
      typical: fact.typical,
      atoms: withUnknown(atoms, fact),
    }
    refuseTypical(fact, variable, report)
    return [variable]
  })
}

/** Cuts a whole number at `cuts`: each atom is a stretch inside which nothing changes. */
export const cutSpans = (fact: FactModel, cuts: Iterable<number>): Atom[] => {
  const starts = [...new Set([fact.low, ...[...cuts].filter((cut) => cut > fact.low && cut <= fact.high)])]
  starts.sort((a, b) => a - b)
  const spans = starts.map(
    (low, index): Atom => ({ is: "span", low, high: (starts[index + 1] ?? fact.high + 1) - 1 }),
  )
  return withUnknown(spans, fact)
}

/** How an officer reads an atom. */
export const showAtom = (atom: Atom): string =>
  atom.is === "unknown"
    ? "未知"
    : atom.is === "value"
      ? atom.zh
      : atom.low === atom.high
        ? `${atom.low}`
        : `${atom.low}..${atom.high}`

// internal

const withUnknown = (atoms: readonly Atom[], fact: FactModel): Atom[] =>
  fact.unknown === "value" ? [...atoms, { is: "unknown" }] : [...atoms]

const valueAtoms = (fact: FactModel, need: Need, vocabulary: Vocabulary, report: Report): Atom[] =>
  fact.values.map((zh): Atom => {
    const key = vocabulary.keyOf(zh, fact.name)
    if (key === undefined || key === "unknown" || (!need.numeric && !need.accepts(key))) {
      report.add(
        "P108",
        fact,
        key === undefined
          ? { zh: `“${fact.name}”的取值“${zh}”没有译名`, en: `value "${zh}" of "${fact.name}" has no key` }
          : {
              zh: `“${fact.name}”的取值“${zh}”(${key})系统提供不了`,
              en: `core cannot supply value "${key}" (${zh}) of "${fact.key}"`,
            },
        key === undefined
          ? { zh: "在译名表里补一行", en: "add a row to the table 译名" }
          : need.words.length > 0
            ? { zh: `可用的键:${need.words.join("、")}`, en: `keys to use: ${need.words.join(", ")}` }
            : undefined,
      )
    }
    return { is: "value", key: key ?? zh, zh }
  })

const refuseWideRange = (fact: FactModel, need: Need, report: Report) => {
  if (need.numeric && need.accepts(fact.low) && need.accepts(fact.high)) return
  report.add("P108", fact, {
    zh: need.numeric
      ? `事实“${fact.name}”的范围 ${fact.low}..${fact.high} 超出系统能提供的范围`
      : `事实“${fact.name}”不是整数`,
    en: need.numeric
      ? `core cannot supply all of ${fact.low}..${fact.high} for "${fact.key}"`
      : `fact "${fact.key}" is not a whole number`,
  })
}

const refuseKind = (fact: FactModel, report: Report) =>
  report.add("P108", fact, {
    zh: `事实“${fact.name}”是整数,不能列举取值`,
    en: `fact "${fact.key}" is a whole number and lists no values`,
  })

const refuseTypical = (fact: FactModel, variable: Variable, report: Report) => {
  const number = /^\d{1,9}$/.test(fact.typical) ? Number(fact.typical) : Number.NaN
  const known =
    fact.type === "integer" ? number >= fact.low && number <= fact.high : fact.values.includes(fact.typical)
  if (known || (fact.typical === "未知" && variable.unknown !== "refused")) return
  report.add(
    "P102",
    fact,
    {
      zh: `事实“${fact.name}”的典型值“${fact.typical}”不在取值里`,
      en: `typical value "${fact.typical}" of "${fact.name}" is not among its values`,
    },
    didYouMean(fact.typical, fact.values),
  )
}
