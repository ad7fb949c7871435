/**
 * Gaps (V201), overlaps (V202) and rules that never decide (V203), exactly, for every table and version.
 */
import { type Bits, emptyBits, hasBit, members, setBit } from "./bits.ts"
import { showAtom } from "./domain.ts"
import type { Report } from "./finding.ts"
import { type Leaf, reachableSets } from "./frontier.ts"
import type { RuleModel } from "./model.ts"
import type { ColumnSource, ResolvedPolicy, ResolvedTable } from "./resolved.ts"
import { settle } from "./settle.ts"
import { showAmount } from "./unit.ts"

/** Checks every table of every version. */
export const checkTables = (policy: ResolvedPolicy, report: Report): void => {
  const reached = new Set<RuleModel>()
  const coveredBy = new Map<RuleModel, Set<string>>()
  const checked = new Set<ResolvedTable["model"]>()
  for (const version of policy.versions)
    for (const table of version.tables) {
      checkTable(policy, table, report, reached, coveredBy)
      checked.add(table.model)
    }
  for (const table of checked)
    for (const rule of table.rules)
      if (!reached.has(rule)) reportUnreachable(table.name, rule, coveredBy.get(rule), report)
}

/** The combination of a leaf as an officer would write it. */
export const describePath = (policy: ResolvedPolicy, table: ResolvedTable, leaf: Leaf): string => {
  const parts = leaf.path.flatMap((chosen, index) => {
    const column = table.columns[index]
    if (!column || chosen.pieces.length === column.masks.length) return []
    const words = chosen.pieces.slice(0, 4).map((piece) => showPiece(policy, column.source, piece))
    return [`${column.name}=${words.join("、")}${chosen.pieces.length > 4 ? "等" : ""}`]
  })
  return parts.length > 0 ? parts.join(" 且 ") : "任何情况"
}

/** A piece of a column in words. */
export const showPiece = (policy: ResolvedPolicy, source: ColumnSource, piece: number): string => {
  if (source.is === "fact") {
    const atom = policy.variables[source.variable]?.atoms[piece]
    return atom ? showAtom(atom) : ""
  }
  const domain = policy.conclusions.get(source.key)
  const value = domain?.values[piece]
  if (typeof value === "number") return showAmount(value, domain?.unit)
  return policy.vocabulary.labelOf(value ?? "", source.key)?.zh ?? `${value}`
}

// internal

const checkTable = (
  policy: ResolvedPolicy,
  table: ResolvedTable,
  report: Report,
  reached: Set<RuleModel>,
  coveredBy: Map<RuleModel, Set<string>>,
) => {
  const ruleCount = table.rules.length
  const impossible = policy.impossible.filter(({ when }) =>
    when.every(({ variable }) =>
      table.columns.some(({ source }) => source.is === "fact" && source.variable === variable),
    ),
  )
  const width = ruleCount + impossible.length
  const start = emptyBits(width)
  for (let i = 0; i < width; i++) if (i !== table.rest) setBit(start, i)
  const columns = table.columns.map(({ source, masks }) =>
    masks.map((mask, piece) => {
      const wide = emptyBits(width)
      for (const rule of members(mask)) setBit(wide, rule)
      for (const [index, { when }] of impossible.entries()) {
        const condition = when.find(({ variable }) => source.is === "fact" && source.variable === variable)
        if (condition?.holds[piece] ?? true) setBit(wide, ruleCount + index)
      }
      return wide
    }),
  )
  const leaves = reachableSets(start, columns)
  if (!leaves) {
    report.add("R404", table.model, {
      zh: `决策表“${table.name}”太大,不能全部查完`,
      en: `table "${table.name}" is too large to exhaust`,
    })
    for (const rule of table.rules) reached.add(rule.model)
    return
  }
  const gaps: Leaf[] = []
  const clashes = new Map<string, { leaf: Leaf; rules: readonly [number, number] }>()
  for (const leaf of leaves) {
    if (impossible.some((_, index) => hasBit(leaf.matching, ruleCount + index))) continue
    const matching = narrow(leaf.matching, ruleCount)
    const settled = settle(table, matching)
    if (settled.is === "none") gaps.push(leaf)
    else if (settled.is === "clash") {
      const key = settled.rules.join()
      if (!clashes.has(key)) clashes.set(key, { leaf, rules: settled.rules })
      for (const rule of settled.left) markReached(table, rule, reached)
    } else {
      for (const rule of settled.rules) markReached(table, rule, reached)
      noteCovered(table, matching, settled.rules, coveredBy)
    }
  }
  reportGaps(policy, table, gaps, report)
  for (const { leaf, rules } of clashes.values()) reportClash(policy, table, leaf, rules, report)
}

