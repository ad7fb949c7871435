/**
 * Findings after the fact (事后认定, 追回): awarded files by their number, what one person finds and another
 * confirms, and what the rules would take back.
 *
 * It is also the auditor's page of a report: notes and a legal hold stand here.
 */
import type { CommandInput } from "@yingshao/core/commands"
import { refusalText } from "@yingshao/core/refusal-messages"
import { isReporter } from "@yingshao/core/report/report"
import { finding, type RewardFile } from "@yingshao/core/reward/reward"
import type { Context } from "hono"
import { html } from "hono/html"
import { actAs, holds, type Visit, type VisitEnv } from "../../session/visit.ts"
import { notFound } from "../../web/failure.ts"
import { text } from "../../web/language.ts"
import { changing, choices, field, readForm, type Sent } from "../form.ts"
import { type Html, layout, type Part } from "../layout.ts"
import { listOf } from "../list.ts"
import { perform } from "../perform.ts"
import { recordPart, recordWish } from "../record-part.ts"
import { shortId, type Wording, wordingOf } from "../wording.ts"
import { rewardStatusWords, wordOf } from "../words.ts"
import { amountWords, decisionPart } from "./decision-part.ts"
import { matterPart, readRewardFile, stepsPart } from "./verify.ts"

const pageSize = 50

type Finder = "auditor" | "programme-admin"

/** @throws WebFailure 401 or 403 for everybody else. */
const asFinder = (visit: Visit): Finder => {
  if (holds(visit, "auditor") && !holds(visit, "programme-admin")) return "auditor"
  actAs(visit, "programme-admin")
  return "programme-admin"
}

export const findingList = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  asFinder(visit)
  const words = await wordingOf(visit)
  const number = (c.req.query("number") ?? "").trim().toLowerCase()
  const known = /^[0-9a-f]{4,32}$/.test(number)
  const open = { index: "rewards/open", equals: "finding", limit: pageSize, path: "/findings", place: "open" }
  const pending = await listOf(c, words, open)
  const files = await listOf(c, words, {
    index: "rewards/status",
    equals: decidedStatuses,
    limit: pageSize,
    path: "/findings",
    query: known ? { number } : {},
    ...(known ? { from: `r-${number}`, below: `r-${number}~` } : {}),
  })
  const main = html`
    ${pending.rows.length === 0 ? "" : html`<section><h2>${words.say("等第二人决定", "Waits for a second person")}</h2><ul class="cards">${pending.rows.map((row) => card(row.id, row.state as RewardFile, words))}</ul>${pending.more}</section>`}
    <form method="get" action="/findings" class="form find">${field("number", words.say("按编号查", "By its number"), { max: 32, value: number })}<button class="button plain">${words.say("查", "Find")}</button></form>
    <h2>${words.say("已决定的奖励", "Decided rewards")}</h2>
    ${files.rows.length === 0 ? html`<p class="empty">${words.say("没有。", "None.")}</p>` : html`<ul class="cards">${files.rows.map((row) => card(row.id, row.state as RewardFile, words))}</ul>`}
    ${files.more}`
  return c.html(await layout(visit, text("事后认定", "Findings"), main))
}

export const findingPage = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const as = asFinder(visit)
  const { person } = actAs(visit, as)
  const id = c.req.param("id") ?? ""
  const { file, report } = await readRewardFile(visit, id)
  const words = await wordingOf(visit)
  const main = html`
    ${await matterPart(visit, id, report, words)}
    ${stepsPart(file, words)}
    ${await decisionPart(visit, id, file, words)}
    ${
      isReporter(report, person)
        ? html`<p class="notice">${words.say("您是报送人,须由别人认定。", "You reported it; somebody else must find.")}</p>`
        : await findingPart(visit, id, file, words)
    }
    ${as === "programme-admin" ? removalPart(file, words) : ""}
    ${await recordPart(visit, id, report, `/findings/${id}`, words)}`
  return c.html(await layout(visit, text("事后认定", "Finding"), main))
}

/** `POST /findings/:id/:what`. */
export const workOnFinding = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const as = asFinder(visit)
  const report = c.req.param("id") ?? ""
  const page = `/findings/${report}`
  const form = await readForm(c)
  const { command } = form
  const reason = form.text("reason")
  switch (c.req.param("what")) {
    case "propose": {
      const payload = {
        report,
        finding: form.text("finding"),
        reason,
        ...(await rightAmountIn(visit, report, form)),
      }
      return perform(c, { type: "ProposeFinding", as, payload, command }, page, "found", page)
    }
    case "decide": {
      const payload = { report, decision: form.text("decision"), reason }
      const wish = { type: "DecideFinding", as: "programme-admin", payload, command } as const
      return perform(c, wish, page, "finding-decided", page)
    }
    default: {
      const wish = recordWish(c.req.param("what"), report, as, form)
      if (wish === undefined) throw notFound()
      return perform(c, wish, page, "noted", page)
    }
  }
}

// internal

const decidedStatuses = ["approved", "credited", "paid", "forfeited", "declined"]

