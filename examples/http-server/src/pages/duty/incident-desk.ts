/**
 * One incident at the duty desk: hand over with the rules' proposal, who leads and who is silent, requests
 * for more time, merging.
 */
import type { CommandInput } from "@yingshao/core/commands"
import { channels } from "@yingshao/core/decisions"
import { lookAround } from "@yingshao/core/incident/candidates"
import {
  holderOf,
  knownSince,
  type LiveIncident,
  leadUnit,
  type Route,
  type Part as UnitPart,
} from "@yingshao/core/incident/incident"
import type { Actor } from "@yingshao/core/kernel/roles"
import { refusalText } from "@yingshao/core/refusal-messages"
import type { Context } from "hono"
import { html } from "hono/html"
import { actAs, holds, type Visit, type VisitEnv } from "../../session/visit.ts"
import { notFound } from "../../web/failure.ts"
import { text } from "../../web/language.ts"
import { changing, choices, field, press, readForm, select } from "../form.ts"
import { type Html, layout, type Part } from "../layout.ts"
import { give, onward, perform, refused } from "../perform.ts"
import { photosOf } from "../photo-files.ts"
import { placeWords } from "../place-words.ts"
import { readIncident } from "../read-incident.ts"
import { spanWords } from "../time-words.ts"
import { reasons, shortId, type Wording, wordingOf } from "../wording.ts"
import { incidentStatusWords, partStatusWords, wordOf } from "../words.ts"
import { asDesk } from "./desk.ts"
import { owedPart } from "./report-desk.ts"
import { routeIn } from "./route-form.ts"

export const incidentDesk = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  asDesk(visit)
  const id = c.req.param("id") ?? ""
  const state = await readIncident(visit, id)
  const words = await wordingOf(visit)
  const main = html`
    <p class="number">${words.say("编号", "Number")} <strong>${shortId(id)}</strong> · ${words.time(state.openedAt)}
      <span class="badge ${state.class}">${words.label(state.class)}</span> ${words.label(state.category)}
      <span class="badge">${words.word(wordOf(incidentStatusWords, state.status))}</span></p>
    ${owedPart(state.obligations, words)}
    <p>${placeWords(state.place, words)}</p>
    ${state.status === "open" ? await handOverPart(visit, id, state, words) : ""}
    ${unitsPart(visit, id, state, words)}
    ${asksPart(visit, id, state, words)}
    ${state.result === undefined ? "" : html`<section><h2>${words.say("处置结果", "Result")}</h2><p>${state.result}</p>${photosOf(`/incidents/${id}`, state.resultPhotos ?? [], words.say("处置照片", "photo of the result"))}</section>`}
    <section><h2>${words.say("有关的信息", "Reports about it")}</h2><ul class="list">${state.reports.map(
      ({ report, acceptedAt }) =>
        html`<li><a href="/desk/reports/${report}">${shortId(report)}</a> · ${words.time(acceptedAt)}</li>`,
    )}</ul></section>
    ${holds(visit, "programme-admin") ? html`<p><a href="/claims/${id}">${words.say("首报资格:撤销或另定", "The claim to the first report")}</a></p>` : ""}
    ${state.status === "merged" ? "" : html`${await mergePart(visit, id, state, words)}${splitPart(visit, id, state, words)}`}`
  return c.html(await layout(visit, text("事件", "Incident"), main))
}

/** `POST /desk/incidents/:id/:what`. */
export const workOnIncident = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const as = asDesk(visit)
  const incident = c.req.param("id") ?? ""
  const page = `/desk/incidents/${incident}`
  const form = await readForm(c)
  const { command } = form
  const reason = form.text("reason")
  switch (c.req.param("what")) {
    case "hand-over": {
      const route = routeIn(form)
      const payload = {
        incident,
        ...(route === undefined ? {} : { route }),
        ...(form.given("reason") === undefined ? {} : { reason }),
      }
      return perform(c, { type: "HandOver", as, payload, command }, page, "handed-over", page)
    }
    case "lead": {
      const payload = { incident, to: form.text("to"), reason }
      return perform(c, { type: "PassLead", as, payload, command }, page, "led", page)
    }
    case "split": {
      const reports = (await readIncident(visit, incident)).reports
        .map(({ report }) => report as string)
        .filter((report) => form.text(`leaves-${report}`) === "yes")
      const payload = { incident, reports, reason }
      const answer = await give(visit, { type: "SplitIncident", as, payload, command })
      if (!answer.ok) return refused(c, answer.refusal, page)
      const to = answer.events.find(
        ({ stream }) => stream.startsWith("incident/") && stream !== `incident/${incident}`,
      )
      return onward(
        c,
        to === undefined ? page : `/desk/${to.stream.replace("incident/", "incidents/")}`,
        "split",
      )
    }
    case "merge": {
      const chosen = form.given("near")
      const into = chosen === undefined || chosen === "other" ? form.text("into").trim() : chosen
      const payload = { from: incident, into, reason }
      return perform(
        c,
        { type: "MergeIncidents", as, payload, command },
        `/desk/incidents/${payload.into}`,
        "merged",
        page,
      )
    }
    case "extend": {
      const payload = {
        kind: "incident",
        debtor: incident,
        obligation: form.text("obligation"),
        minutes: form.whole("minutes") ?? 0,
        reason,
        askedBy: await askerOf(visit, incident, form.text("obligation")),
      }
      return perform(c, { type: "ExtendObligation", as, payload, command }, page, "extended", page)
    }
    case "decline": {
      const payload = { incident, obligation: form.text("obligation"), reason }
      return perform(c, { type: "DeclineExtension", as, payload, command }, page, "declined", page)
    }
    default:
      throw notFound()
  }
}

