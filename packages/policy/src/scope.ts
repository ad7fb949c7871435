/**
 * What a cell can refer to: facts, groups, parameters on a date, and conclusions of earlier tables.
 *
 * Turns the words of one cell into the atoms or values that it matches, and says P102, P103 or P105 where
 * it cannot. Grows while tables are resolved in order, because what a table concludes becomes a domain.
 */
import { printOperand } from "./cell.ts"
import { cutSpans, showAtom } from "./domain.ts"
import { didYouMean, type Report } from "./finding.ts"
import type { Alternative, Comparison, Operand, PolicyModel, Test } from "./model.ts"
import type { ColumnSource, ConclusionDomain, Value, Variable } from "./resolved.ts"
import { type CoreUnit, inCoreUnit } from "./unit.ts"
import type { Timeline } from "./version.ts"
import type { Vocabulary } from "./vocabulary.ts"

export interface Scope {
  readonly report: Report
  readonly vocabulary: Vocabulary
  readonly firstDate: string
  variables(): readonly Variable[]
  conclusions(): ReadonlyMap<string, ConclusionDomain>
  conclusionNamed(name: string): ConclusionDomain | undefined
  /** Is this the name of a declared fact, even of one that was refused? */
  isDeclared(name: string): boolean
  /** The fact or conclusion that a column names. */
  sourceOf(name: string): ColumnSource | undefined
  /** Cuts whole-number facts at every bound that some rule of some version names, and where told to. */
  cutNumbers(also: FurtherCuts): void
  /** Adds values that a table can conclude. */
  learn(key: string, values: Iterable<Value>): void
  /** For each atom or value of the source: does the test match? */
  matches(test: Test, source: ColumnSource, date: string): boolean[]
  /** A number in the wanted unit, or undefined after a finding at `at`. */
  numberOf(operand: Operand, unit: CoreUnit | undefined, date: string, at: object): number | undefined
}

/** Where whole-number facts are cut besides the bounds of the rules, so that more questions can be exact. */
export interface FurtherCuts {
  /** Tests of sentences, by the name of the fact. */
  readonly tests?: readonly { readonly name: string; readonly test: Test }[]
  /** First numbers of stretches, by the name of the fact. */
  readonly starts?: ReadonlyMap<string, readonly number[]>
}

export const createScope = (
  model: PolicyModel,
  vocabulary: Vocabulary,
  declared: readonly Variable[],
  conclusions: Map<string, ConclusionDomain>,
  timeline: Timeline,
  report: Report,
): Scope => {
  const variables = [...declared]
  const groups = new Map(model.groups.map((group) => [group.name, group.values]))
  const byName = new Map([...conclusions.values()].map((domain) => [domain.name, domain.key]))
  const firstDate = timeline.starts[0] ?? ""

  const conclusionNamed = (name: string) => conclusions.get(byName.get(name) ?? "")

  const sourceOf = (name: string): ColumnSource | undefined => {
    const variable = variables.findIndex((candidate) => candidate.name === name)
    if (variable >= 0) return { is: "fact", variable }
    const key = byName.get(name)
    return key === undefined ? undefined : { is: "conclusion", key }
  }

  const lookUp = (operand: Operand, unit: CoreUnit | undefined, date: string): number | undefined => {
    if (operand.is === "number") return inCoreUnit(operand.value, operand.unit, unit)
    const parameter = operand.is === "parameter" ? timeline.parameterOn(operand.name, date) : undefined
    return parameter && inCoreUnit(parameter.value, parameter.unit, unit)
  }

  const numberOf: Scope["numberOf"] = (operand, unit, date, at) => {
    const found = lookUp(operand, unit, date)
    if (found === undefined) explainNumber(operand, unit, timeline, report, at)
    return found
  }

  const cutNumbers = ({ tests = [], starts = new Map() }: FurtherCuts) => {
    const cuts = variables.map((): number[] => [])
    const cut = (name: string, test: Test, date: string) => {
      const index = variables.findIndex((variable) => variable.name === name)
      const variable = variables[index]
      if (!variable) return
      for (const item of test.oneOf)
        for (const bound of boundsOf(item)) {
          const number = lookUp(bound.of, variable.unit, date)
          if (number !== undefined) cuts[index]?.push(...bound.cuts(number))
        }
    }
    for (const date of timeline.starts)
      for (const table of timeline.tablesOn(date))
        for (const rule of table.rules)
          for (const [index, test] of rule.when.entries())
            cut(table.conditions[index]?.name ?? "", test, date)
    for (const row of model.impossible) for (const { fact, test } of row.when) cut(fact, test, firstDate)
    for (const date of timeline.starts) for (const { name, test } of tests) cut(name, test, date)
    for (const [index, variable] of variables.entries()) {
      const fact = model.facts.find((candidate) => candidate.name === variable.name)
      if (fact?.type === "integer")
        variables[index] = {
          ...variable,
          atoms: cutSpans(fact, [...(cuts[index] ?? []), ...(starts.get(fact.name) ?? [])]),
        }
    }
  }

  const learn = (key: string, values: Iterable<Value>) => {
    const domain = conclusions.get(key)
    if (domain) conclusions.set(key, { ...domain, values: [...new Set([...domain.values, ...values])] })
  }

  const piecesOf = (source: ColumnSource): Pieces => {
    if (source.is === "fact") {
      const variable = variables[source.variable]
      return factPieces(variable)
    }
    return conclusionPieces(conclusions.get(source.key), vocabulary)
  }

  const matches: Scope["matches"] = (test, source, date) => {
    const pieces = piecesOf(source)
    const whole = new Array<boolean>(pieces.size).fill(test.any)
    if (test.any) return whole
    const parts = test.oneOf.map((item) =>
      pieces.numeric
        ? matchNumber(item, pieces, (operand) => numberOf(operand, pieces.unit, date, test), report, test)
        : matchWord(item, pieces, groups, report, test),
    )
    refuseAmbiguousNot(test, parts, report)
    return whole.map((_, index) => parts.some((part) => part[index] === true))
  }

  return {
    report,
    vocabulary,
    firstDate,
    variables: () => variables,
    conclusions: () => conclusions,
    conclusionNamed,
    isDeclared: (name) => model.facts.some((fact) => fact.name === name),
    sourceOf,
    cutNumbers,
    learn,
    matches,
    numberOf,
  }
}

