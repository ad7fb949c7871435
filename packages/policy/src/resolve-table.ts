/**
 * One table on one date: bitsets of rules for each piece of each column, exceptions, ranks and results.
 */
import { hasBetterVersion } from "@yingshao/core/programme/better-version"
import { type Bits, emptyBits, hasBit, setBit } from "./bits.ts"
import { printConclusion } from "./cell.ts"
import { didYouMean } from "./finding.ts"
import type { Conclusion, Operand, RuleModel, TableModel } from "./model.ts"
import { conclusionNeed, neededConclusions, timingOf } from "./needs.ts"
import type { ConclusionDomain, ResolvedColumn, ResolvedRule, ResolvedTable, Result } from "./resolved.ts"
import type { Scope } from "./scope.ts"

/** Names of facts and conclusions that a table reads: its condition columns and what it calculates with. */
export const tableColumns = (table: TableModel): string[] => [
  ...table.conditions.map((column) => column.name),
  ...capturedNames(table),
]

export const resolveTable = (table: TableModel, date: string, scope: Scope): ResolvedTable => {
  const conclusions = table.conclusions.map(
    (column) => scope.conclusionNamed(column.name)?.key ?? column.name,
  )
  const beats = resolveExceptions(table, scope)
  const ranks = resolveRanks(table, scope)
  const columns = table.conditions.flatMap((column, index): ResolvedColumn[] => {
    const source = scope.sourceOf(column.name)
    if (!source) {
      if (scope.isDeclared(column.name)) return []
      scope.report.add(
        "P104",
        column,
        {
          zh: `没有“${column.name}”这个事实或结论`,
          en: `"${column.name}" is neither a fact nor a conclusion`,
        },
        didYouMean(column.name, [
          ...scope.variables().map((variable) => variable.name),
          ...[...scope.conclusions().values()].map((domain) => domain.name),
          "例外于",
          "说明",
          "依据",
        ]),
      )
      return []
    }
    const rows = table.rules.map((rule) => (rule.rest ? [] : matchCell(rule, index, source, date, scope)))
    const pieces = scope.matches({ any: true, oneOf: [] }, source, date).length
    return [{ name: column.name, source, masks: transpose(rows, pieces, table.rules.length) }]
  })
  const rules = table.rules.map(
    (rule, index): ResolvedRule => ({
      model: rule,
      id: rule.id,
      clause: rule.basis || table.basis || table.heading,
      gives: rule.gives.map((cell, at) =>
        resolveResult(cell, table.conclusions[at]?.name ?? "", date, scope),
      ),
      reads: rule.when.map((test) => rule.rest || !test.any),
      beats: beats[index] ?? emptyBits(table.rules.length),
      rank: ranks[index] ?? 0,
    }),
  )
  return {
    model: table,
    name: table.name,
    hit: table.hit,
    timing: timingOfTable(table, conclusions),
    better: takesBetter(table, conclusions, scope),
    columns,
    captures: capturedNames(table).flatMap((name) => scope.conclusionNamed(name)?.key ?? []),
    conclusions,
    rules,
    rest: restOf(table, scope),
  }
}

// internal

const capturedNames = (table: TableModel): string[] => [
  ...new Set(
    table.rules.flatMap((rule) =>
      rule.gives.flatMap((cell) =>
        cell.is === "call" ? cell.of.flatMap((operand) => (operand.is === "word" ? [operand.text] : [])) : [],
      ),
    ),
  ),
]

/** 适用, else as core declares it for the decision, else the date of acceptance. */
const timingOfTable = (table: TableModel, conclusions: readonly string[]): "accepted" | "step" => {
  if (table.applies === "accepted" || table.applies === "better") return "accepted"
  if (table.applies !== "") return "step"
  const needed = neededConclusions().find(({ key }) => conclusions.includes(key))
  return needed ? timingOf(needed.decision) : "accepted"
}

/** 从旧兼从优 is for rights: what follows acceptance and can be better or worse for a person. */
const takesBetter = (table: TableModel, conclusions: readonly string[], scope: Scope): boolean => {
  if (table.applies !== "better") return false
  const asked = neededConclusions().filter(({ key }) => conclusions.includes(key))
  const other = asked.find(({ decision }) => !hasBetterVersion(decision))
  if (other === undefined) return true
  const name = scope.conclusions().get(other.key)?.name ?? other.key
  const why =
    timingOf(other.decision) === "step"
      ? { zh: "本来就按办理时的规则", en: "follows the rules of the step anyway" }
      : { zh: "分不出对人是好是坏", en: "is neither better nor worse for a person" }
  scope.report.add(
    "P102",
    table,
    {
      zh: `决策表“${table.name}”不能从旧兼从优:“${name}”${why.zh}`,
      en: `table "${table.name}" cannot take the better version: "${other.key}" ${why.en}`,
    },
    { zh: "删去“适用 从旧兼从优”", en: "remove 适用 从旧兼从优" },
  )
  return false
}

const matchCell = (
  rule: RuleModel,
  index: number,
  source: Parameters<Scope["matches"]>[1],
  date: string,
  scope: Scope,
): boolean[] => {
  const test = rule.when[index]
  return test ? scope.matches(test, source, date) : []
}

/** From a list of pieces for each rule to a set of rules for each piece. */
const transpose = (rows: readonly (readonly boolean[])[], pieces: number, ruleCount: number): Bits[] =>
  Array.from({ length: pieces }, (_, piece) => {
    const bits = emptyBits(ruleCount)
    for (const [rule, row] of rows.entries()) if (row[piece]) setBit(bits, rule)
    return bits
  })

