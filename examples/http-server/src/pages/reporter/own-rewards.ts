/**
 * What somebody earned: points and cash, and for each the rules that made it so.
 */
import { grantsInMonth } from "@yingshao/core/ledger/account"
import type { RewardState } from "@yingshao/core/reward/reward"
import type { Context } from "hono"
import { html } from "hono/html"
import { actAs, type Visit, type VisitEnv } from "../../session/visit.ts"
import { text } from "../../web/language.ts"
import { press } from "../form.ts"
import { type Html, layout, type Part } from "../layout.ts"
import { earlier, listOf } from "../list.ts"
import { amountWords, declinedBecause } from "../review/decision-part.ts"
import { reasons, shortId, type Wording, wordingOf, yuanText } from "../wording.ts"
import { rewardStatusWords, wordOf } from "../words.ts"

export const ownRewards = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const { person } = actAs(visit, "reporter")
  const { queries } = visit.engine
  const words = await wordingOf(visit)
  const account = (await queries.state("account", person)).state
  const { rows, more } = await listOf(c, words, {
    index: "reports/by",
    equals: person,
    order: "descending",
    limit: 20,
    path: "/awards",
    link: earlier,
  })
  const files = await Promise.all(
    rows.map(async ({ id }) => ({
      id,
      line: await rewardLine(visit, id, (await queries.state("reward", id)).state, words),
    })),
  )
  const today = await visit.engine.today()
  const main = html`
    <dl class="figures">
      <div><dt>${words.say("可用积分", "Points to use")}</dt><dd>${account.balances.spendable}</dd></div>
      <div><dt>${words.say("兑换中的积分", "Points on hold")}</dt><dd>${account.balances.held}</dd></div>
      <div><dt>${words.say("待领现金(元)", "Cash to collect (yuan)")}</dt><dd>${yuanText(account.balances.payable)}</dd></div>
      <div><dt>${words.say("本月计分件数", "Reports counted this month")}</dt><dd>${grantsInMonth(account, today)}</dd></div>
    </dl>
    <h2>${words.say("每件的奖励和理由", "Each reward and why")}</h2>
    ${
      files.length === 0
        ? html`<p class="empty">${words.say("还没有上报过。", "Nothing reported yet.")}</p>`
        : html`<ul class="cards">${files.map(
            ({ id, line }) =>
              html`<li class="card"><a href="/mine/${id}"><strong>${shortId(id)}</strong></a> ${line}</li>`,
          )}</ul>`
    }
    ${more}`
  return c.html(await layout(visit, text("我的奖励", "My awards"), main))
}

/** How one report is rewarded for this person, and the rules that made it so. */
export const rewardLine = async (
  visit: Visit,
  id: string,
  reward: RewardState,
  words: Wording,
): Promise<Html> => {
  const status = words.word(wordOf(rewardStatusWords, reward.status))
  if (reward.status === "none") return html`<p>${status}</p>`
  const level =
    reward.level === undefined
      ? ""
      : html` · ${words.say("核实到", "verified to")} ${words.label(reward.level)}`
  return html`<p><span class="badge ${reward.status}">${status}</span>${reward.status === "verifying" ? level : ""}</p>
    ${share(visit, reward, words)}${reward.status === "declined" ? await declinedPart(visit, id, words) : ""}${await appealPart(visit, id, reward, words)}`
}

// internal

type RewardFile = Exclude<RewardState, { status: "none" }>

const share = (visit: Visit, { award, status }: RewardFile, words: Wording): Part => {
  if (award === undefined) return ""
  const mine = award.shares.find(({ person }) => person === visit.actor?.person)?.amount ?? 0
  const joint =
    award.shares.length > 1
      ? words.say(
          `(联名 ${award.shares.length} 人,这是您的一份)`,
          ` (${award.shares.length} joint reporters; this is your share)`,
        )
      : ""
  return html`<p><strong>${amountWords(award.form, mine, words)}</strong>${joint}${
    award.forfeitAt === undefined || status !== "approved"
      ? ""
      : html` · ${words.say("请在", "collect before")} ${words.time(award.forfeitAt)} ${words.say("前领取", "")}`
  }</p><details><summary>${words.say("为什么", "Why")}</summary>${reasons(award.because, words)}</details>`
}

const declinedPart = async (visit: Visit, id: string, words: Wording): Promise<Part> => {
  const because = await declinedBecause(visit, id)
  if (because === undefined) return ""
  return html`<details><summary>${words.say("为什么", "Why")}</summary>${reasons(because, words)}</details>`
}

/** What came of an earlier appeal, and the button for one. Whether it is too late says the command. */
const appealPart = async (visit: Visit, id: string, file: RewardFile, words: Wording): Promise<Part> => {
  if (file.appeal !== undefined)
    return html`<p>${words.say("已申诉,等待复核。", "An appeal is being looked at.")}</p>`
  const mayAppeal = file.status === "declined" || file.recovered > 0
  return html`${await rulingPart(visit, id, file, words)}${recoveredPart(file, words)}${mayAppeal ? press(visit, `/mine/${id}/appeal`, words.say("申诉", "Appeal")) : ""}`
}

const recoveredPart = ({ award, recovered }: RewardFile, words: Wording): Part =>
  award === undefined || recovered === 0
    ? ""
    : html`<p>${words.say("这份奖励已被追回(全部报送人合计):", "Of this award was taken back, from all its reporters: ")}${amountWords(award.form, recovered, words)}</p>`

const rulingPart = async (visit: Visit, id: string, file: RewardFile, words: Wording): Promise<Part> => {
  if (file.appeals === 0) return ""
  let upheld: boolean | undefined
  for await (const { events } of visit.engine.queries.story("reward", id)) {
    for (const { event } of events) if (event.type === "AppealDecided") upheld = event.outcome === "upheld"
  }
  if (upheld === undefined) return ""
  return html`<p>${upheld ? words.say("申诉已复核:维持原决定。", "Your appeal was decided: the decision stands.") : words.say("申诉已复核:原决定已撤销。", "Your appeal was decided: the decision was overturned.")}</p>`
}
