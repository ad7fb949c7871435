/**
 * From the model back to a document: what it prints reads back to the same model, and so to the same hash.
 *
 * Prose is not part of the model and does not come back. Tables stand under the headings they stood under.
 */
import { printConclusion, printOperand, printTest } from "./cell.ts"
import type {
  Applies,
  ExampleModel,
  FactModel,
  FactType,
  Hit,
  ParameterStatus,
  PolicyModel,
  RuleModel,
  TableModel,
  UnknownHandling,
} from "./model.ts"

/**
 * The Markdown of a policy.
 *
 * @example readPolicy(printPolicy(policy.model)).policy.digest === policy.digest // => true
 */
export const printPolicy = (model: PolicyModel): string => {
  const blocks = [
    model.title === "" ? "" : `# ${escaped(model.title)}`,
    grid(
      ["政策项", "内容"],
      model.items.map(({ name, text }) => [name, text]),
    ),
    grid(["事实", "英文", "类型", "取值", "未知", "典型"], model.facts.map(factRow)),
    grid(
      ["分组", "取值"],
      model.groups.map(({ name, values }) => [name, values.join("、")]),
    ),
    grid(
      ["负面清单", "条文", "约束", "状态"],
      model.prohibitions.map(({ name, text, binds, status }) => [name, text, binds, status]),
    ),
    ...printImpossible(model),
    grid(
      ["译名", "英文", "English", "用于"],
      model.names.map(({ zh, key, en, of }) => [zh, key, en, of]),
    ),
    grid(
      ["参数", "值", "单位", "自", "依据", "状态"],
      model.parameters.map(({ name, value, unit, from, source, status, remark }) => [
        name,
        `${value}`,
        unit || "—",
        from,
        source,
        `${statusWords[status]}${remark && ` ${remark}`}`,
      ]),
    ),
    ...printTables(model),
    ...printExamples(model),
    grid(
      ["编号", "性质"],
      model.properties.map(({ id, text }) => [id, text]),
    ),
  ]
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`
}

// internal

const typeWords: { readonly [K in FactType]: string } = {
  enum: "枚举",
  ordered: "有序",
  yesNo: "是否",
  integer: "整数",
}

const unknownWords: { readonly [K in UnknownHandling]: string } = {
  refused: "不许",
  value: "作为取值",
  pending: "待定",
}

const statusWords: { readonly [K in ParameterStatus]: string } = {
  given: "原文",
  assumed: "假设",
  open: "待定",
  confirmed: "已确认",
}

const appliesWords: { readonly [K in Applies]: string } = {
  "": "",
  accepted: "受理时",
  step: "步骤开始时",
  decision: "决定时",
  better: "从旧兼从优",
}

/** Markdown's own signs inside a cell would be read as emphasis, code, links or columns. */
const escaped = (text: string): string => text.replace(/[\\`*_{}[\]<>#|!&~]/g, (sign) => entity(sign))

/** Braces and comparisons are common in cells and mean nothing to Markdown on their own. */
const entity = (sign: string): string =>
  "{}>#!~".includes(sign) ? sign : sign === "<" ? "&lt;" : `\\${sign}`

const grid = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  rows.length === 0
    ? ""
    : [header, header.map(() => "---"), ...rows]
        .map((row, index) => `| ${row.map((cell) => (index === 1 ? cell : escaped(cell))).join(" | ")} |`)
        .join("\n")

const factRow = (fact: FactModel): string[] => [
  fact.name,
  fact.key,
  typeWords[fact.type],
  fact.type === "integer"
    ? `${fact.low}..${fact.high}`
    : fact.values.join(fact.type === "ordered" ? " < " : "、"),
  unknownWords[fact.unknown],
  fact.typical,
]

const printImpossible = (model: PolicyModel): string[] =>
  runsOf(model.impossible, (row) => row.when.map(({ fact }) => fact).join("\n")).map((rows) =>
    grid(
      ["不会发生", ...(rows[0]?.when.map(({ fact }) => fact) ?? []), "理由"],
      rows.map((row) => [row.id, ...row.when.map(({ test }) => printTest(test)), row.reason]),
    ),
  )

const printTables = (model: PolicyModel): string[] => {
  let heading = model.title
  return model.tables.flatMap((table) => {
    const clause = table.heading === heading ? [] : [`## ${escaped(table.heading)}`]
    heading = table.heading
    return [...clause, `### ${escaped(tableHeading(table))}`, printRules(table)]
  })
}

const hitWords = (hit: Hit): string => {
  switch (hit.policy) {
    case "unique":
      return "唯一"
    case "priority":
      return `优先 ${hit.order.join(">")}`
    case "any":
      return "任一"
    case "first":
      return "首条"
    case "collect":
      return `汇总 ${hit.by}`
  }
}

const tableHeading = (table: TableModel): string =>
  [
    `决策表 ${table.name}`,
    `命中 ${hitWords(table.hit)}`,
    table.basis && `依据 ${table.basis}`,
    table.applies && `适用 ${appliesWords[table.applies]}`,
    table.from && `自 ${table.from}`,
  ]
    .filter((part) => part !== "")
    .join(" · ")

const printRules = (table: TableModel): string => {
  const some = (of: (rule: RuleModel) => string) => table.rules.some((rule) => of(rule) !== "")
  const extra = [
    { name: "例外于", of: (rule: RuleModel) => rule.exceptionTo.join("、") },
    { name: "说明", of: (rule: RuleModel) => rule.note },
    { name: "依据", of: (rule: RuleModel) => rule.basis },
  ].filter(({ of }) => some(of))
  const header = [
    "规则",
    ...table.conditions.map(({ name }) => name),
    ...table.conclusions.map(({ name }) => `→ ${name}`),
    ...extra.map(({ name }) => name),
  ]
  const rows = table.rules.map((rule) => [
    rule.id,
    ...rule.when.map((test) => (rule.rest ? "其余" : printTest(test))),
    ...rule.gives.map(printConclusion),
    ...extra.map(({ of }) => of(rule)),
  ])
  return rows.length === 0 ? emptyGrid(header) : grid(header, rows)
}

const emptyGrid = (header: readonly string[]): string =>
  `| ${header.map(escaped).join(" | ")} |\n| ${header.map(() => "---").join(" | ")} |`

const printExamples = (model: PolicyModel): string[] =>
  runsOf(model.examples, (example) => columnsOf(example).join("\n")).map((examples) => {
    const [first] = examples
    const header = [
      "例",
      ...(first?.given.map(({ name }) => name) ?? []),
      "日期",
      ...(first?.expect.map(({ name }) => `→ ${name}`) ?? []),
    ]
    return grid(
      header,
      examples.map((example) => [
        example.id,
        ...example.given.map(({ value }) => printOperand(value)),
        example.date || "—",
        ...example.expect.map(({ value }) => printOperand(value)),
      ]),
    )
  })

const columnsOf = (example: ExampleModel): string[] => [
  ...example.given.map(({ name }) => name),
  ...example.expect.map(({ name }) => `→${name}`),
]

/** Neighbours with the same columns share a table. */
const runsOf = <T>(parts: readonly T[], key: (part: T) => string): T[][] => {
  const runs: T[][] = []
  for (const part of parts) {
    const last = runs.at(-1)
    if (last?.[0] !== undefined && key(last[0]) === key(part)) last.push(part)
    else runs.push([part])
  }
  return runs
}
