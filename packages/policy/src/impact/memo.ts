/**
 * An impact to be read and to be filed: a memo in Markdown, Chinese first, and a spreadsheet as CSV.
 *
 * Both hold the tables of `tables.ts`; the memo says besides what was not counted and what the numbers do not tell.
 */
import type { Bilingual } from "../finding.ts"
import { type Impact, impactTables, type ShownTable } from "./tables.ts"

/** Refused rows that a memo lists; the others are counted. */
export const mostListed = 50

/** @example impactMemo(impact) // => "# 规则改动的影响 What the change would have meant\n…" */
export const impactMemo = (impact: Impact): string => {
  const lines = [
    "# 规则改动的影响 What the change would have meant",
    "",
    ...aboutInput(impact),
    ...impactTables(impact).flatMap(markdownTable),
    ...aboutBudget(impact),
    ...aboutRefused(impact),
    ...limits.flatMap(({ zh, en }) => ["", `${zh}\n${en}`]),
  ]
  return `${lines.join("\n")}\n`
}

/**
 * The same tables for a spreadsheet: UTF-8 with BOM, both languages, one table under the other.
 *
 * A cell that a spreadsheet would take for a formula begins with an apostrophe.
 */
export const impactCsv = (impact: Impact): string => {
  const rows = impactTables(impact).flatMap(({ title, heads, rows: body }) => [
    [title],
    heads,
    ...body,
    [{ zh: "", en: "" }],
  ])
  const lines = rows.map((row) => row.map(({ zh, en }) => csvCell(zh === en ? zh : `${zh} ${en}`)).join(","))
  return `\ufeff${lines.join("\r\n")}\r\n`
}

/** One cell of CSV, quoted where needed. @example csvCell("=1+1") // => "'=1+1" */
export const csvCell = (text: string): string => {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

// internal

const limits: readonly Bilingual[] = [
  {
    zh: "金额按两份文件最后一版的规则算出,不看封顶和预算是否够;现金好于积分,积分好于没有。少于 5 的数字和由它能推算出的数字不列。",
    en: "Amounts are what the last version of each document awards; caps and budgets hold nothing back. Cash counts as better than points, points as better than nothing. Numbers under 5, and those from which they follow, are not shown.",
  },
  {
    zh: "这是过去的信息照新规则再算一遍;人们会不会因此多报或少报,这里不知道。",
    en: "This is the past under other rules; whether people would report more or less because of them is not known here.",
  },
]

const markdownCell = ({ zh, en }: Bilingual): string =>
  (zh === en ? zh : `${zh} ${en}`).replaceAll("|", "\\|").replaceAll(/\s*\n\s*/g, " ")

const markdownTable = ({ title, heads, rows }: ShownTable): readonly string[] => [
  "",
  `## ${markdownCell(title)}`,
  "",
  `| ${heads.map(markdownCell).join(" | ")} |`,
  `|${heads.map((_, at) => (at === 0 ? "---" : "---:")).join("|")}|`,
  ...rows.map((row) => `| ${row.map(markdownCell).join(" | ")} |`),
]

const aboutInput = ({ before, after, period, received, refused, ...impact }: Impact): readonly string[] => {
  const { columnsNotUsed: unused, takenAsTypical: typical } = impact
  const taken = received - refused.length
  return [
    `- 原规则 before: ${before.id} \`${before.digest.slice(0, 12)}\``,
    `- 新规则 after: ${after.id} \`${after.digest.slice(0, 12)}\``,
    `- 历史 history: ${period[0]} – ${period[1]},收到 ${received} 行,算了 ${taken} 行,没算 ${refused.length} 行 / ${received} rows, ${taken} replayed, ${refused.length} refused`,
    ...(unused.length === 0 ? [] : [`- 没有用到的列 columns not used: ${unused.join("、")}`]),
    ...(typical.length === 0
      ? []
      : [`- 没有这一列,按典型值 no column, taken as typical: ${typical.join("、")}`]),
  ]
}

const aboutBudget = ({ budget }: Impact): readonly string[] => {
  const { years, seed, growthPercent, reportsPerYear, emptyQuarters: empty } = budget
  return [
    "",
    `抽样:按季度从历史里整件抽取,拼成 ${years} 个年份,每年 ${reportsPerYear} 件(增长 ${growthPercent}%),种子 ${seed};说不清的信息没有参加抽样,只算在上限里。`,
    `Sampled: ${years} years of ${reportsPerYear} reports each, whole reports drawn by quarter, growth ${growthPercent}%, seed ${seed}; reports that nobody can tell are in no sampled year, only in the ceiling.`,
    ...(empty.length === 0
      ? []
      : [
          "",
          `历史里第 ${empty.join("、")} 季度没有能算的信息,所以这不是完整的一年。`,
          `The history has nothing to draw for quarter ${empty.join(", ")}: these are no whole years.`,
        ]),
  ]
}

const aboutRefused = ({ refused }: Impact): readonly string[] => {
  if (refused.length === 0) return []
  const rest = refused.length - mostListed
  return [
    "",
    "## 没算的行 Rows refused",
    "",
    ...refused.slice(0, mostListed).map(({ line, why }) => `- ${line}: ${why.zh} / ${why.en}`),
    ...(rest > 0 ? [`- 还有 ${rest} 行 / ${rest} more`] : []),
  ]
}
