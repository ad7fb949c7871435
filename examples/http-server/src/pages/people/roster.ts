/**
 * The roster (名册): informants and members by standing, silent ones first to see, and what a person decides
 * about one of them.
 *
 * The rules only propose (动态管理建议); nobody is suspended or removed by a rule alone (S8).
 */

import type { CivilDate } from "@yingshao/core/kernel/time"
import { balanceDisposition, type ParticipantState, standingAt } from "@yingshao/core/participant/participant"
import { mayHappen } from "@yingshao/core/participant/participant-lifecycle"
import { idleDays, rosterAdvice } from "@yingshao/core/participant/roster-advice"
import type { Context } from "hono"
import { html } from "hono/html"
import { actAs, holds, scopesOf, type Visit, type VisitEnv } from "../../session/visit.ts"
import { notFound } from "../../web/failure.ts"
import { text } from "../../web/language.ts"
import { changing, choices, field, readForm, select } from "../form.ts"
import { type Html, layout, type Part } from "../layout.ts"
import { type Listed, listOf } from "../list.ts"
import { nameFor } from "../names.ts"
import { perform } from "../perform.ts"
import { reasons, shortId, type Wording, wordingOf } from "../wording.ts"
import { participantStatusWords, sectorWords, wordOf } from "../words.ts"
import { consent } from "./consent.ts"
import { personField, workFields } from "./person-fields.ts"

const pageSize = 50
const statuses = ["active", "reminded", "suspended", "enrolled"] as const
type Keeper = "captain" | "programme-admin"

/** @throws WebFailure 401 or 403 for everybody else. */
const asKeeper = (visit: Visit): Keeper => {
  if (holds(visit, "captain") && !holds(visit, "programme-admin")) return "captain"
  actAs(visit, "programme-admin")
  return "programme-admin"
}

export const roster = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  asKeeper(visit)
  const words = await wordingOf(visit)
  const asked = c.req.query("status")
  const status = statuses.find((one) => one === asked)
  const { rows, more } = await listOf(c, words, {
    ...(status === undefined
      ? { index: "participant/idle", equals: "informant" }
      : { index: "participant/status", equals: status }),
    limit: pageSize,
    path: "/roster",
    query: status === undefined ? {} : { status },
  })
  const today = await visit.engine.today()
  const ours = rows.filter(({ state }) => isOurs(visit, state as ParticipantState))
  const cards = await Promise.all(ours.map((row) => card(visit, row, today, words)))
  const main = html`
    <ul class="chips">
      <li><a href="/roster" ${status === undefined ? html`aria-current="page"` : ""}>${words.say("最久没上报的", "Silent longest")}</a></li>
      ${statuses.map((one) => html`<li><a href="/roster?status=${one}" ${status === one ? html`aria-current="page"` : ""}>${words.word(wordOf(participantStatusWords, one))}</a></li>`)}
    </ul>
    ${cards.length === 0 ? html`<p class="empty">${words.say("没有。", "None.")}</p>` : html`<ul class="cards">${cards}</ul>`}
    ${more}
    <details><summary>${words.say("新增队员(须本人同意)", "Enrol a member (who agreed)")}</summary>${changing(
      visit,
      "/roster",
      html`${personField("person", words.say("队员编号", "Member's number"), words)}${workFields(words)}${field("leader", words.say("分队长编号", "Squad leader's number"), { required: true, max: 64 })}<p class="hint">${consent.wording[visit.lang]}</p><button class="button">${words.say("本人已同意,入队", "They agree: enrol")}</button>`,
    )}</details>`
  return c.html(await layout(visit, text("名册", "Roster"), main))
}

export const enrol = async (c: Context<VisitEnv>): Promise<Response> => {
  const as = asKeeper(c.var.visit)
  const form = await readForm(c)
  const payload = {
    person: form.text("person").trim(),
    sector: form.text("sector"),
    organisation: form.text("organisation").trim(),
    consent: consent.version,
    leader: form.text("leader").trim(),
  }
  const wish = { type: "EnrolMember", as, payload, command: form.command } as const
  return perform(c, wish, "/roster?status=enrolled", "enrolled", "/roster")
}

