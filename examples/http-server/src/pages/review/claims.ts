/**
 * The claim to the first report (首报), changed by two people: one proposes that a holder who was found false
 * loses it, or that a report gets a claim that nobody holds; another confirms (L17).
 */
import type { CommandInput } from "@yingshao/core/commands"
import type { LiveIncident } from "@yingshao/core/incident/incident"
import { refusalText } from "@yingshao/core/refusal-messages"
import type { Context } from "hono"
import { html } from "hono/html"
import { actAs, holds, type Visit, type VisitEnv } from "../../session/visit.ts"
import { notFound } from "../../web/failure.ts"
import { text } from "../../web/language.ts"
import { changing, choices, field, press, readForm } from "../form.ts"
import { type Html, layout, type Part } from "../layout.ts"
import { listOf } from "../list.ts"
import { perform } from "../perform.ts"
import { placeWords } from "../place-words.ts"
import { readIncident } from "../read-incident.ts"
import { shortId, type Wording, wordingOf } from "../wording.ts"
import { claimWords, verdictWords, wordOf } from "../words.ts"

const pageSize = 50

/** @throws WebFailure 401 or 403 for everybody else. */
const asJudge = (visit: Visit): "verifier" | "programme-admin" => {
  if (holds(visit, "programme-admin") && !holds(visit, "verifier")) return "programme-admin"
  actAs(visit, "verifier")
  return "verifier"
}

export const claimList = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  asJudge(visit)
  const words = await wordingOf(visit)
  const wanted = { index: "incidents/claim", equals: "proposed", limit: pageSize, path: "/claims" }
  const { rows, more } = await listOf(c, words, wanted)
  const main = html`
    <p>${words.say("核实为不属实的首报,由两人撤销首报资格;空着的资格,也由两人另定。在核实页或事件页提出,在这里确认。", "A first report that was found false loses its claim by two people; a vacant claim is given by two people too. It is proposed on the page of the report or incident, and confirmed here.")}</p>
    ${
      rows.length === 0
        ? html`<p class="empty">${words.say("没有等第二人确认的。", "Nothing waits for a second person.")}</p>`
        : html`<ul class="cards">${rows.map(({ id, state }) => card(id, state as LiveIncident, words))}</ul>`
    }
    ${more}`
  return c.html(await layout(visit, text("首报变更", "First reports"), main))
}

export const claimPage = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const by = actAs(visit, asJudge(visit))
  const id = c.req.param("id") ?? ""
  const state = await readIncident(visit, id)
  const words = await wordingOf(visit)
  const revocable = await tried(visit, {
    type: "ProposeClaimChange",
    by,
    incident: id,
    change: { kind: "revoke" },
    reason: "…",
  })
  const main = html`
    <p class="number">${words.say("事件", "Incident")} <strong>${shortId(id)}</strong> · ${words.time(state.openedAt)}
      <span class="badge ${state.class}">${words.label(state.class)}</span> ${words.label(state.category)}</p>
    <p>${placeWords(state.place, words)}</p>
    ${await membersPart(visit, state, words)}
    ${await pendingPart(visit, id, state, words)}
    ${state.claim.status === "settled" ? html`<p class="notice">${words.say("首报已发奖,不再变更;有错走事后认定。", "The first report was rewarded; the claim moves no more. What was wrong is a finding.")}</p>` : proposeForm(visit, id, state, revocable, words)}`
  return c.html(await layout(visit, text("首报变更", "First report"), main))
}

/** `POST /claims/:id/:what`. */
export const workOnClaim = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const as = asJudge(visit)
  const incident = c.req.param("id") ?? ""
  const page = `/claims/${incident}`
  const form = await readForm(c)
  const { command } = form
  switch (c.req.param("what")) {
    case "propose": {
      const chosen = form.text("change")
      const change = chosen === "revoke" ? { kind: "revoke" } : { kind: "name", report: chosen }
      const payload = { incident, change, reason: form.text("reason") }
      return perform(c, { type: "ProposeClaimChange", as, payload, command }, page, "claim-proposed", page)
    }
    case "confirm":
      return perform(
        c,
        { type: "ConfirmClaimChange", as, payload: { incident }, command },
        page,
        "claim-changed",
        page,
      )
    default:
      throw notFound()
  }
}

// internal

