/**
 * Small changes that somebody could make by mistake: one cell, one rule or one number at a time.
 *
 * A changed model shares everything else with the original. Nothing is judged here.
 */
import { printConclusion, printTest } from "../cell.ts"
import type { Bilingual } from "../finding.ts"
import type {
  Alternative,
  Conclusion,
  ParameterModel,
  PolicyModel,
  RuleModel,
  TableModel,
  Test,
} from "../model.ts"
import { conclusionNeed } from "../needs.ts"
import { vocabularyOf } from "../vocabulary.ts"

/** What kind of mistake a change stands for. */
export type MutantKind =
  | "condition-dropped"
  | "condition-narrowed"
  | "condition-replaced"
  | "bound-moved"
  | "conclusion-replaced"
  | "exception-dropped"
  | "rule-deleted"
  | "parameter-moved"

/** One change. */
export interface Mutant {
  readonly kind: MutantKind
  readonly model: PolicyModel
  /** The part of the original that was changed: a rule, a cell or a parameter. */
  readonly at: object
  /** The changed table; for a parameter the tables that use it. */
  readonly tables: readonly string[]
  /** The parameter that was moved. */
  readonly parameter?: string
  readonly what: Bilingual
}

/** Every change of a model, in the order of the document. */
export const mutantsOf = (model: PolicyModel): Mutant[] => [
  ...model.parameters.flatMap((parameter) => parameterMutants(model, parameter)),
  ...model.tables.flatMap((table) => table.rules.flatMap((rule) => ruleMutants(model, table, rule))),
]

// internal

const withRule = (
  model: PolicyModel,
  table: TableModel,
  rule: RuleModel,
  to: RuleModel | undefined,
): PolicyModel => ({
  ...model,
  tables: model.tables.map((one) =>
    one === table
      ? {
          ...table,
          rules: table.rules.flatMap((other) => (other === rule ? (to ? [to] : []) : [other])),
        }
      : one,
  ),
})

const ruleMutants = (model: PolicyModel, table: TableModel, rule: RuleModel): Mutant[] => {
  const name = `${table.name} ${rule.id}`
  const change = (
    kind: MutantKind,
    at: object,
    to: RuleModel | undefined,
    zh: string,
    en: string,
  ): Mutant => ({
    kind,
    model: withRule(model, table, rule, to),
    at,
    tables: [table.name],
    what: { zh: `${name}${zh}`, en: `${name}${en}` },
  })
  const conditions = rule.when.flatMap((test, column) =>
    changedTests(model, table.conditions[column]?.name ?? "", test).map(({ kind, to }) => {
      const column_ = table.conditions[column]?.name ?? ""
      const [from, now] = [printTest(test), printTest(to)]
      return change(
        kind,
        test,
        { ...rule, when: rule.when.with(column, to) },
        `:条件“${column_}”从“${from}”改成“${now}”`,
        `: condition ${column_} from "${from}" to "${now}"`,
      )
    }),
  )
  const conclusions = rule.gives.flatMap((cell, column) => {
    const to = otherConclusion(model, table, column, cell)
    const column_ = table.conclusions[column]?.name ?? ""
    if (!to) return []
    const [from, now] = [printConclusion(cell), printConclusion(to)]
    return [
      change(
        "conclusion-replaced",
        cell,
        { ...rule, gives: rule.gives.with(column, to) },
        `:结论“${column_}”从“${from}”改成“${now}”`,
        `: conclusion ${column_} from "${from}" to "${now}"`,
      ),
    ]
  })
  const exceptions =
    rule.exceptionTo.length === 0
      ? []
      : [
          change(
            "exception-dropped",
            rule,
            { ...rule, exceptionTo: [] },
            `:删去“例外于 ${rule.exceptionTo.join("、")}”`,
            `: no longer an exception to ${rule.exceptionTo.join(", ")}`,
          ),
        ]
  return [
    ...(rule.rest ? [] : conditions),
    ...conclusions,
    ...exceptions,
    change("rule-deleted", rule, undefined, ":整条删去", ": deleted"),
  ]
}