// internal

/** Who asked stands in the incident, never in the form. */
const askerOf = async (visit: Visit, incident: string, obligation: string): Promise<string> => {
  const { obligations } = await readIncident(visit, incident)
  const asked = obligations.find(({ id }) => id === obligation)?.asked
  if (asked === undefined) throw notFound()
  return asked.by
}

const handOverPart = async (visit: Visit, id: string, state: LiveIncident, words: Wording): Promise<Html> => {
  const by = actAs(visit, asDesk(visit))
  const told = await visit.engine.rules.preview({
    type: "HandOver",
    id: "preview",
    by,
    incident: id,
  } as CommandInput)
  if (!told.ok) return html`<p class="problem">${refusalText(told.refusal, words.lang)}</p>`
  const handed = told.events.map(({ event }) => event).find((event) => event.type === "IncidentHandedOver")
  if (handed?.type !== "IncidentHandedOver") return html``
  return html`<section class="proposal"><h2>${words.say("派给谁", "Who gets it")}</h2>
    <p>${words.say("规则建议", "The rules say")}:${routeWords(handed.route, words)}</p>${reasons(handed.because, words)}
    ${press(visit, `/desk/incidents/${id}/hand-over`, words.say("按建议派发", "Hand over as proposed"), {}, "button send")}
    <details><summary>${words.say("派给别人", "Otherwise")}</summary>
      ${changing(visit, `/desk/incidents/${id}/hand-over`, html`${otherRoute(state, handed.route, words)}${field("reason", words.say("理由", "Reason"), { required: true, max: 500, rows: 2 })}<button class="button">${words.say("派发", "Hand over")}</button>`)}
    </details></section>`
}

const otherRoute = (state: LiveIncident, proposal: Route, words: Wording): Html => {
  const units = words.book.units.filter(({ kind, status }) => kind === "department" && status === "active")
  if (state.class === "ordinary") {
    return select(
      "owner",
      words.label("owner"),
      units.map(({ id }) => ({ value: id, label: words.unit(id) })),
      proposal.kind === "ordinary" ? proposal.owner : undefined,
    )
  }
  const lead = proposal.kind === "emergency" ? proposal.lead : undefined
  const joint = proposal.kind === "emergency" ? proposal.joint : []
  return html`${select(
    "lead",
    words.label("lead"),
    channels.map((value) => ({ value, label: words.label(value) })),
    lead,
  )}
    <fieldset class="choices"><legend>${words.say("联动渠道", "Channels that join")}</legend>${channels.map(
      (one) =>
        html`<label><input type="checkbox" name="joint-${one}" value="yes" ${joint.includes(one) ? html`checked` : ""} /> <span>${words.label(one)}</span></label>`,
    )}</fieldset>`
}

const routeWords = (route: Route, words: Wording): string =>
  route.kind === "ordinary"
    ? words.unit(route.owner)
    : `${words.unit(route.lead)}${words.say("牵头", " leads")}${route.joint.length === 0 ? "" : `,${words.say("联动", "with")} ${route.joint.map((one) => words.unit(one)).join(words.say("、", ", "))}`}`

/** Each unit with its part: who leads, who has not answered, and since when. */
const unitsPart = (visit: Visit, id: string, state: LiveIncident, words: Wording): Part => {
  const { route } = state
  if (route === undefined || state.parts.length === 0) return ""
  const lead = leadUnit(route)
  return html`<section><h2>${route.kind === "emergency" ? words.say("五情联动", "Five channels") : words.say("承办单位", "Owner")}</h2>
    <ul class="units">${state.parts.map((part) => unitLine(visit, id, state, part, part.unit === lead, words))}</ul></section>`
}

