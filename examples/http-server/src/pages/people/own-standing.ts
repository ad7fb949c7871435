/**
 * What somebody is in the programme, and what is one's own to decide: to apply, to change one's mind, to leave;
 * for an informant also the squad.
 */
import { isInService, type ParticipantState } from "@yingshao/core/participant/participant"
import { mayHappen } from "@yingshao/core/participant/participant-lifecycle"
import type { Context } from "hono"
import { html } from "hono/html"
import { actAs, holds, type Visit, type VisitEnv } from "../../session/visit.ts"
import { notFound } from "../../web/failure.ts"
import { text } from "../../web/language.ts"
import { changing, field, press, readForm } from "../form.ts"
import { type Html, layout, type Part } from "../layout.ts"
import { nameFor } from "../names.ts"
import { perform } from "../perform.ts"
import { shortId, type Wording, wordingOf } from "../wording.ts"
import { candidacyWords, participantStatusWords, sectorWords, wordOf } from "../words.ts"
import { consent } from "./consent.ts"
import { personField, workFields } from "./person-fields.ts"

const page = "/standing"

export const ownStanding = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const { person } = actAs(visit, "reporter")
  const words = await wordingOf(visit)
  const { state } = await visit.engine.queries.state("participant", person)
  const main = html`
    ${factsPart(person, state, words)}
    ${candidacyPart(visit, state, words)}
    ${isInService(state) ? await squadPart(visit, state, words) : ""}
    ${leavePart(visit, state, words)}`
  return c.html(await layout(visit, text("我的身份", "My standing"), main))
}

/** `POST /standing/:what`. */
export const changeStanding = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const { person } = actAs(visit, "reporter")
  const form = await readForm(c)
  const { command } = form
  const as = "reporter"
  switch (c.req.param("what")) {
    case "apply": {
      const payload = {
        sector: form.text("sector"),
        organisation: form.text("organisation").trim(),
        consent: form.text("consent"),
        age: form.whole("age") ?? -1,
      }
      return perform(c, { type: "ApplyAsInformant", as, payload, command }, page, "applied", page)
    }
    case "withdraw-application":
      return perform(
        c,
        { type: "WithdrawApplication", as, payload: {}, command },
        page,
        "application-withdrawn",
        page,
      )
    case "withdraw": {
      const successor = form.given("successor")
      const payload = successor === undefined ? {} : { successor }
      return perform(c, { type: "WithdrawAsInformant", as, payload, command }, page, "withdrew", page)
    }
    case "leave": {
      const payload = { person, reason: form.text("reason") }
      return perform(c, { type: "EndMembership", as, payload, command }, page, "withdrew", page)
    }
    case "enrol": {
      const payload = {
        person: form.text("person").trim(),
        sector: form.text("sector"),
        organisation: form.text("organisation").trim(),
        consent: consent.version,
        leader: person,
      }
      return perform(c, { type: "EnrolMember", as: "squad-leader", payload, command }, page, "enrolled", page)
    }
    case "end-membership": {
      const payload = { person: form.text("person"), reason: form.text("reason") }
      const wish = { type: "EndMembership", as: "squad-leader", payload, command } as const
      return perform(c, wish, page, "membership-ended", page)
    }
    default:
      throw notFound()
  }
}

// internal

const factsPart = (person: string, state: ParticipantState, words: Wording): Html => html`<dl class="facts">
  <div><dt>${words.say("我的编号", "My number")}</dt><dd><strong>${person}</strong></dd></div>
  <div><dt>${words.say("身份", "Standing")}</dt><dd><span class="badge ${state.status}">${words.word(wordOf(participantStatusWords, state.status))}</span></dd></div>
  ${state.sector === undefined ? "" : html`<div><dt>${words.say("类别", "Sector")}</dt><dd>${words.word(wordOf(sectorWords, state.sector))} · ${state.organisation ?? ""}</dd></div>`}
  ${state.credential === undefined ? "" : html`<div><dt>${words.say("信息员证", "Card")}</dt><dd>${shortId(state.credential.number)}${state.credential.validUntil === undefined ? "" : html` · ${words.say("有效至", "valid until")} ${state.credential.validUntil}`}</dd></div>`}
  ${state.candidacy.stage === "none" ? "" : html`<div><dt>${words.say("申请", "Application")}</dt><dd>${words.word(wordOf(candidacyWords, state.candidacy.stage))}</dd></div>`}
</dl>`

