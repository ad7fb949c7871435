/**
 * The board: everything that is owed, by deadline, with countdowns in words; it refreshes itself.
 *
 * What nobody has looked at stands first on its own: one tap answers the whistle with everything unknown,
 * which by the rules counts as urgent; whoever knows more opens it and says so.
 */
import type { Obligation } from "@yingshao/core/obligation/obligation"
import type { Page } from "@yingshao/engine/queries"
import type { Context } from "hono"
import { html } from "hono/html"
import { holds, type Visit, type VisitEnv } from "../../session/visit.ts"
import { text } from "../../web/language.ts"
import { press } from "../form.ts"
import { type Html, layout, type Part } from "../layout.ts"
import { listOf } from "../list.ts"
import { placeWords } from "../place-words.ts"
import { shortId, type Wording, wordingOf } from "../wording.ts"
import { asDesk } from "./desk.ts"

const pageSize = 50

export const board = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  asDesk(visit)
  const words = await wordingOf(visit)
  const whose = c.req.query("unit")
  const units = words.book.units.map(({ id }) => id as string)
  const wanted = whose !== undefined && units.includes(whose) ? [whose] : units.slice(0, 32)
  const found = await listOf(c, words, {
    index: "owed",
    equals: wanted,
    limit: pageSize,
    path: "/board",
    query: whose === undefined ? {} : { unit: whose },
  })
  const rows = found.rows.flatMap(rowOf)
  const main = html`
    <div class="bar">
      <label class="switch"><input type="checkbox" id="refresh" checked /> <span>${words.say("自动刷新", "Refresh by itself")}</span></label>
      <a class="button" href="/board">${words.say("刷新", "Refresh")}</a>
      <span id="refreshed" data-words="${words.say("已更新", "updated")}"></span> <span id="changed" role="status" data-words="${words.say("待办有变化", "what is owed has changed")}"></span>
    </div>
    ${unitLinks(words, whose)}
    <div id="live" data-live>${rows.length === 0 ? empty(words) : table(visit, rows, words)}
    ${found.more}</div>`
  return c.html(await layout(visit, text("应哨台", "Board"), main))
}

// internal

interface Row {
  readonly kind: "report" | "incident"
  readonly id: string
  readonly owed: Obligation
  readonly what: {
    readonly class: string | undefined
    readonly category: string | undefined
    readonly place: Parameters<typeof placeWords>[0]
  }
}

/** The obligation under which the index found the state. */
const rowOf = ({ kind, id, state, equals, range }: Page["rows"][number]): readonly Row[] => {
  if (kind !== "report" && kind !== "incident") return []
  const found = state as {
    readonly obligations: readonly Obligation[]
    readonly status: string
    readonly class?: string
    readonly category?: string
    readonly claimedCategory?: string
    readonly facts?: { readonly category: string }
    readonly place: Row["what"]["place"]
  }
  const owed = found.obligations.find(
    (one) => one.status === "open" && one.owner === equals && one.due === range,
  )
  if (owed === undefined) return []
  const category = found.category ?? found.facts?.category ?? found.claimedCategory
  return [{ kind, id, owed, what: { class: found.class, category, place: found.place } }]
}

const empty = (words: Wording): Html =>
  html`<p class="empty">${words.say("没有待办,一切都在时限内。", "Nothing is owed; all promises are kept.")}</p>`

const unitLinks = (
  words: Wording,
  whose: string | undefined,
): Html => html`<details ${whose === undefined ? "" : html`open`}>
  <summary>${words.say("按单位看", "By unit")}${whose === undefined ? "" : `:${words.unit(whose)}`}</summary>
  <ul class="chips">
    <li><a href="/board" ${whose === undefined ? html`aria-current="page"` : ""}>${words.say("全部", "All")}</a></li>
    ${words.book.units
      .filter(({ status }) => status !== "dissolved")
      .map(
        ({ id }) =>
          html`<li><a href="/board?unit=${id}" ${whose === id ? html`aria-current="page"` : ""}>${words.unit(id)}</a></li>`,
      )}
  </ul></details>`

const table = (visit: Visit, rows: readonly Row[], words: Wording): Html => html`<table class="board">
  <caption>${words.say(`按时限排列,本页 ${rows.length} 件`, `by deadline, ${rows.length} on this page`)}</caption>
  <thead><tr>
    <th scope="col">${words.say("时限", "Due")}</th>
    <th scope="col">${words.say("须办", "What is owed")}</th>
    <th scope="col">${words.say("事情", "Matter")}</th>
    <th scope="col">${words.say("办理", "Do")}</th>
  </tr></thead>
  <tbody>${rows.map((row) => line(visit, row, words))}</tbody>
</table>`

const line = (visit: Visit, { kind, id, owed, what }: Row, words: Wording): Html => {
  const page = `/desk/${kind}s/${id}`
  return html`<tr class="${what.class ?? "new"}">
    <td data-head="${words.say("时限", "Due")}">${words.due(owed.due)}<br /><small>${words.time(owed.due)}</small></td>
    <td class="tight" data-head="${words.say("须办", "What is owed")}">${words.label(owed.kind)}<br /><small>${words.unit(owed.owner)}${owed.asked === undefined ? "" : html` · <b>${words.say("申请延期", "asks for more time")}</b>`}</small></td>
    <td data-head="${words.say("事情", "Matter")}"><a href="${page}">${kind === "report" ? words.say("信息", "report") : words.say("事件", "incident")} ${shortId(id)}</a>
      ${what.class === undefined ? "" : html`<span class="badge ${what.class}">${words.label(what.class)}</span>`}
      ${what.category === undefined ? "" : words.label(what.category)}<br /><small>${placeWords(what.place, words)}</small></td>
    <td data-head="${words.say("办理", "Do")}">${action(visit, page, owed, words)}</td>
  </tr>`
}

const action = (visit: Visit, page: string, owed: Obligation, words: Wording): Part =>
  owed.kind === "answer" && holds(visit, "duty-officer")
    ? press(visit, `${page}/answer`, words.say("应哨", "Answer"), { quick: "yes" })
    : html`<a class="button plain" href="${page}">${words.say("打开", "Open")}</a>`
