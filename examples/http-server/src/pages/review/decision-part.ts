/** What was decided about a reward, with the rules that made it so; nobody's name. */
import type { Because } from "@yingshao/core/decisions"
import type { RewardFile } from "@yingshao/core/reward/reward"
import { html } from "hono/html"
import type { Visit } from "../../session/visit.ts"
import type { Html, Part } from "../layout.ts"
import { reasons, type Wording, yuanText } from "../wording.ts"
import { rewardStatusWords, wordOf } from "../words.ts"

export const decisionPart = async (
  visit: Visit,
  id: string,
  file: RewardFile,
  words: Wording,
): Promise<Html> => {
  const { award } = file
  const because = award?.because ?? (await declinedBecause(visit, id))
  return html`<section><h2>${words.say("奖励决定", "The decision")}</h2>
    <p><span class="badge ${file.status}">${words.word(wordOf(rewardStatusWords, file.status))}</span> ${award === undefined ? "" : html`<strong>${amountWords(award.form, award.amount, words)}</strong> · ${words.time(award.at)}`}</p>
    ${because === undefined ? "" : reasons(because, words)}
    ${recoveredPart(file, words)}</section>`
}

/** @example amountWords("cash", 12050, words) // => 现金 120.50 元 */
export const amountWords = (form: "cash" | "points", amount: number, words: Wording): string =>
  form === "cash"
    ? words.say(`现金 ${yuanText(amount)} 元`, `${yuanText(amount)} yuan in cash`)
    : words.say(`积分 ${amount} 分`, `${amount} points`)

/** Why a reward was declined; `undefined` where it never was. */
export const declinedBecause = async ({ engine }: Visit, id: string): Promise<Because | undefined> => {
  let because: Because | undefined
  for await (const { events } of engine.queries.story("reward", id)) {
    for (const { event } of events) if (event.type === "RewardDeclined") because = event.because
  }
  return because
}

// internal

const recoveredPart = ({ award, recovered }: RewardFile, words: Wording): Part =>
  award === undefined || recovered === 0
    ? ""
    : html`<p>${words.say("已追回", "taken back")}:${amountWords(award.form, recovered, words)}</p>`
