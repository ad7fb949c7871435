/**
 * Admission of informants: the sector recommends, the county reviews, candidates are compared, cards are issued.
 *
 * A captain sees the applicants of the own sector; nobody decides about oneself, and whoever recommended does
 * not review: core says so, the page only shows what is one's own.
 */
import type { ParticipantState } from "@yingshao/core/participant/participant"
import type { Context } from "hono"
import { html } from "hono/html"
import { actAs, holds, scopesOf, type Visit, type VisitEnv } from "../../session/visit.ts"
import { notFound } from "../../web/failure.ts"
import { text } from "../../web/language.ts"
import { changing, choices, field, readForm, type Sent, select } from "../form.ts"
import { type Html, layout, type Part } from "../layout.ts"
import { type Listed, listOf } from "../list.ts"
import { nameFor } from "../names.ts"
import { perform } from "../perform.ts"
import { type Wording, wordingOf } from "../wording.ts"
import { sectorWords, wordOf } from "../words.ts"

const page = "/admissions"
/** Candidates of one comparison on this page; the command takes up to a hundred. */
const pageSize = 50

export const admissions = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const isAdmin = holds(visit, "programme-admin")
  if (!isAdmin) actAs(visit, "captain")
  const words = await wordingOf(visit)
  const stage = (equals: string) =>
    listOf(c, words, { index: "participant/candidacy", equals, limit: pageSize, path: page, place: equals })
  const main = html`
    ${holds(visit, "captain") ? await recommendPart(visit, await stage("applied"), words) : ""}
    ${isAdmin ? await reviewPart(visit, await stage("recommended"), words) : ""}
    ${isAdmin ? await selectPart(visit, await stage("passed"), words) : ""}
    ${isAdmin ? await issuePart(visit, await stage("selected"), words) : ""}`
  return c.html(await layout(visit, text("信息员准入", "Admissions"), main))
}

/** `POST /admissions/:what`. */
export const workOnAdmission = async (c: Context<VisitEnv>): Promise<Response> => {
  const form = await readForm(c)
  const { command } = form
  const person = form.text("person")
  const as = "programme-admin"
  switch (c.req.param("what")) {
    case "recommend": {
      const payload = { person, opinion: form.text("opinion") }
      return perform(
        c,
        { type: "RecommendApplicant", as: "captain", payload, command },
        page,
        "recommended",
        page,
      )
    }
    case "review": {
      const payload = { person, review: form.text("review"), opinion: form.text("opinion") }
      return perform(c, { type: "ReviewApplicant", as, payload, command }, page, "reviewed", page)
    }
    case "select": {
      const payload = { candidates: candidatesIn(form), places: form.whole("places") ?? 0 }
      return perform(c, { type: "SelectCandidates", as, payload, command }, page, "selected", page)
    }
    case "issue": {
      const [number, validUntil] = [form.given("number"), form.given("validUntil")]
      const payload = {
        person,
        ...(number === undefined ? {} : { number }),
        ...(validUntil === undefined ? {} : { validUntil }),
      }
      return perform(c, { type: "IssueCredential", as, payload, command }, page, "issued", page)
    }
    default:
      throw notFound()
  }
}

// internal

const graded = ["conduct", "fairness", "example"] as const

/** Whoever takes part in the comparison, with the grades of each. */
const candidatesIn = (form: Sent): readonly object[] =>
  Array.from({ length: pageSize }, (_, at) => at).flatMap((at) => {
    const person = form.given(`person-${at}`)
    if (person === undefined || form.text(`takes-part-${at}`) !== "yes") return []
    return [{ person, grades: Object.fromEntries(graded.map((one) => [one, form.text(`${one}-${at}`)])) }]
  })

interface Candidate {
  readonly person: string
  readonly name: string
  readonly state: ParticipantState
}

const namedOf = (visit: Visit, rows: Listed["rows"]): Promise<readonly Candidate[]> =>
  Promise.all(
    rows.map(async ({ id, state }) => ({
      person: id,
      name: await nameFor(visit, id, { purpose: "admission", caseKey: id }),
      state: state as ParticipantState,
    })),
  )

const about = (
  { name, state: { candidacy } }: Candidate,
  words: Wording,
): Html => html`<strong>${name}</strong>
  ${candidacy.stage === "none" ? "" : html` · ${words.word(wordOf(sectorWords, candidacy.sector))} · ${candidacy.organisation} · ${words.say(`${candidacy.age} 岁`, `aged ${candidacy.age}`)} · ${words.time(candidacy.appliedAt)}`}`