export const rosterPage = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const as = asKeeper(visit)
  const person = c.req.param("person") ?? ""
  const state = await readParticipant(visit, person)
  const words = await wordingOf(visit)
  const name = await nameFor(visit, person, { purpose: "roster", caseKey: person })
  const main = html`
    ${factsPart(person, name, state, await visit.engine.today(), words)}
    ${await advicePart(visit, state, words)}
    ${person === visit.actor?.person ? html`<p class="notice">${words.say("这是您本人,须由别人决定。", "This is you; somebody else decides.")}</p>` : decisions(visit, as, person, state, words)}`
  return c.html(await layout(visit, text("名册", "Roster"), main))
}

/** `POST /roster/:person/:what`. */
export const workOnRoster = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const as = asKeeper(visit)
  const person = c.req.param("person") ?? ""
  await readParticipant(visit, person)
  const page = `/roster/${person}`
  const form = await readForm(c)
  const { command } = form
  const [successor, negative] = [form.given("successor"), form.given("negative")]
  const decided = {
    person,
    reason: form.text("reason"),
    ...(successor === undefined ? {} : { successor }),
    ...(negative === undefined ? {} : { negative }),
  }
  const { reason } = decided
  switch (c.req.param("what")) {
    case "remind":
      return perform(
        c,
        { type: "RemindInformant", as, payload: { person, reason }, command },
        page,
        "reminded",
        page,
      )
    case "suspend":
      return perform(c, { type: "SuspendInformant", as, payload: decided, command }, page, "suspended", page)
    case "reinstate":
      return perform(
        c,
        { type: "ReinstateInformant", as, payload: { person, reason }, command },
        page,
        "reinstated",
        page,
      )
    case "remove": {
      const payload = { ...decided, balance: form.text("balance") }
      return perform(c, { type: "RemoveParticipant", as, payload, command }, page, "removed", page)
    }
    case "expire": {
      const payload = { person, ...(successor === undefined ? {} : { successor }) }
      return perform(c, { type: "ExpireCredential", as, payload, command }, page, "expired", page)
    }
    case "assign": {
      const payload = { member: person, leader: form.text("leader").trim() }
      return perform(c, { type: "AssignSquadLeader", as, payload, command }, page, "assigned", page)
    }
    case "end":
      return perform(
        c,
        { type: "EndMembership", as, payload: { person, reason }, command },
        page,
        "membership-ended",
        page,
      )
    default:
      throw notFound()
  }
}

// internal

/** A captain sees the own sectors; one without a sector is captain of all. */
const isOurs = (visit: Visit, { sector }: ParticipantState): boolean => {
  if (holds(visit, "programme-admin")) return true
  const sectors = scopesOf(visit, "captain")
  return sectors.length === 0 || (sector !== undefined && sectors.includes(sector))
}

/** @throws WebFailure 404 for nobody, and for whoever belongs to another captain. */
const readParticipant = async (visit: Visit, person: string): Promise<ParticipantState> => {
  const { state, version } = await visit.engine.queries.state("participant", person)
  if (version === 0 || !isOurs(visit, state)) throw notFound()
  return state
}

const card = async (
  visit: Visit,
  { id, state }: Listed["rows"][number],
  today: CivilDate,
  words: Wording,
): Promise<Html> => {
  const one = state as ParticipantState
  const name = await nameFor(visit, id, { purpose: "roster", caseKey: id })
  return html`<li class="card"><a href="/roster/${id}"><strong>${name}</strong></a>
    <span class="badge ${one.status}">${words.word(wordOf(participantStatusWords, one.status))}</span>
    <p>${one.sector === undefined ? "" : words.word(wordOf(sectorWords, one.sector))} · ${idleWords(one, today, words)}</p></li>`
}

const idleWords = (state: ParticipantState, today: CivilDate, words: Wording): string => {
  const days = idleDays(state, today)
  return days === 0
    ? words.say("今天有动静", "active today")
    : words.say(`${days} 天没有上报`, `silent for ${days} days`)
}

