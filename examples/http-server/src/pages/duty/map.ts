/**
 * Where open matters are: an SVG drawn on the server, near ones together, and the same data as a table.
 *
 * There is no base map: tiles would come from somebody else's server. A grid and a scale tell distances.
 */
import type { LiveIncident } from "@yingshao/core/incident/incident"
import type { Context } from "hono"
import { html } from "hono/html"
import Supercluster from "supercluster"
import type { VisitEnv } from "../../session/visit.ts"
import { text } from "../../web/language.ts"
import { type Html, layout } from "../layout.ts"
import { placeWords } from "../place-words.ts"
import { shortId, type Wording, wordingOf } from "../wording.ts"
import { incidentStatusWords, wordOf } from "../words.ts"
import { asDesk } from "./desk.ts"
import { fitting, type MapView, metresAcross, toPixels } from "./map-view.ts"

interface Point {
  readonly id: string
  readonly state: LiveIncident
  readonly lng: number
  readonly lat: number
}

/** Open incidents that one map shows. */
const most = 1_000

export const mapPage = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  asDesk(visit)
  const words = await wordingOf(visit)
  const found = await visit.engine.queries.page({
    index: "incidents/status",
    equals: ["open", "handed-over"],
    limit: most,
  })
  const all = found.rows.map(({ id, state }) => ({ id, state: state as LiveIncident }))
  const points = all.flatMap(({ id, state }): readonly Point[] => {
    const { coordinate } = state.place
    return coordinate === undefined ? [] : [{ id, state, lng: coordinate.lng, lat: coordinate.lat }]
  })
  const main =
    all.length === 0
      ? html`<p class="empty">${words.say("没有在办的事件。", "No open matter.")}</p>`
      : html`${points.length === 0 ? "" : drawing(points, viewIn(c, points), words)}
        ${found.cursor === undefined ? "" : html`<p class="notice">${words.say(`只显示最早的 ${most} 件。`, `Only the first ${most} are shown.`)}</p>`}
        ${table(all, words)}`
  return c.html(await layout(visit, text("地图", "Map"), main))
}

// internal

/** As the address asks, or so that everything is on it. */
const viewIn = (c: Context, points: readonly Point[]): MapView => {
  const [lng, lat, zoom] = ["lng", "lat", "zoom"].map((name) => Number(c.req.query(name) ?? "x"))
  const fits = [lng, lat, zoom].every((one) => one !== undefined && Number.isFinite(one))
  if (!fits || Math.abs(lng ?? 0) > 180 || Math.abs(lat ?? 0) > 85) return fitting(points)
  return { lng: lng ?? 0, lat: lat ?? 0, zoom: Math.min(20, Math.max(2, Math.round(zoom ?? 0))) }
}

const drawing = (points: readonly Point[], view: MapView, words: Wording): Html => {
  const index = new Supercluster<{ readonly at: number }>({ radius: 60, maxZoom: 19 }).load(
    points.map(({ lng, lat }, at) => ({
      type: "Feature",
      properties: { at },
      geometry: { type: "Point", coordinates: [lng, lat] },
    })),
  )
  const marks = index.getClusters([-180, -85, 180, 85], view.zoom).flatMap((feature) => {
    const [lng = 0, lat = 0] = feature.geometry.coordinates
    const { x, y } = toPixels({ lng, lat }, view)
    if (x < 0 || y < 0 || x > 720 || y > 480) return []
    return [
      "cluster" in feature.properties
        ? cluster(
            x,
            y,
            feature.properties.point_count,
            `/map?lng=${lng}&lat=${lat}&zoom=${Math.min(20, view.zoom + 2)}`,
            words,
          )
        : single(x, y, points[feature.properties.at] as Point, words),
    ]
  })
  const scale = metresAcross(view) / 6
  return html`<svg class="map" viewBox="0 0 720 480" role="group" aria-label="${words.say("在办事件的位置,数据同下表", "Where open matters are; the same data is in the table")}">
    ${[1, 2, 3, 4, 5].map((at) => html`<line class="grid" x1="${at * 120}" y1="0" x2="${at * 120}" y2="480" />`)}
    ${[1, 2, 3].map((at) => html`<line class="grid" x1="0" y1="${at * 120}" x2="720" y2="${at * 120}" />`)}
    ${marks}
    <line class="scale" x1="20" y1="460" x2="140" y2="460" /><text x="20" y="450">${scaleWords(scale)}</text>
    <text x="650" y="36">${words.say("北", "N")} ↑</text>
  </svg>
  <p><a class="button plain" href="/map">${words.say("看全部", "Show all")}</a></p>`
}

const scaleWords = (metres: number): string =>
  metres >= 1_000 ? `${(metres / 1_000).toFixed(1)} km` : `${Math.round(metres)} m`

const cluster = (x: number, y: number, count: number, to: string, words: Wording): Html =>
  html`<a href="${to}" aria-label="${words.say(`${count} 件,放大`, `${count} matters, zoom in`)}"><circle class="cluster" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${count > 99 ? 34 : 28}" /><text class="count" x="${x.toFixed(1)}" y="${(y + 9).toFixed(1)}">${count}</text></a>`

const single = (x: number, y: number, { id, state }: Point, words: Wording): Html =>
  html`<a href="/desk/incidents/${id}" aria-label="${words.label(state.category)} ${words.label(state.class)} ${shortId(id)}"><circle class="point ${state.class}" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="24" /></a>`

const table = (
  all: readonly { readonly id: string; readonly state: LiveIncident }[],
  words: Wording,
): Html => html`<table class="board">
  <caption>${words.say(`在办事件 ${all.length} 件`, `${all.length} open matters`)}</caption>
  <thead><tr><th scope="col">${words.say("事件", "Incident")}</th><th scope="col">${words.say("级别", "Class")}</th><th scope="col">${words.say("类别", "Kind")}</th><th scope="col">${words.say("地点", "Place")}</th><th scope="col">${words.say("到哪一步", "Status")}</th></tr></thead>
  <tbody>${all.map(
    ({
      id,
      state,
    }) => html`<tr class="${state.class}"><td class="tight" data-head="${words.say("事件", "Incident")}"><a href="/desk/incidents/${id}">${shortId(id)}</a></td>
      <td class="tight" data-head="${words.say("级别", "Class")}">${words.label(state.class)}</td><td class="tight" data-head="${words.say("类别", "Kind")}">${words.label(state.category)}</td>
      <td data-head="${words.say("地点", "Place")}">${placeWords(state.place, words)}</td><td class="tight" data-head="${words.say("到哪一步", "Status")}">${words.word(wordOf(incidentStatusWords, state.status))}</td></tr>`,
  )}</tbody></table>`
