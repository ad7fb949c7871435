/**
 * A synthetic decision table of any size: every group of categories, band of “number this month” and band of
 * “days without a report” has a rule of its own, without gap or overlap.
 *
 * The same bands are given as a document for the policy compiler and as data for other engines.
 */
import { policyWithTable } from "./example-policy.ts"

export interface BandedRule {
  readonly categories: readonly string[]
  /** First and last number of the band, both included. */
  readonly nth: readonly [number, number]
  readonly idle: readonly [number, number]
  readonly result: number
}

export interface BandedFacts {
  readonly category: string
  readonly nth: number
  readonly idle: number
}

/** How many of each; their product is the number of rows. */
export interface Bands {
  readonly groups: number
  readonly nth: number
  readonly idle: number
}

/** @example bandedRules({ groups: 4, nth: 5, idle: 1 }).length // => 20 */
export const bandedRules = (bands: Bands): readonly BandedRule[] =>
  grouped(bands.groups).flatMap((categories, group) =>
    split([1, 1000], bands.nth).flatMap((nth, row) =>
      split([0, 3650], bands.idle).map((idle, column) => ({
        categories,
        nth,
        idle,
        result: 1 + ((group * 7919 + row * 104_729 + column * 1_299_709) % 30_000),
      })),
    ),
  )

/** The example policy with these rules for how long points last; the decision `lotLife` then asks them. */
export const bandedPolicy = (rules: readonly BandedRule[]) => {
  const rows = rules.map(({ categories, nth, idle, result }, row) => {
    const names = categories.map((key) => chinese[key]).join("、")
    return `| 带${row + 1} | ${names} | ${nth.join("..")} | ${idle.join("..")} | ${result} |`
  })
  return policyWithTable(
    [
      "### 决策表 积分有效期 · 命中 唯一 · 依据 (假设)",
      "",
      "| 规则 | 事件类别 | 本月第几件 | 未报天数 | → 积分有效期 |",
      "|---|---|---|---|---|",
      ...rows,
    ].join("\n"),
  )
}

/** What the rules say, looked up row by row. */
export const bandedAnswer = (rules: readonly BandedRule[], facts: BandedFacts): number | undefined =>
  rules.find(
    ({ categories, nth, idle }) =>
      categories.includes(facts.category) &&
      nth[0] <= facts.nth &&
      facts.nth <= nth[1] &&
      idle[0] <= facts.idle &&
      facts.idle <= idle[1],
  )?.result

/** Facts spread over the whole table, the same on every run. */
export const bandedCases = (count: number): readonly BandedFacts[] =>
  Array.from({ length: count }, (_, index) => {
    const seed = Math.imul(index + 1, 0x9e3779b1) >>> 0
    return {
      category: keys[seed % keys.length] ?? "unknown",
      nth: 1 + ((seed >>> 7) % 1000),
      idle: (seed >>> 11) % 3651,
    }
  })

// internal

const chinese: Readonly<Record<string, string>> = {
  fire: "火情",
  drowning: "溺水",
  hazmat: "危化泄漏",
  geohazard: "地质灾害",
  collapse: "坍塌",
  traffic: "交通事故",
  clash: "群体冲突",
  foodDrug: "食品药品",
  facility: "设施损坏",
  hardship: "困难人员",
  environment: "环境卫生",
  neighbours: "邻里纠纷",
  fraudLead: "诈骗线索",
  suggestion: "意见建议",
  other: "其他",
  unknown: "未知",
}

const keys = Object.keys(chinese)

const grouped = (groups: number): readonly (readonly string[])[] =>
  split([0, keys.length - 1], groups).map(([first, last]) => keys.slice(first, last + 1))

/** Cuts a range into bands of about the same width. */
const split = (
  [low, high]: readonly [number, number],
  bands: number,
): readonly (readonly [number, number])[] =>
  Array.from({ length: bands }, (_, band) => {
    const at = (edge: number) => low + Math.floor((edge * (high - low + 1)) / bands)
    return [at(band), at(band + 1) - 1] as const
  })
