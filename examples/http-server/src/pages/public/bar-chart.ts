/**
 * A bar chart as an SVG picture, drawn on the server by Apache ECharts.
 *
 * It is served as a picture of its own and shown by `<img>`, so that its inline styles meet no content
 * security policy of a page. The same figures stand beside it as a table.
 */
import { BarChart } from "echarts/charts"
import { GridComponent, LegendComponent } from "echarts/components"
import { init, use } from "echarts/core"
import { SVGRenderer } from "echarts/renderers"

export interface Bars {
  readonly labels: readonly string[]
  readonly series: readonly {
    readonly name: string
    readonly colour: string
    readonly values: readonly (number | undefined)[]
  }[]
  /** What stands where a number is not shown. */
  readonly hidden: string
}

use([BarChart, GridComponent, LegendComponent, SVGRenderer])

export const barChart = ({ labels, series, hidden }: Bars): string => {
  const chart = init(null, null, {
    renderer: "svg",
    ssr: true,
    // As wide as a phone shows it nearly: what is drawn for a desk cannot be read on one.
    width: 420,
    height: 110 + Math.max(1, labels.length) * 34,
  })
  try {
    chart.setOption({
      animation: false,
      textStyle: {
        fontFamily: "PingFang SC,Microsoft YaHei,Noto Sans CJK SC,sans-serif",
        fontSize: 14,
      },
      legend: { top: 4 },
      grid: { left: 8, right: 56, top: 40, bottom: 28 },
      xAxis: { type: "value", minInterval: 1 },
      yAxis: { type: "category", inverse: true, data: [...labels] },
      series: series.map(({ name, colour, values }) => ({
        name,
        type: "bar",
        itemStyle: { color: colour },
        data: values.map((value) => ({
          value: value ?? 0,
          label: {
            show: value !== 0,
            position: "right",
            formatter: value === undefined ? hidden : `${value}`,
          },
        })),
      })),
    })
    return chart.renderToSVGString()
  } finally {
    chart.dispose()
  }
}
