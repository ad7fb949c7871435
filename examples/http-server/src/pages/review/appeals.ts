/**
 * Appeals: what waits for a second look, the matter with the decision that stands, and the ruling.
 *
 * Whoever had a part in the matter or in the decision sees why the form is not there; the rule that says so is
 * core's.
 */

import type { RewardFile } from "@yingshao/core/reward/reward"
import { otherPart } from "@yingshao/core/reward/verify"
import type { Context } from "hono"
import { html } from "hono/html"
import { actAs, type VisitEnv } from "../../session/visit.ts"
import { text } from "../../web/language.ts"
import { changing, choices, field, readForm } from "../form.ts"
import { layout } from "../layout.ts"
import { listOf } from "../list.ts"
import { perform } from "../perform.ts"
import { shortId, wordingOf } from "../wording.ts"
import { againstWords, wordOf } from "../words.ts"
import { decisionPart } from "./decision-part.ts"
import { matterPart, readRewardFile, stepsPart } from "./verify.ts"

const pageSize = 50

export const appealList = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  actAs(visit, "programme-admin")
  const words = await wordingOf(visit)
  const wanted = { index: "rewards/open", equals: "appeal", limit: pageSize, path: "/appeals" }
  const { rows, more } = await listOf(c, words, wanted)
  const main = html`
    ${
      rows.length === 0
        ? html`<p class="empty">${words.say("没有等复核的申诉。", "No appeal waits.")}</p>`
        : html`<ul class="cards">${rows.map(({ id, state }) => {
            const { appeal } = state as RewardFile
            return html`<li class="card"><a href="/appeals/${id}"><strong>${shortId(id)}</strong></a>
              ${appeal === undefined ? "" : html`${words.word(wordOf(againstWords, appeal.against))} · ${words.time(appeal.at)}`}</li>`
          })}</ul>`
    }
    ${more}`
  return c.html(await layout(visit, text("申诉复核", "Appeals"), main))
}

export const appealPage = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const { person } = actAs(visit, "programme-admin")
  const id = c.req.param("id") ?? ""
  const { file, report } = await readRewardFile(visit, id)
  const words = await wordingOf(visit)
  const part =
    otherPart(person, file, report) ?? (file.decidedBy.some((one) => one === person) ? "approver" : undefined)
  const { appeal } = file
  const main = html`
    ${await matterPart(visit, id, report, words)}
    ${stepsPart(file, words)}
    ${await decisionPart(visit, id, file, words)}
    ${
      appeal === undefined
        ? html`<p class="notice">${words.say("没有等复核的申诉。", "No appeal waits.")}</p>`
        : html`<section><h2>${words.say("申诉", "The appeal")}</h2><p>${words.word(wordOf(againstWords, appeal.against))} · ${words.time(appeal.at)}</p>
          ${
            part === undefined
              ? changing(
                  visit,
                  `/appeals/${id}`,
                  html`${choices(
                    "outcome",
                    words.say("复核结论", "The ruling"),
                    [
                      { value: "upheld", label: words.say("维持原决定", "the decision stands") },
                      { value: "overturned", label: words.say("撤销原决定", "the decision is overturned") },
                    ],
                    undefined,
                  )}${field("reason", words.say("理由(只留内部记录)", "Reason (kept on record, not sent)"), { required: true, max: 500, rows: 2 })}<button class="button send">${words.say("作出复核", "Decide")}</button>`,
                )
              : html`<p class="notice">${words.say("您参与过这件事的办理或决定,须由别人复核。", "You had a part in the matter or in the decision; somebody else must decide.")}</p>`
          }</section>`
    }`
  return c.html(await layout(visit, text("申诉复核", "Appeal"), main))
}

export const ruleOnAppeal = async (c: Context<VisitEnv>): Promise<Response> => {
  const report = c.req.param("id") ?? ""
  const form = await readForm(c)
  const payload = { report, outcome: form.text("outcome"), reason: form.text("reason") }
  const wish = { type: "DecideAppeal", as: "programme-admin", payload, command: form.command } as const
  return perform(c, wish, "/appeals", "ruled", `/appeals/${report}`)
}