/** A dropped condition, a moved bound, one alternative less, another value. */
const changedTests = (
  model: PolicyModel,
  column: string,
  test: Test,
): { readonly kind: MutantKind; readonly to: Test }[] => {
  if (test.any) return []
  const changes: { readonly kind: MutantKind; readonly to: Test }[] = [
    { kind: "condition-dropped", to: { any: true, oneOf: [] } },
  ]
  for (const [at, item] of test.oneOf.entries()) {
    const moved = movedBound(item)
    if (moved) changes.push({ kind: "bound-moved", to: { ...test, oneOf: test.oneOf.with(at, moved) } })
  }
  if (test.oneOf.length > 1)
    changes.push({ kind: "condition-narrowed", to: { ...test, oneOf: test.oneOf.slice(0, -1) } })
  const [only, more] = test.oneOf
  const other = only && !more ? otherWord(model, column, only) : undefined
  if (other) changes.push({ kind: "condition-replaced", to: { ...test, oneOf: [other] } })
  return changes
}

const movedBound = (item: Alternative): Alternative | undefined => {
  if (item.is !== "compare") return undefined
  const ops = { ">=": ">", ">": ">=", "<=": "<", "<": "<=" } as const
  return { ...item, op: ops[item.op] }
}

/** The next value of the fact, or the next group. */
const otherWord = (model: PolicyModel, column: string, item: Alternative): Alternative | undefined => {
  if (item.is !== "equal" || item.to.is !== "word") return undefined
  const { text } = item.to
  const values = model.facts.find(({ name }) => name === column)?.values ?? []
  const groups = model.groups.filter((group) => group.values.every((value) => values.includes(value)))
  const among = values.includes(text) ? values : groups.map(({ name }) => name)
  const at = among.indexOf(text)
  const next = at < 0 ? undefined : among[(at + 1) % among.length]
  return next === undefined || next === text ? undefined : { is: "equal", to: { is: "word", text: next } }
}

/** Another conclusion of the same column, else another value that core knows, else one more. */
const otherConclusion = (
  model: PolicyModel,
  table: TableModel,
  column: number,
  cell: Conclusion,
): Conclusion | undefined => {
  const written = printConclusion(cell)
  const cells = table.rules.flatMap((rule) => rule.gives[column] ?? [])
  const others = cells.filter((one) => printConclusion(one) !== written)
  const start = cells.findIndex((one) => printConclusion(one) === written)
  const next = cells.slice(start + 1).find((one) => printConclusion(one) !== written) ?? others[0]
  if (next) return { ...next }
  if (cell.is === "call") return undefined
  const { of } = cell
  if (of.is === "number") return { is: "value", of: { ...of, value: of.value + 1 } }
  if (of.is === "parameter") {
    const parameter = model.parameters.find(({ name }) => name === of.name)
    return (
      parameter && { is: "value", of: { is: "number", value: parameter.value + 1, unit: parameter.unit } }
    )
  }
  const name = table.conclusions[column]?.name ?? ""
  const vocabulary = vocabularyOf(model)
  const need = conclusionNeed(vocabulary.keyOf(name, "") ?? "")
  const own = vocabulary.keyOf(of.text, name)
  const word = need?.words.find((key) => key !== own)
  const label = word === undefined ? undefined : vocabulary.labelOf(word)?.zh
  return label === undefined ? undefined : { is: "value", of: { is: "word", text: label } }
}

const parameterMutants = (model: PolicyModel, parameter: ParameterModel): Mutant[] => {
  const mark = `{${parameter.name}}`
  const tables = model.tables.filter((table) =>
    table.rules.some(
      (rule) =>
        rule.when.some((test) => printTest(test).includes(mark)) ||
        rule.gives.some((cell) => printConclusion(cell).includes(mark)),
    ),
  )
  const value = parameter.value + 1
  return [
    {
      kind: "parameter-moved",
      model: {
        ...model,
        parameters: model.parameters.map((one) => (one === parameter ? { ...one, value } : one)),
      },
      at: parameter,
      tables: [...new Set(tables.map(({ name }) => name))],
      parameter: parameter.name,
      what: {
        zh: `参数“${parameter.name}”从 ${parameter.value} 改成 ${value}`,
        en: `parameter ${parameter.name} from ${parameter.value} to ${value}`,
      },
    },
  ]
}
