/**
 * Approval: what is verified far enough, what it would earn and why, and the approver's own declaration.
 *
 * What would be paid is asked of the rules themselves; a page computes nothing.
 */
import type { CommandInput } from "@yingshao/core/commands"
import type { Refused } from "@yingshao/core/kernel/refusal"
import type { Outcome } from "@yingshao/core/kernel/rule"
import { refusalText } from "@yingshao/core/refusal-messages"
import type { Context } from "hono"
import { html } from "hono/html"
import { actAs, type Visit, type VisitEnv } from "../../session/visit.ts"
import { text } from "../../web/language.ts"
import { changing, choices, readForm } from "../form.ts"
import { type Html, layout } from "../layout.ts"
import { listOf } from "../list.ts"
import { perform } from "../perform.ts"
import { reasons, shortId, type Wording, wordingOf, yuanText } from "../wording.ts"
import { stagesReached, unverified } from "./stages.ts"
import { matterPart, readRewardFile, stepsPart } from "./verify.ts"

/** Files looked at for one page. */
const looked = 50

export const approveList = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  actAs(visit, "approver")
  const words = await wordingOf(visit)
  const early = c.req.query("early") === "yes"
  const { rows, more } = await listOf(c, words, {
    index: "rewards/stage",
    equals: early ? unverified : await stagesReached(visit, words),
    limit: looked,
    path: "/approve",
    query: early ? { early: "yes" } : {},
  })
  const cards: Html[] = []
  for (const { id } of rows) {
    const told = await foreseen(visit, id)
    if (!told.ok && notForThisList.has(told.refusal.code)) continue
    cards.push(
      html`<li class="card"><a href="/approve/${id}"><strong>${shortId(id)}</strong></a> ${earns(told, words)}</li>`,
    )
  }
  const main = html`
    ${cards.length === 0 ? html`<p class="empty">${words.say("没有可以审批的。", "Nothing is ready for approval.")}</p>` : html`<ul class="cards">${cards}</ul>`}
    ${more}
    <p>${early ? html`<a href="/approve">${words.say("只看有人核实过的", "Only what somebody verified")}</a>` : html`<a href="/approve?early=yes">${words.say("还没有人核实、按规则已可决定的(三个不准)", "What nobody verified and the rules decide already (negative list)")}</a>`}</p>`
  return c.html(await layout(visit, text("审批", "Approve"), main))
}

export const approvePage = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  actAs(visit, "approver")
  const id = c.req.param("id") ?? ""
  const { file, report } = await readRewardFile(visit, id)
  const words = await wordingOf(visit)
  const told = await foreseen(visit, id)
  const main = html`
    ${await matterPart(visit, id, report, words)}
    ${stepsPart(file, words)}
    <section class="proposal"><h2>${words.say("按规则应得", "What it earns by the rules")}</h2><p>${earns(told, words)}</p>${why(told, words)}</section>
    ${
      told.ok && file.status === "verifying"
        ? changing(
            visit,
            `/approve/${id}`,
            html`${choices(
              "interest",
              words.say("您与此事有无利害关系", "Have you an interest in the matter?"),
              [
                { value: "none", label: words.say("没有", "none") },
                {
                  value: "declared",
                  label: words.say("有(须由别人审批)", "yes (somebody else must approve)"),
                },
                { value: "unknown", label: words.say("说不清", "not sure") },
              ],
              undefined,
            )}<button class="button send">${words.say("审批", "Approve")}</button>`,
          )
        : ""
    }`
  return c.html(await layout(visit, text("审批", "Approve"), main))
}

export const approve = async (c: Context<VisitEnv>): Promise<Response> => {
  const report = c.req.param("id") ?? ""
  const form = await readForm(c)
  const payload = { report, interest: form.text("interest") }
  const wish = { type: "ApproveReward", as: "approver", payload, command: form.command } as const
  return perform(c, wish, "/approve", "approved", `/approve/${report}`)
}

// internal

/** Not verified or graded far enough, decided already, or this person's own part: not in the list. */
const notForThisList: ReadonlySet<string> = new Set([
  "not-verified-yet",
  "reward-undecided",
  "already-decided",
  "same-person",
  "not-found",
])

const foreseen = (visit: Visit, report: string): Promise<Outcome | Refused> =>
  visit.engine.rules.preview({
    type: "ApproveReward",
    id: "preview",
    by: actAs(visit, "approver"),
    report,
    interest: "none",
  } as CommandInput)

const earns = (told: Outcome | Refused, words: Wording): Html => {
  if (!told.ok) return html`<span class="problem">${refusalText(told.refusal, words.lang)}</span>`
  for (const { event } of told.events) {
    if (event.type === "RewardDeclined") return html`${words.say("不奖励", "no reward")}`
    if (event.type === "AwardApproved") {
      return event.form === "cash"
        ? html`<strong>${words.say(`现金 ${yuanText(event.amount)} 元`, `${yuanText(event.amount)} yuan in cash`)}</strong> ${event.tier === undefined ? "" : words.label(event.tier)} · ${words.label(event.band)}`
        : html`<strong>${words.say(`积分 ${event.amount} 分`, `${event.amount} points`)}</strong> · ${words.label(event.band)}`
    }
  }
  return html``
}

const why = (told: Outcome | Refused, words: Wording): Html => {
  if (!told.ok) return html``
  for (const { event } of told.events) {
    if (event.type === "AwardApproved" || event.type === "RewardDeclined")
      return reasons(event.because, words)
  }
  return html``
}