const narrow = (wide: Bits, size: number): Bits => {
  const bits = emptyBits(size)
  for (const member of members(wide)) if (member < size) setBit(bits, member)
  return bits
}

const markReached = (table: ResolvedTable, rule: number, reached: Set<RuleModel>) => {
  const model = table.rules[rule]?.model
  if (model) reached.add(model)
}

const noteCovered = (
  table: ResolvedTable,
  matching: Bits,
  deciding: readonly number[],
  coveredBy: Map<RuleModel, Set<string>>,
) => {
  for (const rule of members(matching)) {
    const model = table.rules[rule]?.model
    if (!model || deciding.includes(rule)) continue
    const names = coveredBy.get(model) ?? new Set()
    for (const winner of deciding) names.add(table.rules[winner]?.id ?? "")
    coveredBy.set(model, names)
  }
}

const reportGaps = (policy: ResolvedPolicy, table: ResolvedTable, gaps: readonly Leaf[], report: Report) => {
  if (gaps.length === 0) return
  const shown = gaps.slice(0, 3).map((leaf) => describePath(policy, table, leaf))
  const more = gaps.length > 3 ? gaps.length - 3 : 0
  report.add(
    "V201",
    table.model,
    {
      zh: `决策表“${table.name}”有漏洞,没有规则管:${shown.join(";")}${more > 0 ? `;另有 ${more} 类` : ""}`,
      en: `table "${table.name}" has a gap, no rule for: ${shown.join("; ")}${more > 0 ? `; and ${more} more` : ""}`,
    },
    { zh: "补一条规则,或加一行“其余”", en: "add a rule, or a row 其余" },
  )
}

const reportClash = (
  policy: ResolvedPolicy,
  table: ResolvedTable,
  leaf: Leaf,
  rules: readonly [number, number],
  report: Report,
) => {
  const [first, second] = rules.toSorted((a, b) => a - b)
  const [a, b] = [table.rules[first ?? 0], table.rules[second ?? 0]]
  if (!a || !b) return
  const where = describePath(policy, table, leaf)
  report.add(
    "V202",
    b.model,
    {
      zh: `规则“${a.id}”和“${b.id}”同时管:${where}`,
      en: `rules "${a.id}" and "${b.id}" overlap at: ${where}`,
    },
    {
      zh: `如果“${b.id}”是例外,在它的“例外于”里写“${a.id}”`,
      en: `if "${b.id}" is an exception, name "${a.id}" in its column 例外于`,
    },
  )
}

const reportUnreachable = (
  table: string,
  rule: RuleModel,
  coveredBy: ReadonlySet<string> | undefined,
  report: Report,
) => {
  const names = [...(coveredBy ?? [])].toSorted()
  const because =
    names.length > 0
      ? {
          zh: `它的情况都由 ${names.join("、")} 决定`,
          en: `all its cases are decided by ${names.join(", ")}`,
        }
      : rule.rest
        ? { zh: "没有剩下的情况", en: "nothing remains" }
        : { zh: "没有这样的情况", en: "no such case exists" }
  report.add(
    "V203",
    rule,
    {
      zh: `决策表“${table}”的规则“${rule.id}”永远用不上:${because.zh}`,
      en: `rule "${rule.id}" of table "${table}" is never reached: ${because.en}`,
    },
    { zh: "删去它,或改它的条件", en: "remove it or change its conditions" },
    rule.rest ? "warning" : "error",
  )
}
