/** The public statistics of a month: a chart and the same figures as tables. */
import type { Context } from "hono"
import { html } from "hono/html"
import type { VisitEnv } from "../../session/visit.ts"
import { notFound } from "../../web/failure.ts"
import { text } from "../../web/language.ts"
import { type Html, layout } from "../layout.ts"
import { type Wording, wordingOf } from "../wording.ts"
import { endedMonths, type MonthlyStatistics, monthlyStatistics, type Row } from "./monthly-statistics.ts"

export const statisticsPage = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const words = await wordingOf(visit)
  const months = endedMonths(await visit.engine.today())
  const month = c.req.param("month") ?? months[0] ?? ""
  if (!months.includes(month)) throw notFound()
  const told = await monthlyStatistics(visit.engine, month, words.book.timeZone)
  const hidden = words.say("不公布", "not shown")
  const main = html`
    <p>${words.say("只公布已经结束的月份;少于 5 件的数字和能推出它的数字不公布;地点只到约 5 公里的方格。", "Only months that have ended; no number under 5, nor one from which it follows; places as squares of about 5 km.")}</p>
    <nav aria-label="${words.say("月份", "Months")}"><ul class="chips">${months.map(
      (one) =>
        html`<li><a href="/statistics/${one}" ${one === month ? html`aria-current="page"` : ""}>${one}</a></li>`,
    )}</ul></nav>
    <p class="lead">${month}:${words.say("收到信息", "reports taken in")} <strong>${told.total ?? hidden}</strong></p>
    ${
      told.kinds.length === 0
        ? html`<p class="empty">${words.say("这个月没有信息。", "No report in this month.")}</p>`
        : html`<img class="chart" src="/statistics/${month}/chart.svg?lang=${words.lang}" alt="${words.say("按类别和级别的件数,数字见下表", "Reports by kind and class; the figures are in the table below")}" />
          ${kindsTable(told, hidden, words)}${placesTable(told.places, hidden, words)}`
    }`
  return c.html(await layout(visit, text("公开统计", "Public statistics"), main))
}

/** `GET /statistics/:month/chart.svg`. */
export const statisticsChart = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const words = await wordingOf(visit)
  const month = c.req.param("month") ?? ""
  if (!endedMonths(await visit.engine.today()).includes(month)) throw notFound()
  const told = await monthlyStatistics(visit.engine, month, words.book.timeZone)
  // The library takes a moment to load; nobody else has to wait for it.
  const { barChart } = await import("./bar-chart.ts")
  const svg = barChart({
    labels: told.kinds.map(({ key }) => kindName(key, words)),
    hidden: words.say("不公布", "not shown"),
    series: (["ordinary", "emergency"] as const).map((name, at) => ({
      name: words.label(name),
      colour: at === 0 ? "#0b5d4a" : "#a3160c",
      values: told.kinds.map(({ counts }) => counts[at]),
    })),
  })
  return c.body(svg, 200, {
    "Content-Type": "image/svg+xml; charset=utf-8",
    "Cache-Control": "public, max-age=600",
  })
}

// internal

const kindName = (key: string, words: Wording): string =>
  key === "unknown" ? words.say("还没有分类", "not settled yet") : words.label(key)

const cells = ({ counts }: Row, hidden: string): readonly Html[] =>
  counts.map((count) => html`<td class="number">${count ?? hidden}</td>`)

const kindsTable = ({ kinds, month }: MonthlyStatistics, hidden: string, words: Wording): Html => html`<table>
  <caption>${month} · ${words.say("按类别和级别", "by kind and class")}</caption>
  <thead><tr><th scope="col">${words.say("类别", "Kind")}</th><th scope="col" class="number">${words.label("ordinary")}</th><th scope="col" class="number">${words.label("emergency")}</th></tr></thead>
  <tbody>${kinds.map((row) => html`<tr><th scope="row">${kindName(row.key, words)}</th>${cells(row, hidden)}</tr>`)}</tbody></table>`

const placesTable = (places: readonly Row[], hidden: string, words: Wording): Html | string =>
  places.length === 0
    ? ""
    : html`<table><caption>${words.say("按地点(约 5 公里方格的中心,东经,北纬)", "by place (middle of squares of about 5 km; east, north)")}</caption>
  <thead><tr><th scope="col">${words.say("方格", "Square")}</th><th scope="col" class="number">${words.say("件数", "Reports")}</th></tr></thead>
  <tbody>${places.map((row) => html`<tr><th scope="row">${row.key.replace(",", ", ")}</th>${cells(row, hidden)}</tr>`)}</tbody></table>`
