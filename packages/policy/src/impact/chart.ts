/**
 * An impact as one SVG: reports that get less, more or the same, and what a year may cost, before and after.
 *
 * It draws what the tables show and nothing else: a number that is hidden there has no bar here. Made without a
 * browser, so that the same impact gives the same picture everywhere. Only this module needs `echarts`: whoever
 * draws installs it beside the package, and whoever does not is spared its size.
 */
import { BarChart, CustomChart, ScatterChart } from "echarts/charts"
import { GridComponent, TitleComponent } from "echarts/components"
import { init, use } from "echarts/core"
import { SVGRenderer } from "echarts/renderers"
import type { CashBand } from "./budget.ts"
import { type Impact, impactTables } from "./tables.ts"

/** Of the picture, in the units of SVG. */
const size = { width: 760, height: 560 } as const

/** @example impactChart(impact, "zh") // => "<svg width=\"760\" …" */
export const impactChart = (impact: Impact, language: "zh" | "en"): string => {
  use([BarChart, CustomChart, ScatterChart, GridComponent, TitleComponent, SVGRenderer])
  const chart = init(null, null, { renderer: "svg", ssr: true, ...size })
  try {
    chart.setOption(optionOf(impact, language))
    return chart.renderToSVGString().replace("<svg ", `<svg role="img" aria-label="${titleOf(language)}" `)
  } finally {
    chart.dispose()
  }
}

// internal

const words = {
  zh: {
    reports: "信息件数",
    cash: "一年的现金(元,抽样,不是证明)",
    before: "原规则",
    after: "新规则",
    hint: "粗线:100 年里 90 年在这之间;圆点:一半的年份不超过",
    budget: "红线:文件里的年度预算",
    outside: "年度预算远在图外,元",
  },
  en: {
    reports: "Reports",
    cash: "Cash of a year (yuan, sampled, not proved)",
    before: "before",
    after: "after",
    hint: "thick line: 90 of 100 years; dot: half of the years stay within",
    budget: "red line: the document's yearly budget",
    outside: "the yearly budget lies far outside, yuan",
  },
} as const

const titleOf = (language: "zh" | "en"): string => `${words[language].reports} · ${words[language].cash}`

const ink = "#222"
const family = "'Noto Sans CJK SC', 'Noto Sans SC', 'Microsoft YaHei', sans-serif"
/** Told apart in grey print, too: the label says what the colour says. */
const colours = ["#b5442e", "#2d6a8e", "#8a8a8a", "#c9a227"]

const optionOf = (impact: Impact, language: "zh" | "en") => {
  const say = words[language]
  const rows = impactTables(impact)[0]?.rows.slice(0, -1) ?? []
  const bands = [impact.budget.before, impact.budget.after]
  const budgets = bands.flatMap(({ yearlyBudget }) => (yearlyBudget === undefined ? [] : [yearlyBudget]))
  const isNear = Math.max(...budgets) <= 2 * Math.max(...bands.map(({ high }) => high))
  const far = [...new Set(budgets)].map(yuanOf).join("、")
  const about = budgets.length === 0 ? "" : isNear ? say.budget : `${say.outside} ${far}`
  return {
    animation: false,
    backgroundColor: "#fff",
    textStyle: { fontFamily: family, color: ink },
    title: [
      { text: say.reports, left: 16, top: 12 },
      { text: say.cash, subtext: [say.hint, about].join("\n"), left: 16, top: 300 },
    ].map((title) => ({
      ...title,
      textStyle: { fontFamily: family, fontSize: 16, color: ink },
      subtextStyle: { fontFamily: family, fontSize: 11, color: "#555" },
    })),
    grid: [
      { left: 110, right: 90, top: 48, height: 220 },
      { left: 110, right: 90, top: 384, height: 126 },
    ],
    xAxis: [axis(0), axis(1)],
    yAxis: [
      categories(
        0,
        rows.map(([name]) => name?.[language] ?? ""),
      ),
      categories(1, [say.before, say.after]),
    ],
    series: [
      {
        type: "bar",
        xAxisIndex: 0,
        yAxisIndex: 0,
        barWidth: 26,
        data: rows.map(([, count], at) => ({
          value: numberIn(count?.zh),
          itemStyle: { color: colours[at] ?? ink },
          label: {
            show: true,
            position: "right",
            color: ink,
            fontFamily: family,
            formatter: count?.[language] ?? "",
          },
        })),
      },
      {
        type: "custom",
        xAxisIndex: 1,
        yAxisIndex: 1,
        data: bands.map((band, at) => bandData(band, at, isNear)),
        renderItem,
        encode: { x: [0, 1, 2, 4], y: 3 },
      },
    ],
  }
}

const axis = (gridIndex: number) => ({
  type: "value",
  gridIndex,
  min: 0,
  axisLabel: { fontFamily: family, color: "#555" },
  splitLine: { lineStyle: { color: "#ddd" } },
})

const categories = (gridIndex: number, data: readonly string[]) => ({
  type: "category",
  gridIndex,
  data: [...data],
  inverse: true,
  axisTick: { show: false },
  axisLabel: { fontFamily: family, fontSize: 13, color: ink },
})

/** A hidden number is not drawn. */
const numberIn = (cell: string | undefined): number => {
  const number = Number(cell)
  return Number.isFinite(number) ? number : 0
}

const yuanOf = (fen: number): number => fen / 100

/** Low, middle, high, row, budget; a budget that is not drawn is no number. */
const bandData = (
  { low, middle, high, yearlyBudget }: CashBand,
  row: number,
  withBudget: boolean,
): readonly number[] => [
  ...[low, middle, high].map(yuanOf),
  row,
  yearlyBudget === undefined || !withBudget ? Number.NaN : yuanOf(yearlyBudget),
]

interface Drawing {
  value(at: number): number | string
  coord(point: readonly [number, number]): number[]
}

/** One band: a thick line from low to high with both numbers, a dot at the middle, an upright at the budget. */
const renderItem = (_: unknown, api: Drawing) => {
  const [low, middle, high, row, budget] = [0, 1, 2, 3, 4].map((at) => Number(api.value(at))) as [
    number,
    number,
    number,
    number,
    number,
  ]
  const place = (x: number) => {
    const [left = 0, top = 0] = api.coord([x, row])
    return { left, top }
  }
  const [from, mid, to] = [place(low), place(middle), place(high)]
  const label = (text: string, x: number, y: number) => ({
    type: "text",
    style: { text, x, y, fill: ink, font: `12px ${family}`, textAlign: "center" },
  })
  const upright = Number.isFinite(budget) ? [place(budget)] : []
  return {
    type: "group",
    children: [
      {
        type: "line",
        shape: { x1: from.left, y1: from.top, x2: to.left, y2: to.top },
        style: { stroke: "#2d6a8e", lineWidth: 12 },
      },
      {
        type: "circle",
        shape: { cx: mid.left, cy: mid.top, r: 5 },
        style: { fill: "#fff", stroke: ink, lineWidth: 2 },
      },
      label(`${low}–${high}`, mid.left, mid.top + 14),
      ...upright.map(({ left, top }) => ({
        type: "line",
        shape: { x1: left, y1: top - 22, x2: left, y2: top + 22 },
        style: { stroke: "#b5442e", lineWidth: 3 },
      })),
    ],
  }
}