/** Why the rules would refuse it now; `undefined` when they would not. */
const tried = async (visit: Visit, command: object): Promise<Part | undefined> => {
  const told = await visit.engine.rules.preview({ ...command, id: "preview" } as CommandInput)
  return told.ok ? undefined : refusalText(told.refusal, visit.lang)
}

const card = (
  id: string,
  { pendingClaim, category, place }: LiveIncident,
  words: Wording,
): Html => html`<li class="card">
  <a href="/claims/${id}"><strong>${shortId(id)}</strong> ${words.label(category)}</a>
  <p>${placeWords(place, words)}</p>
  ${pendingClaim === undefined ? "" : html`<p><b>${changeWords(pendingClaim.change, words)}</b> · ${words.time(pendingClaim.at)}</p>`}</li>`

const changeWords = (change: NonNullable<LiveIncident["pendingClaim"]>["change"], words: Wording): string =>
  change.kind === "revoke"
    ? words.say("撤销首报资格", "the claim is revoked")
    : words.say(`定 ${shortId(change.report)} 为首报`, `${shortId(change.report)} becomes the first report`)

/** Every report of the matter with what verification said of it. */
const membersPart = async (visit: Visit, state: LiveIncident, words: Wording): Promise<Html> => {
  const holder =
    state.claim.status === "held" || state.claim.status === "settled" ? state.claim.report : undefined
  const lines = await Promise.all(
    state.reports.slice(0, mostShown).map(async ({ report, acceptedAt, eligible }) => {
      const file = (await visit.engine.queries.state("reward", report)).state
      const verdict = file.status === "none" ? undefined : file.verdict
      return html`<li>${shortId(report)} · ${words.time(acceptedAt)}
        ${report === holder ? html`<span class="badge lead">${words.say("首报", "first report")}</span>` : ""}
        ${eligible === "eligible" ? "" : html`<span class="badge">${words.label("negative")}</span>`}
        ${verdict === undefined ? words.say("还没有核实", "not verified yet") : words.word(wordOf(verdictWords, verdict))}</li>`
    }),
  )
  return html`<section><h2>${words.say("有关的信息", "Reports about it")}</h2><p>${words.word(wordOf(claimWords, state.claim.status))}</p><ul class="list">${lines}</ul>
    ${state.reports.length > mostShown ? html`<p>${words.say(`只列最早的 ${mostShown} 条。`, `The first ${mostShown} are listed.`)}</p>` : ""}</section>`
}

const mostShown = 50

const pendingPart = async (visit: Visit, id: string, state: LiveIncident, words: Wording): Promise<Part> => {
  const pending = state.pendingClaim
  if (pending === undefined) return ""
  const by = actAs(visit, asJudge(visit))
  const why = await tried(visit, { type: "ConfirmClaimChange", by, incident: id })
  return html`<section class="notice"><h2>${words.say("等第二人确认", "Waits for a second person")}</h2>
    <p><strong>${changeWords(pending.change, words)}</strong> · ${words.time(pending.at)}</p><p>${pending.reason}</p>
    ${why === undefined ? press(visit, `/claims/${id}/confirm`, words.say("确认变更", "Confirm the change")) : html`<p>${why}</p>`}</section>`
}

const proposeForm = (
  visit: Visit,
  id: string,
  state: LiveIncident,
  unrevocable: Part | undefined,
  words: Wording,
): Html => {
  if (state.claim.status === "held" && unrevocable !== undefined)
    return html`<p class="notice">${unrevocable}</p>`
  const options =
    state.claim.status === "held"
      ? [{ value: "revoke", label: words.say("撤销首报资格", "revoke the claim") }]
      : state.reports
          .filter(({ eligible }) => eligible === "eligible")
          .slice(0, mostShown)
          .map(({ report }) => ({
            value: report as string,
            label: `${words.say("定为首报", "give it to")} ${shortId(report)}`,
          }))
  return html`<section><h2>${words.say("提出变更", "Propose a change")}</h2>${changing(
    visit,
    `/claims/${id}/propose`,
    html`${choices("change", words.say("变更", "Change"), options, options.length === 1 ? options[0]?.value : undefined)}
      ${field("reason", words.say("理由", "Reason"), { required: true, max: 500, rows: 2 })}
      <button class="button">${words.say("提出,等第二人确认", "Propose; a second person confirms")}</button>`,
  )}</section>`
}