const restOf = (table: TableModel, scope: Scope): number => {
  const rows = table.rules.filter((rule) => rule.rest)
  if (rows.length > 1)
    scope.report.add("V202", rows[1], {
      zh: `决策表“${table.name}”有两行“其余”`,
      en: `table "${table.name}" has two rows 其余`,
    })
  return table.rules.findIndex((rule) => rule.rest)
}

/** For each rule the rules it beats, through chains of exceptions; a chain in a circle is V204. */
const resolveExceptions = (table: TableModel, scope: Scope): Bits[] => {
  const indexOf = new Map(table.rules.map((rule, index) => [rule.id, index]))
  const direct = table.rules.map((rule) =>
    rule.exceptionTo.flatMap((id) => {
      const index = indexOf.get(id)
      if (index === undefined)
        scope.report.add(
          "P102",
          rule,
          {
            zh: `规则“${rule.id}”例外于“${id}”,但表里没有这一条`,
            en: `rule "${rule.id}" is an exception to "${id}", which this table does not have`,
          },
          didYouMean(id, indexOf.keys()),
        )
      return index === undefined ? [] : [index]
    }),
  )
  return table.rules.map((rule, start) => {
    const beaten = emptyBits(table.rules.length)
    const open = [...(direct[start] ?? [])]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (hasBit(beaten, next)) continue
      setBit(beaten, next)
      open.push(...(direct[next] ?? []))
    }
    if (hasBit(beaten, start))
      scope.report.add("V204", rule, {
        zh: `规则“${rule.id}”的“例外于”绕成了圈`,
        en: `rule "${rule.id}" is an exception to itself in a circle`,
      })
    return beaten
  })
}

/** Under 优先 a rule's rank is the place of its first conclusion on the ladder. */
const resolveRanks = (table: TableModel, scope: Scope): number[] => {
  const { hit } = table
  if (hit.policy !== "priority") return []
  return table.rules.map((rule) => {
    const cell = rule.gives[0]
    const word = cell ? printConclusion(cell) : ""
    const rank = hit.order.indexOf(word)
    if (rank < 0 && cell)
      scope.report.add(
        "P102",
        cell,
        {
          zh: `“${word}”不在优先次序里:${hit.order.join(" > ")}`,
          en: `"${word}" is not on the ladder ${hit.order.join(" > ")}`,
        },
        didYouMean(word, hit.order),
      )
    return Math.max(rank, 0)
  })
}

const resolveResult = (cell: Conclusion, column: string, date: string, scope: Scope): Result => {
  const domain = scope.conclusionNamed(column)
  if (!domain) return { is: "constant", value: "" }
  if (cell.is === "call") return resolveCall(cell, domain, date, scope)
  const value = domain.numeric
    ? scope.numberOf(cell.of, domain.unit, date, cell)
    : wordOf(cell.of, domain, scope, cell)
  if (value !== undefined && !(conclusionNeed(domain.key)?.accepts(value) ?? true))
    refuseValue(value, domain, cell, scope)
  return { is: "constant", value: value ?? (domain.numeric ? 0 : "") }
}

const wordOf = (operand: Operand, domain: ConclusionDomain, scope: Scope, at: object): string | undefined => {
  const word = operand.is === "word" ? operand.text : printConclusion({ is: "value", of: operand })
  const key = scope.vocabulary.keyOf(word, domain.name)
  if (key === undefined)
    scope.report.add(
      "P109",
      at,
      {
        zh: `“${domain.name}”的结论“${word}”没有译名`,
        en: `conclusion "${word}" of "${domain.key}" has no key`,
      },
      { zh: "在译名表里补一行", en: "add a row to the table 译名" },
    )
  return key
}

const refuseValue = (value: string | number, domain: ConclusionDomain, at: object, scope: Scope) => {
  const need = conclusionNeed(domain.key)
  scope.report.add(
    "P109",
    at,
    {
      zh: `系统不认识“${domain.name}”的结论“${value}”`,
      en: `core does not know "${value}" as a value of "${domain.key}"`,
    },
    need && need.words.length > 0
      ? { zh: `可用的键:${need.words.join("、")}`, en: `keys to use: ${need.words.join(", ")}` }
      : undefined,
  )
}

const resolveCall = (
  cell: Extract<Conclusion, { is: "call" }>,
  domain: ConclusionDomain,
  date: string,
  scope: Scope,
): Result => {
  if (!domain.numeric)
    scope.report.add("P105", cell, {
      zh: `“${domain.name}”不是数,不能计算`,
      en: `"${domain.key}" is not a number and cannot be calculated`,
    })
  const of = cell.of.map((operand, index) => {
    const unit = cell.name === "平分" && index === 1 ? "count" : domain.unit
    const source = operand.is === "word" ? scope.conclusionNamed(operand.text) : undefined
    if (!source) return scope.numberOf(operand, unit, date, cell) ?? 1
    if (source.unit !== unit)
      scope.report.add("P105", cell, {
        zh: `“${source.name}”的单位和“${domain.name}”不一致`,
        en: `the unit of "${source.key}" does not fit "${domain.key}"`,
      })
    return { conclusion: source.key }
  })
  if (cell.name === "平分" && of[1] === 0)
    scope.report.add("P102", cell, { zh: "不能平分成零份", en: "cannot share among none" })
  return { is: "call", name: cell.name, of }
}