const section = (
  title: string,
  empty: string,
  cards: readonly Html[],
  more: Part,
): Html => html`<section><h2>${title}</h2>
  ${cards.length === 0 ? html`<p class="empty">${empty}</p>` : html`<ul class="cards">${cards}</ul>`}${more}</section>`

const hiddenPerson = ({ person }: Candidate): Html =>
  html`<input type="hidden" name="person" value="${person}" />`

const opinion = (words: Wording): Html =>
  field("opinion", words.say("意见", "Opinion"), { required: true, max: 500, rows: 2 })

/** A captain without a sector is captain of all. */
const recommendPart = async (visit: Visit, { rows, more }: Listed, words: Wording): Promise<Html> => {
  const sectors = scopesOf(visit, "captain")
  const candidates = (await namedOf(visit, rows)).filter(
    ({ person, state: { candidacy } }) =>
      person !== visit.actor?.person &&
      candidacy.stage !== "none" &&
      (sectors.length === 0 || sectors.includes(candidacy.sector)),
  )
  const cards = candidates.map(
    (one) => html`<li class="card"><p>${about(one, words)}</p>
      <details><summary>${words.say("推荐", "Recommend")}</summary>${changing(visit, `${page}/recommend`, html`${hiddenPerson(one)}${opinion(words)}<button class="button">${words.say(`推荐 ${one.name}`, `Recommend ${one.name}`)}</button>`)}</details></li>`,
  )
  return section(
    words.say("等行业推荐", "Waits for the sector"),
    words.say("没有新申请。", "No application."),
    cards,
    more,
  )
}

const reviewPart = async (visit: Visit, { rows, more }: Listed, words: Wording): Promise<Html> => {
  const options = [
    { value: "passed", label: words.say("通过", "passed") },
    { value: "failed", label: words.say("不通过", "not passed") },
  ]
  const cards = (await namedOf(visit, rows)).map(
    (one) => html`<li class="card"><p>${about(one, words)}</p>
      <details><summary>${words.say("审核", "Review")}</summary>${changing(visit, `${page}/review`, html`${hiddenPerson(one)}${choices("review", words.say("结论", "Result"), options, undefined)}${opinion(words)}<button class="button">${words.say(`审核 ${one.name}`, `Review ${one.name}`)}</button>`)}</details></li>`,
  )
  return section(
    words.say("等县级审核", "Waits for the county's review"),
    words.say("没有等审核的。", "Nobody waits."),
    cards,
    more,
  )
}

const selectPart = async (visit: Visit, { rows, more }: Listed, words: Wording): Promise<Html> => {
  const grades = (["fair", "good", "excellent"] as const).map((value) => ({
    value,
    label: words.label(value),
  }))
  const candidates = await namedOf(visit, rows)
  const title = words.say("比选", "Comparison")
  if (candidates.length === 0) return section(title, words.say("没有等比选的。", "Nobody waits."), [], more)
  const cards = candidates.map(
    (
      one,
      at,
    ) => html`<fieldset class="choices candidate"><legend>${one.name}</legend><p>${about(one, words)}</p>
      <input type="hidden" name="person-${at}" value="${one.person}" />
      <label><input type="checkbox" name="takes-part-${at}" value="yes" checked /> <span>${words.say("参加这次比选", "takes part")}</span></label>
      ${graded.map((grade) => select(`${grade}-${at}`, words.label(grade), grades, "good"))}</fieldset>`,
  )
  return html`<section><h2>${title}</h2>${changing(
    visit,
    `${page}/select`,
    html`${cards}${field("places", words.say("名额", "Places"), { type: "number", required: true, max: 100, value: "1" })}<button class="button">${words.say("按规则打分、排序、选定", "Score, rank and choose by the rules")}</button>`,
  )}${more}</section>`
}

const issuePart = async (visit: Visit, { rows, more }: Listed, words: Wording): Promise<Html> => {
  const cards = (await namedOf(visit, rows)).map(
    (one) => html`<li class="card"><p>${about(one, words)}</p>
      <details><summary>${words.say("发证", "Issue the card")}</summary>${changing(
        visit,
        `${page}/issue`,
        html`${hiddenPerson(one)}${field("number", words.say("证号(空着就随机给)", "Number (empty: a random one)"), { max: 64 })}${field("validUntil", words.say("有效至(空着不限期)", "Valid until (empty: no end)"), { type: "date" })}<button class="button">${words.say(`给 ${one.name} 发证`, `Issue it to ${one.name}`)}</button>`,
      )}</details></li>`,
  )
  return section(
    words.say("等发证", "Waits for the card"),
    words.say("没有等发证的。", "Nobody waits."),
    cards,
    more,
  )
}
