/**
 * The heading of a decision table: its name, how rows hit, what it stands on, whose date picks the version.
 *
 * `### 决策表 名称 · 命中 唯一 · 依据 … · 适用 受理时 · 自 2026-01-01`. A part that starts with no known
 * word belongs to the part before it, so that a source may contain the middle dot itself.
 */
import { isCivilDate } from "./civil-date.ts"
import { didYouMean, type Place, type Report } from "./finding.ts"
import type { Heading } from "./markdown.ts"
import { type Aggregation, type Applies, aggregations, type Hit } from "./model.ts"

export interface TableHeading {
  readonly name: string
  readonly hit: Hit
  readonly basis: string
  readonly applies: Applies
  readonly from: string
  readonly place: Place
}

/** The parts of a table's heading, or undefined when the heading is an ordinary clause. */
export const readTableHeading = (heading: Heading, report: Report): TableHeading | undefined => {
  if (!heading.text.startsWith("决策表 ") && !heading.text.startsWith("决策表:")) return undefined
  const parts = split(heading.text)
  const name = (parts[0] ?? "").slice("决策表 ".length).trim()
  let hit: Hit = { policy: "unique" }
  let basis = ""
  let applies: Applies = ""
  let from = ""
  for (const part of parts.slice(1)) {
    const at = part.indexOf(" ")
    const rest = part.slice(at + 1).trim()
    if (part.startsWith("命中")) hit = readHit(rest, heading, report) ?? hit
    else if (part.startsWith("依据")) basis = rest
    else if (part.startsWith("适用")) applies = readApplies(rest, heading, report)
    else if (isCivilDate(rest)) from = rest
    else
      report.add("P106", heading.place, {
        zh: `“${rest}”不是日期(要写成 2026-01-01)`,
        en: `"${rest}" is no date (write 2026-01-01)`,
      })
  }
  return { name, hit, basis, applies, from, place: heading.place }
}

// internal

const parts = ["命中", "依据", "适用", "自"]

const split = (text: string): string[] => {
  const result: string[] = []
  for (const piece of text.split("·")) {
    const begins = parts.some((word) => piece.trim().startsWith(`${word} `))
    if (begins || result.length === 0) result.push(piece.trim())
    else result.push(`${result.pop()}·${piece.trimEnd()}`)
  }
  return result
}

const hits = ["唯一", "优先", "任一", "首条", "汇总"]

const readHit = (text: string, heading: Heading, report: Report): Hit | undefined => {
  const [word = "", ...more] = text.split(" ")
  const rest = more.join(" ").trim()
  if (word === "唯一") return { policy: "unique" }
  if (word === "任一") return { policy: "any" }
  if (word === "首条") return { policy: "first" }
  if (word === "优先" && rest !== "")
    return { policy: "priority", order: rest.split(">").map((v) => v.trim()) }
  const by = aggregations.find((known): known is Aggregation => known === rest)
  if (word === "汇总" && by) return { policy: "collect", by }
  report.add(
    "P102",
    heading.place,
    {
      zh: `看不懂命中方式“${text}”`,
      en: `unknown hit policy "${text}"`,
    },
    word === "优先"
      ? { zh: "写成 优先 甲>乙>丙", en: "write 优先 a>b>c" }
      : word === "汇总"
        ? {
            zh: `汇总后面写 ${aggregations.join("、")} 之一`,
            en: `after 汇总 write one of ${aggregations.join(", ")}`,
          }
        : didYouMean(word, hits),
  )
  return undefined
}

const timings = new Map<string, Applies>([
  ["受理时", "accepted"],
  ["步骤开始时", "step"],
  ["决定时", "decision"],
  ["从旧兼从优", "better"],
])

const readApplies = (text: string, heading: Heading, report: Report): Applies => {
  const found = timings.get(text)
  if (found === undefined)
    report.add(
      "P102",
      heading.place,
      { zh: `看不懂适用“${text}”`, en: `unknown 适用 "${text}"` },
      didYouMean(text, timings.keys()),
    )
  return found ?? ""
}