const factsPart = (
  person: string,
  name: string,
  state: ParticipantState,
  today: CivilDate,
  words: Wording,
): Html => html`<dl class="facts">
  <div><dt>${words.say("姓名", "Name")}</dt><dd><strong>${name}</strong></dd></div>
  <div><dt>${words.say("编号", "Number")}</dt><dd>${person}</dd></div>
  <div><dt>${words.say("身份", "Standing")}</dt><dd><span class="badge ${state.status}">${words.word(wordOf(participantStatusWords, state.status))}</span>${state.since === undefined ? "" : html` · ${words.time(state.since)}`}</dd></div>
  ${state.sector === undefined ? "" : html`<div><dt>${words.say("类别", "Sector")}</dt><dd>${words.word(wordOf(sectorWords, state.sector))} · ${state.organisation ?? ""}</dd></div>`}
  ${state.credential === undefined ? "" : html`<div><dt>${words.say("信息员证", "Card")}</dt><dd>${shortId(state.credential.number)}${state.credential.validUntil === undefined ? "" : html` · ${words.say("有效至", "valid until")} ${state.credential.validUntil}`}</dd></div>`}
  ${state.leader === undefined ? "" : html`<div><dt>${words.say("分队长", "Squad leader")}</dt><dd><a href="/roster/${state.leader}">${state.leader}</a></dd></div>`}
  ${state.squad.length === 0 ? "" : html`<div><dt>${words.say("分队", "Squad")}</dt><dd>${state.squad.length}</dd></div>`}
  <div><dt>${words.say("最近上报", "Last report")}</dt><dd>${state.lastReportOn ?? words.say("还没有", "none yet")} · ${idleWords(state, today, words)}</dd></div>
  <div><dt>${words.say("不属实(按年)", "Found false, by year")}</dt><dd>${
    Object.entries(state.falseByYear)
      .map(([year, count]) => `${year}: ${count}`)
      .join(words.say(",", ", ")) || "0"
  }</dd></div>
</dl>`

const advicePart = async (visit: Visit, state: ParticipantState, words: Wording): Promise<Part> => {
  const standing = standingAt(state)
  if (standing !== "informant" && standing !== "member") return ""
  const outcome = rosterAdvice(words.book, state, await visit.engine.today())
  if (outcome.status === "pending") return ""
  return html`<section class="proposal"><h2>${words.say("规则建议(由人决定)", "The rules propose; a person decides")}</h2>
    <p><strong>${words.label(outcome.conclusions.rosterAdvice)}</strong></p>${reasons(outcome.because, words)}</section>`
}

const decisions = (
  visit: Visit,
  as: Keeper,
  person: string,
  state: ParticipantState,
  words: Wording,
): Part => {
  const page = `/roster/${person}`
  const reason = field("reason", words.say("理由", "Reason"), { required: true, max: 500, rows: 2 })
  const successor = (needed: boolean) =>
    state.squad.length === 0
      ? ""
      : field(
          "successor",
          needed
            ? words.say("分队交给谁(信息员编号)", "Who takes the squad over (an informant's number)")
            : words.say("分队交给谁(可空)", "Who takes the squad over (may stay empty)"),
          { required: needed, max: 64 },
        )
  const negative = select(
    "negative",
    words.label("negative"),
    [
      { value: "", label: words.label("none") },
      ...words.policy.negativeList.map((value) => ({ value, label: words.label(value) })),
    ],
    "",
  )
  const one = (
    event: string,
    path: string,
    label: string,
    fields: Part | readonly Part[],
    admin = true,
  ): Part =>
    (admin && as !== "programme-admin") || !mayHappen(state, event)
      ? ""
      : html`<details><summary>${label}</summary>${changing(visit, `${page}/${path}`, html`${fields}<button class="button plain">${label}</button>`)}</details>`
  const balance = choices(
    "balance",
    words.say("积分怎么处理", "What becomes of the points"),
    balanceDisposition.options.map((value) => ({
      value,
      label: value === "keep" ? words.say("保留", "kept") : words.say("收回", "forfeited"),
    })),
    undefined,
  )
  return html`
    ${one("InformantReminded", "remind", words.say("提醒", "Remind"), reason, false)}
    ${one("InformantSuspended", "suspend", words.say("暂停", "Suspend"), [negative, successor(false), reason])}
    ${one("InformantReinstated", "reinstate", words.say("恢复", "Reinstate"), reason)}
    ${one("SquadLeaderAssigned", "assign", words.say("换分队长", "Another squad leader"), field("leader", words.say("新分队长编号", "The new leader's number"), { required: true, max: 64 }), false)}
    ${one("MembershipEnded", "end", words.say("离队", "Take off the team"), reason, false)}
    ${state.credential?.validUntil === undefined ? "" : one("CredentialExpired", "expire", words.say("证件到期", "End an expired card"), successor(true))}
    ${one("ParticipantRemoved", "remove", words.say("清退", "Remove"), [negative, balance, successor(true), reason])}`
}