const unitLine = (
  visit: Visit,
  id: string,
  state: LiveIncident,
  { unit, status }: UnitPart,
  leads: boolean,
  words: Wording,
): Html => {
  const owed = state.obligations.find(
    (one) => one.status === "open" && one.kind === "acknowledge" && one.owner === unit,
  )
  const movable =
    state.status === "handed-over" && state.route?.kind === "emergency" && !leads && status !== "returned"
  return html`<li class="unit ${status}"><strong>${words.unit(unit)}</strong>
    ${leads ? html`<span class="badge lead">${words.say("牵头", "leads")}</span>` : ""}
    <span class="badge ${status}">${words.word(wordOf(partStatusWords, status))}</span>
    ${owed === undefined ? "" : words.due(owed.due)}
    ${movable ? html`<details><summary>${words.say("改由它牵头", "Let it lead")}</summary>${changing(visit, `/desk/incidents/${id}/lead`, html`<input type="hidden" name="to" value="${unit}" />${field("reason", words.say("理由", "Reason"), { required: true, max: 500 })}<button class="button">${words.say("改牵头", "Pass the lead")}</button>`)}</details>` : ""}
  </li>`
}

/** Requests for more time that nobody answered yet. */
const asksPart = (visit: Visit, id: string, state: LiveIncident, words: Wording): Part =>
  state.obligations.flatMap(({ id: obligation, status, owner, asked }) => {
    if (status !== "open" || asked === undefined) return []
    const hidden = html`<input type="hidden" name="obligation" value="${obligation}" /><input type="hidden" name="minutes" value="${asked.minutes}" />`
    const reason = (value = "") =>
      field("reason", words.say("批复理由", "Reason"), { required: true, max: 500, value })
    return [
      html`<section class="notice"><h2>${words.say("申请延期", "More time is asked for")}</h2>
        <p>${words.unit(owner)}:${words.word(spanWords(asked.minutes))} · ${asked.reason}</p>
        ${changing(visit, `/desk/incidents/${id}/extend`, html`${hidden}${reason(asked.reason)}<button class="button">${words.say("同意延期", "Extend")}</button>`)}
        ${changing(visit, `/desk/incidents/${id}/decline`, html`${hidden}${reason()}<button class="button plain">${words.say("不同意", "Decline")}</button>`)}
      </section>`,
    ]
  })

/** Incidents near in place, time and kind stand to choose from; any other by its whole id. */
const mergePart = async (visit: Visit, id: string, state: LiveIncident, words: Wording): Promise<Html> => {
  const by = actAs(visit, asDesk(visit)) as Actor
  const since = knownSince(state)
  const asked = { place: state.place, acceptedAt: since, acceptedOn: words.book.dateOf(since) }
  const around = await visit.engine.rules.consult(by, (context) => lookAround(context, asked, state.category))
  const near = around.candidates.filter(({ incident }) => incident !== id).slice(0, 6)
  const other = field("into", words.say("另一事件的完整编号", "The other incident's whole id"), {
    required: near.length === 0,
    max: 64,
    hint: words.say("在那个事件页的网址末尾", "at the end of that page's address"),
  })
  return html`<details><summary>${words.say("并入另一事件", "Merge into another incident")}</summary>
    ${changing(
      visit,
      `/desk/incidents/${id}/merge`,
      html`${
        near.length === 0
          ? ""
          : choices(
              "near",
              words.say("附近的同类事件", "Near and of one kind"),
              [
                ...near.map(({ incident, distanceM, minutesApart }) => ({
                  value: incident as string,
                  label: `${shortId(incident)} · ${Math.round(distanceM)} m · ${words.word(spanWords(Math.round(minutesApart)))}`,
                })),
                { value: "other", label: words.say("别的,编号写在下面", "another, by its id below") },
              ],
              undefined,
            )
      }${other}${field("reason", words.say("理由", "Reason"), { required: true, max: 500 })}<button class="button">${words.say("并案", "Merge")}</button>`,
    )}</details>`
}

/** The holder of the claim stays; what leaves has no holder until two people name one. */
const splitPart = (visit: Visit, id: string, state: LiveIncident, words: Wording): Part => {
  const holder = holderOf(state.claim)
  const others = state.reports.filter(({ report }) => report !== holder).slice(0, mostSplit)
  if (state.reports.length < 2 || others.length === 0) return ""
  return html`<details><summary>${words.say("拆成两件", "Split into two")}</summary>
    ${changing(
      visit,
      `/desk/incidents/${id}/split`,
      html`<fieldset class="choices"><legend>${words.say("哪些信息是另一件事", "Which reports are another matter")}</legend>${others.map(
        ({ report, acceptedAt }) =>
          html`<label><input type="checkbox" name="leaves-${report}" value="yes" /> <span>${shortId(report)} · ${words.time(acceptedAt)}</span></label>`,
      )}</fieldset>${field("reason", words.say("理由", "Reason"), { required: true, max: 500 })}<button class="button">${words.say("拆分", "Split")}</button>`,
    )}</details>`
}

/** Reports that one split moves at most. */
const mostSplit = 50
