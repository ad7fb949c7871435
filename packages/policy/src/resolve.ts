/**
 * From the model to resolved tables: every word, parameter, unit and date gets its meaning or a finding.
 *
 * Says P102 to P109, V204, V205 and V208. Whether the rules leave gaps or overlap is checked afterwards, on
 * what this module returns.
 */
import { isDash } from "./cell.ts"
import { declareVariables } from "./domain.ts"
import { didYouMean, type Report } from "./finding.ts"
import type { ColumnModel, Operand, PolicyModel, TableModel } from "./model.ts"
import { conclusionNeed, neededConclusions } from "./needs.ts"
import { noteAssumptions, warnUnused } from "./note.ts"
import { possibleValues } from "./possible-value.ts"
import { resolveTable, tableColumns } from "./resolve-table.ts"
import type {
  ConclusionDomain,
  ResolvedImpossible,
  ResolvedPolicy,
  ResolvedTable,
  Version,
} from "./resolved.ts"
import { createScope, type FurtherCuts, type Scope } from "./scope.ts"
import { type CoreUnit, unitOf } from "./unit.ts"
import { readIdentity, type Timeline, timelineOf } from "./version.ts"
import { type Vocabulary, vocabularyOf } from "./vocabulary.ts"

/**
 * The resolved policy, or undefined when the findings leave nothing to work on.
 *
 * @param also where numbers are cut besides the bounds of the rules.
 */
export const resolve = (
  model: PolicyModel,
  report: Report,
  also: FurtherCuts = {},
): ResolvedPolicy | undefined => {
  const identity = readIdentity(model, report)
  noteAssumptions(model, report)
  if (!identity) return undefined
  const vocabulary = vocabularyOf(model)
  const timeline = timelineOf(model, identity.effectiveFrom, report)
  const declared = declareVariables(model, vocabulary, report)
  const conclusions = declareConclusions(model, vocabulary, report)
  refuseMissing(conclusions, report)
  const scope = createScope(model, vocabulary, declared, conclusions, timeline, report)
  const order = orderTables(model, scope, report)
  if (order === undefined) return undefined
  scope.cutNumbers(also)
  const versions = resolveVersions(order, timeline, scope)
  const impossible = resolveImpossible(model, scope, report)
  warnUnused(model, scope.variables(), report)
  return {
    ...identity,
    vocabulary,
    variables: scope.variables(),
    conclusions: scope.conclusions(),
    impossible,
    versions,
  }
}

// internal

const declareConclusions = (
  model: PolicyModel,
  vocabulary: Vocabulary,
  report: Report,
): Map<string, ConclusionDomain> => {
  const read = new Set(model.tables.flatMap((table) => tableColumns(table)))
  const conclusions = new Map<string, ConclusionDomain>()
  for (const table of model.tables)
    for (const column of table.conclusions) {
      const key = vocabulary.keyOf(column.name, "") ?? column.name
      const known = conclusions.get(key)
      if (known) {
        if (known.table !== table.name)
          report.add("V202", column, {
            zh: `“${column.name}”由两张表得出:${known.table}、${table.name}`,
            en: `"${column.name}" is concluded by two tables: ${known.table}, ${table.name}`,
          })
        continue
      }
      const need = conclusionNeed(key)
      if (!need && !read.has(column.name)) refuseUnknownConclusion(column, key, report)
      conclusions.set(key, {
        key,
        name: column.name,
        numeric: need?.numeric ?? isNumericColumn(model, column.name),
        unit: need ? need.unit : unitOfHelper(model, column.name, vocabulary),
        table: table.name,
        values: [],
      })
    }
  return conclusions
}

/** A helper conclusion counts as numeric when none of its cells is a word. */
const isNumericColumn = (model: PolicyModel, name: string): boolean =>
  model.tables.every((table) => {
    const index = table.conclusions.findIndex((column) => column.name === name)
    return table.rules.every((rule) => {
      const cell = rule.gives[index]
      return cell === undefined || cell.is === "call" || cell.of.is !== "word"
    })
  })