// internal

/** The atoms of a fact or the values of a conclusion, as cells see them. */
interface Pieces {
  readonly name: string
  readonly size: number
  readonly numeric: boolean
  readonly ordered: boolean
  readonly unit: CoreUnit | undefined
  /** The place of 未知, or -1. */
  readonly unknown: number
  readonly words: readonly string[]
  /** The place of a word, or -1. */
  readonly indexOf: (word: string) => number
  /** Whole numbers of a piece, lowest and highest. */
  readonly span: (index: number) => readonly [number, number] | undefined
}

const factPieces = (variable: Variable | undefined): Pieces => {
  const atoms = variable?.atoms ?? []
  const words = atoms.map(showAtom)
  return {
    name: variable?.name ?? "",
    size: atoms.length,
    numeric: atoms.some((atom) => atom.is === "span"),
    ordered: variable?.ordered ?? false,
    unit: variable?.unit,
    unknown: atoms.findIndex((atom) => atom.is === "unknown"),
    words,
    indexOf: (word) => atoms.findIndex((atom) => atom.is === "value" && atom.zh === word),
    span: (index) => {
      const atom = atoms[index]
      return atom?.is === "span" ? [atom.low, atom.high] : undefined
    },
  }
}

const conclusionPieces = (domain: ConclusionDomain | undefined, vocabulary: Vocabulary): Pieces => {
  const values = domain?.values ?? []
  const name = domain?.name ?? ""
  return {
    name,
    size: values.length,
    numeric: domain?.numeric ?? false,
    ordered: false,
    unit: domain?.unit,
    unknown: -1,
    words: values.map((value) => vocabulary.labelOf(`${value}`, domain?.key)?.zh ?? `${value}`),
    indexOf: (word) => values.indexOf(vocabulary.keyOf(word, name) ?? word),
    span: (index) => {
      const value = values[index]
      return typeof value === "number" ? [value, value] : undefined
    },
  }
}

interface Bound {
  readonly of: Operand
  /** Where a new stretch begins, given the bound's number. */
  readonly cuts: (number: number) => readonly number[]
}

const boundsOf = (item: Alternative): Bound[] => {
  const at = (number: number) => [number]
  const after = (number: number) => [number + 1]
  if (item.is === "range")
    return [
      { of: item.low, cuts: at },
      { of: item.high, cuts: after },
    ]
  if (item.is === "compare") return [{ of: item.to, cuts: item.op === ">=" || item.op === "<" ? at : after }]
  return [{ of: item.to, cuts: (number) => [number, number + 1] }]
}

const compare = (value: number, op: Comparison, bound: number): boolean =>
  op === ">=" ? value >= bound : op === ">" ? value > bound : op === "<=" ? value <= bound : value < bound

const each = (pieces: Pieces, holds: (index: number) => boolean): boolean[] =>
  Array.from({ length: pieces.size }, (_, index) => holds(index))

const matchNumber = (
  item: Alternative,
  pieces: Pieces,
  number: (operand: Operand) => number | undefined,
  report: Report,
  at: object,
): boolean[] => {
  if (item.is === "equal" && item.to.is === "word" && item.to.text === "未知")
    return matchUnknown(pieces, report, at)
  const low = number(item.is === "range" ? item.low : item.to)
  const high = item.is === "range" ? number(item.high) : low
  if (low === undefined || high === undefined) return each(pieces, () => false)
  return each(pieces, (index) => {
    const span = pieces.span(index)
    if (!span) return false
    if (item.is === "compare") return compare(span[0], item.op, low)
    const inside = span[0] >= low && span[1] <= high
    return item.is === "not" ? !inside : inside
  })
}