const candidacyPart = (visit: Visit, state: ParticipantState, words: Wording): Part => {
  if (mayHappen(state, "ApplicationWithdrawn")) {
    return press(
      visit,
      `${page}/withdraw-application`,
      words.say("撤回申请", "Withdraw the application"),
      {},
      "button plain",
    )
  }
  if (!mayHappen(state, "ApplicationMade")) return ""
  return html`<section><h2>${words.say("报名当信息员", "Apply as an informant")}</h2>
    <p>${words.say("个人自愿 → 行业推荐 → 县级审核 → 比选 → 发证。", "Own will → the sector recommends → the county reviews → comparison → card.")}</p>
    ${changing(
      visit,
      `${page}/apply`,
      html`${workFields(words)}
        ${field("age", words.say("年龄(周岁)", "Age in years"), { type: "number", required: true, max: 120 })}
        <fieldset class="choices"><legend>${words.say("知情同意", "Consent")}</legend><p>${consent.wording[visit.lang]}</p>
          <label><input type="checkbox" name="consent" value="${consent.version}" required /> <span>${words.say("我同意", "I agree")}</span></label></fieldset>
        <button class="button send">${words.say("报名", "Apply")}</button>`,
    )}</section>`
}

const squadPart = async (visit: Visit, state: ParticipantState, words: Wording): Promise<Part> => {
  if (!holds(visit, "squad-leader")) return ""
  const lines = await Promise.all(
    state.squad.map(async (member) => {
      const name = await nameFor(visit, member, { purpose: "roster", caseKey: member })
      return html`<li><details><summary>${name}</summary>${changing(visit, `${page}/end-membership`, html`<input type="hidden" name="person" value="${member}" />${field("reason", words.say("离队理由", "Why"), { required: true, max: 500 })}<button class="button plain">${words.say(`让 ${name} 离队`, `Take ${name} off the team`)}</button>`)}</details></li>`
    }),
  )
  return html`<section><h2>${words.say(`我的分队(${state.squad.length} 人)`, `My squad (${state.squad.length})`)}</h2>
    ${lines.length === 0 ? html`<p>${words.say("还没有队员。", "Nobody yet.")}</p>` : html`<ul class="list">${lines}</ul>`}
    <details><summary>${words.say("新增队员(须本人同意)", "Enrol a member (who agreed)")}</summary>${changing(
      visit,
      `${page}/enrol`,
      html`${personField("person", words.say("队员编号", "Member's number"), words)}${workFields(words)}<p class="hint">${consent.wording[visit.lang]}</p><button class="button">${words.say("本人已同意,入队", "They agree: enrol")}</button>`,
    )}</details></section>`
}

const leavePart = (visit: Visit, state: ParticipantState, words: Wording): Part => {
  if (mayHappen(state, "MembershipEnded")) {
    return html`<details><summary>${words.say("离队", "Leave the team")}</summary>${changing(visit, `${page}/leave`, html`${field("reason", words.say("理由", "Reason"), { required: true, max: 500 })}<button class="button plain">${words.say("离队", "Leave")}</button>`)}</details>`
  }
  if (!mayHappen(state, "InformantWithdrew")) return ""
  return html`<details><summary>${words.say("退出,交回信息员证", "Leave and give the card back")}</summary>
    <p>${words.say("积分不动,已报的事照常答复;再来须重新报名。", "Points stay, what you reported is answered; coming back means applying again.")}</p>
    ${changing(
      visit,
      `${page}/withdraw`,
      html`${state.squad.length === 0 ? "" : personField("successor", words.say("分队交给谁(信息员编号)", "Who takes the squad over (an informant's number)"), words)}<button class="button plain">${words.say("退出", "Leave")}</button>`,
    )}</details>`
}