/** A helper conclusion counts in the unit that its cells name, or that of what they calculate with. */
const unitOfHelper = (model: PolicyModel, name: string, vocabulary: Vocabulary): CoreUnit | undefined => {
  const operands = model.tables.flatMap((table) => {
    const index = table.conclusions.findIndex((column) => column.name === name)
    return table.rules.flatMap((rule): readonly Operand[] => {
      const cell = rule.gives[index]
      return cell === undefined ? [] : cell.is === "value" ? [cell.of] : cell.of
    })
  })
  for (const operand of operands) {
    if (operand.is === "word") {
      const unit = conclusionNeed(vocabulary.keyOf(operand.text, "") ?? "")?.unit
      if (unit) return unit
      continue
    }
    const written =
      operand.is === "number"
        ? operand.unit
        : model.parameters.find((candidate) => candidate.name === operand.name)?.unit
    const unit = unitOf(written ?? "")
    if (unit) return unit.unit
  }
  return undefined
}

const refuseUnknownConclusion = (column: ColumnModel, key: string, report: Report) =>
  report.add(
    "P109",
    column,
    {
      zh: `系统不认识结论“${column.name}”${key === column.name ? "(没有译名)" : `(${key})`},也没有别的表用它`,
      en: `core does not know conclusion "${key}" (${column.name}), and no table reads it`,
    },
    didYouMean(
      key,
      neededConclusions().map((needed) => needed.key),
    ),
  )

const refuseMissing = (conclusions: ReadonlyMap<string, ConclusionDomain>, report: Report) => {
  const missing = Map.groupBy(
    neededConclusions().filter((needed) => !conclusions.has(needed.key)),
    (needed) => needed.decision,
  )
  for (const [decision, needed] of missing) {
    const keys = needed.map(({ key }) => key)
    report.add(
      "P107",
      undefined,
      {
        zh: `没有一张表得出系统在 ${decision} 里需要的结论:${keys.join("、")}`,
        en: `no table concludes what core needs for ${decision}: ${keys.join(", ")}`,
      },
      {
        zh: "加一张决策表,并在译名表里给结论列写上这个英文键",
        en: "add a decision table and give its conclusion columns these keys in the table 译名",
      },
    )
  }
}

/**
 * Every table on every date, table by table: what one table can conclude in any version is known before a
 * later table asks for it.
 */
const resolveVersions = (order: readonly string[], timeline: Timeline, scope: Scope): Version[] => {
  const tables = timeline.starts.map((): ResolvedTable[] => [])
  for (const name of order)
    for (const [index, from] of timeline.starts.entries()) {
      const model = timeline.tablesOn(from).find((table) => table.name === name)
      if (!model) continue
      const table = resolveTable(model, from, scope)
      tables[index]?.push(table)
      for (const [column, key] of table.conclusions.entries())
        scope.learn(key, possibleValues(table, column, scope))
    }
  return timeline.starts.map((from, index) => ({ number: index + 1, from, tables: tables[index] ?? [] }))
}

/** Names of tables, each after those whose conclusions it reads; a circle is an error. */
const orderTables = (model: PolicyModel, scope: Scope, report: Report): string[] | undefined => {
  const byName = new Map<string, TableModel[]>()
  for (const table of model.tables) byName.set(table.name, [...(byName.get(table.name) ?? []), table])
  const state = new Map<string, "open" | "done">()
  const order: string[] = []
  const visit = (name: string): boolean => {
    if (state.get(name) === "done") return true
    if (state.get(name) === "open") {
      report.add("V204", byName.get(name)?.[0], {
        zh: `决策表“${name}”绕了一圈又用到自己的结论`,
        en: `table "${name}" depends on its own conclusion`,
      })
      return false
    }
    state.set(name, "open")
    const reads = (byName.get(name) ?? []).flatMap((table) => tableColumns(table))
    const needed = new Set(reads.flatMap((column) => scope.conclusionNamed(column)?.table ?? []))
    for (const other of needed) if (!visit(other)) return false
    state.set(name, "done")
    order.push(name)
    return true
  }
  for (const name of byName.keys()) if (!visit(name)) return undefined
  return order
}

const resolveImpossible = (model: PolicyModel, scope: Scope, report: Report): ResolvedImpossible[] =>
  model.impossible.flatMap((row): ResolvedImpossible[] => {
    const when = row.when.flatMap(({ fact, test }) => {
      const index = scope.variables().findIndex((variable) => variable.name === fact)
      if (index < 0) {
        if (!scope.isDeclared(fact))
          report.add("P104", row, { zh: `没有“${fact}”这个事实`, en: `"${fact}" is not a fact` })
        return []
      }
      const holds = scope.matches(test, { is: "fact", variable: index }, scope.firstDate)
      return test.any ? [] : [{ variable: index, holds }]
    })
    return when.length === 0 || isDash(row.id) ? [] : [{ model: row, id: row.id, when }]
  })