const matchUnknown = (pieces: Pieces, report: Report, at: object): boolean[] => {
  if (pieces.unknown < 0)
    report.add("P102", at, {
      zh: `“${pieces.name}”没有“未知”这个取值`,
      en: `"${pieces.name}" has no value 未知`,
    })
  return each(pieces, (index) => index === pieces.unknown)
}

const matchWord = (
  item: Alternative,
  pieces: Pieces,
  groups: ReadonlyMap<string, readonly string[]>,
  report: Report,
  at: object,
): boolean[] => {
  const indexOf = (operand: Operand): number => {
    const word = operand.is === "parameter" ? `{${operand.name}}` : printOperand(operand)
    const index = pieces.indexOf(word)
    if (index < 0) unknownWord(word, pieces, groups, report, at)
    return index
  }
  if (item.is === "compare" || item.is === "range") return matchOrder(item, pieces, indexOf, report, at)
  const word = item.to.is === "parameter" ? `{${item.to.name}}` : printOperand(item.to)
  if (item.is === "equal" && word === "未知") return matchUnknown(pieces, report, at)
  const group = pieces.indexOf(word) < 0 ? groups.get(word) : undefined
  const found = group ? group.map((value) => indexOf({ is: "word", text: value })) : [indexOf(item.to)]
  if (found.includes(-1)) return each(pieces, () => false)
  return each(pieces, (index) =>
    item.is === "not" ? index !== pieces.unknown && !found.includes(index) : found.includes(index),
  )
}

const matchOrder = (
  item: Extract<Alternative, { is: "compare" | "range" }>,
  pieces: Pieces,
  indexOf: (operand: Operand) => number,
  report: Report,
  at: object,
): boolean[] => {
  if (!pieces.ordered) {
    report.add("P102", at, {
      zh: `“${pieces.name}”的取值没有高低之分,不能比大小`,
      en: `values of "${pieces.name}" have no order to compare by`,
    })
    return each(pieces, () => false)
  }
  const low = indexOf(item.is === "range" ? item.low : item.to)
  const high = item.is === "range" ? indexOf(item.high) : low
  if (low < 0 || high < 0) return each(pieces, () => false)
  return each(pieces, (index) => {
    if (index === pieces.unknown) return false
    return item.is === "range" ? index >= low && index <= high : compare(index, item.op, low)
  })
}

const unknownWord = (
  word: string,
  pieces: Pieces,
  groups: ReadonlyMap<string, readonly string[]>,
  report: Report,
  at: object,
) => {
  const negated = word.startsWith("非") && pieces.indexOf(word.slice(1)) >= 0
  report.add(
    "P102",
    at,
    { zh: `“${pieces.name}”没有“${word}”这个取值`, en: `"${pieces.name}" has no value "${word}"` },
    negated
      ? { zh: `“非”后面要空一格:非 ${word.slice(1)}`, en: `leave a space: 非 ${word.slice(1)}` }
      : didYouMean(word, [...pieces.words, ...groups.keys()]),
  )
}

/** `非 甲、乙` reads as *neither* to people and as *not a, or b* to the grammar: refused. */
const refuseAmbiguousNot = (test: Test, parts: readonly boolean[][], report: Report) => {
  for (const [index, item] of test.oneOf.entries()) {
    if (item.is !== "not") continue
    const swallowed = parts.some(
      (part, other) =>
        other !== index && part.includes(true) && part.every((holds, at) => !holds || parts[index]?.[at]),
    )
    if (swallowed)
      report.add(
        "P102",
        test,
        {
          zh: "“非”只管它后面的一个词,这一格容易读错",
          en: "非 covers only the word behind it; this cell is easily misread",
        },
        {
          zh: "把要排除的取值设成分组,写“非 分组”",
          en: "make a group of what to leave out and write 非 group",
        },
      )
  }
}

const explainNumber = (
  operand: Operand,
  unit: CoreUnit | undefined,
  timeline: Timeline,
  report: Report,
  at: object,
) => {
  const written = printOperand(operand)
  if (operand.is === "word" && !/^\d/.test(operand.text)) {
    report.add("P102", at, {
      zh: `这里要写数,写的是“${written}”`,
      en: `a number is wanted, not "${written}"`,
    })
    return
  }
  if (operand.is === "parameter" && !timeline.parameterNames.includes(operand.name)) {
    report.add(
      "P103",
      at,
      { zh: `没有“${operand.name}”这个参数`, en: `unknown parameter "${operand.name}"` },
      didYouMean(operand.name, timeline.parameterNames),
    )
    return
  }
  if (
    operand.is === "parameter" &&
    timeline.parameterOn(operand.name, timeline.starts[0] ?? "") === undefined
  )
    return
  report.add("P105", at, {
    zh: `“${written}”的单位和这一列不一致,这一列按${unitNames.get(unit ?? "count") ?? "整数"}算`,
    en: `the unit of "${written}" does not fit this column, which counts ${unit ?? "whole numbers"}`,
  })
}

const unitNames = new Map<CoreUnit, string>([
  ["fen", "元"],
  ["minute", "分钟"],
  ["day", "日"],
  ["metre", "米"],
  ["person", "人"],
  ["count", "件数"],
  ["year", "岁"],
  ["point", "积分"],
])