const card = (id: string, file: RewardFile, words: Wording): Html => html`<li class="card">
  <a href="/findings/${id}"><strong>${shortId(id)}</strong></a> <span class="badge ${file.status}">${words.word(wordOf(rewardStatusWords, file.status))}</span>
  ${file.award === undefined ? "" : amountWords(file.award.form, file.award.amount, words)}
  ${file.pendingFinding === undefined ? "" : html` · <b>${words.label(file.pendingFinding.finding)}</b>`}</li>`

const findingPart = async (visit: Visit, id: string, file: RewardFile, words: Wording): Promise<Part> => {
  if (file.award === undefined || file.status === "forfeited")
    return html`<p class="notice">${words.say("没有发出的奖励,无可追回。", "No award stands; nothing can be taken back.")}</p>`
  return file.pendingFinding === undefined
    ? proposeForm(visit, id, file.award.form, words)
    : pendingPart(visit, id, file.award.form, file.pendingFinding, words)
}

const proposeForm = (visit: Visit, id: string, form: "cash" | "points", words: Wording): Html => {
  const kinds = finding.exclude(["none"]).options.map((value) => ({ value, label: words.label(value) }))
  return html`<details><summary>${words.say("提出认定(须第二人决定)", "Propose a finding (a second person decides)")}</summary>${changing(
    visit,
    `/findings/${id}/propose`,
    html`${choices("finding", words.say("认定", "Finding"), kinds, undefined)}
      ${field("right", form === "cash" ? words.say("应得多少元(不应得就空着)", "Yuan that would have been right (empty: none)") : words.say("应得多少分(不应得就空着)", "Points that would have been right (empty: none)"), { type: "number", max: 100_000 })}
      ${field("reason", words.say("依据", "On what grounds"), { required: true, max: 500, rows: 2 })}
      <button class="button">${words.say("提出", "Propose")}</button>`,
  )}</details>`
}

const pendingPart = async (
  visit: Visit,
  id: string,
  form: "cash" | "points",
  pending: NonNullable<RewardFile["pendingFinding"]>,
  words: Wording,
): Promise<Html> => {
  const mine = pending.by === visit.actor?.person
  return html`<section class="notice"><h2>${words.say("已提出的认定", "The finding that was proposed")}</h2>
    <p><strong>${words.label(pending.finding)}</strong> · ${words.say("应得", "right would have been")} ${amountWords(form, pending.rightAmount, words)} · ${words.time(pending.at)}</p><p>${pending.reason}</p>
    ${
      holds(visit, "programme-admin") && !mine
        ? html`${await consequence(visit, id, form, words)}${changing(
            visit,
            `/findings/${id}/decide`,
            html`${choices(
              "decision",
              words.say("您的决定", "Your decision"),
              [
                { value: "confirm", label: words.say("确认,按规则追回", "confirm: take back by the rules") },
                { value: "dismiss", label: words.say("不成立", "dismiss") },
              ],
              undefined,
            )}${field("reason", words.say("理由", "Reason"), { required: true, max: 500, rows: 2 })}<button class="button">${words.say("决定", "Decide")}</button>`,
          )}`
        : html`<p>${mine ? words.say("是您提出的,须由社会工作部另一人决定。", "You proposed it; another person of the social-work department decides.") : words.say("等社会工作部决定。", "The social-work department decides.")}</p>`
    }</section>`
}

/** What the rules would take back now. */
const consequence = async (
  visit: Visit,
  id: string,
  form: "cash" | "points",
  words: Wording,
): Promise<Html> => {
  const told = await visit.engine.rules.preview({
    type: "DecideFinding",
    id: "preview",
    by: actAs(visit, "programme-admin"),
    report: id,
    decision: "confirm",
    reason: "…",
  } as CommandInput)
  if (!told.ok) return html`<p class="problem">${refusalText(told.refusal, words.lang)}</p>`
  const event = told.events.map((one) => one.event).find(({ type }) => type === "AwardRecovered")
  return event?.type === "AwardRecovered"
    ? html`<p>${words.say("按规则追回", "by the rules is taken back")}:<strong>${amountWords(form, event.amount, words)}</strong></p>`
    : html``
}

/** Whoever was paid for what was false: the rules may propose a removal, a person decides (S8). */
const removalPart = ({ award, recovered }: RewardFile, words: Wording): Part =>
  award === undefined || recovered === 0
    ? ""
    : html`<p>${words.say("领取人的名册", "On the roster")}:${award.shares.map(({ person }, at) => html` <a href="/roster/${person}">${words.say(`第 ${at + 1} 位领取人`, `payee ${at + 1}`)}</a>`)}</p>`

/** Yuan for cash, points for points. */
const rightAmountIn = async (visit: Visit, report: string, form: Sent): Promise<object> => {
  const right = form.whole("right")
  if (right === undefined) return {}
  const { file } = await readRewardFile(visit, report)
  return { rightAmount: file.award?.form === "cash" ? right * 100 : right }
}
