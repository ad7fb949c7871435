/**
 * Verification, level by level: what waits for one's own level, the matter with what was done, the verdict.
 *
 * Whoever has another part in a matter (reported it, answered it, verified another level) sees why the form
 * is not there; the rule that says so is core's.
 */
import type { Actor } from "@yingshao/core/kernel/roles"
import type { SettledReport } from "@yingshao/core/report/report"
import { decideReward } from "@yingshao/core/reward/decide-reward"
import type { RewardState } from "@yingshao/core/reward/reward"
import { nextLevel, otherPart } from "@yingshao/core/reward/verify"
import type { Context } from "hono"
import { html } from "hono/html"
import { actAs, scopesOf, type Visit, type VisitEnv } from "../../session/visit.ts"
import { notFound } from "../../web/failure.ts"
import { text } from "../../web/language.ts"
import { changing, choices, field, readForm, select } from "../form.ts"
import { type Html, layout, type Part } from "../layout.ts"
import { listOf } from "../list.ts"
import { perform } from "../perform.ts"
import { photosOf } from "../photo-files.ts"
import { placeWords } from "../place-words.ts"
import { shortId, type Wording, wordingOf } from "../wording.ts"
import { verdictWords, wordOf } from "../words.ts"
import { stagesBefore } from "./stages.ts"

type RewardFile = Exclude<RewardState, { status: "none" }>

/** Files looked at for one page. */
const looked = 100

export const verifyList = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const { person } = actAs(visit, "verifier")
  const words = await wordingOf(visit)
  const levels = scopesOf(visit, "verifier")
  const { rows, more } = await listOf(c, words, {
    index: "rewards/stage",
    equals: await stagesBefore(visit, words, levels),
    limit: looked,
    path: "/verify",
  })
  const cards = await Promise.all(
    rows.map(async ({ id, state }) => {
      const file = state as RewardFile
      const report = (await visit.engine.queries.state("report", id)).state
      if (report.status === "none" || report.status === "new") return []
      const other = otherPart(person, file, report)
      const next = nextLevel(file, words.book.policyOn(report.acceptedOn))
      if (next !== undefined) {
        return levels.includes(next) && other === undefined
          ? [card(id, report, `${words.say("等", "waits for")} ${words.label(next)}`, words)]
          : []
      }
      return other !== "reporter" && (await needsGrading(visit, file, report))
        ? [card(id, report, words.say("等定价值和难度", "waits to be graded"), words)]
        : []
    }),
  )
  const waiting = cards.flat()
  const main = html`
    <p>${levels.map((level) => words.label(level)).join(words.say("、", ", "))}</p>
    ${waiting.length === 0 ? html`<p class="empty">${words.say("没有等您这一级核实的。", "Nothing waits for your level.")}</p>` : html`<ul class="cards">${waiting}</ul>`}
    ${more}`
  return c.html(await layout(visit, text("核实", "Verify"), main))
}

export const verifyPage = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const { person } = actAs(visit, "verifier")
  const id = c.req.param("id") ?? ""
  const { file, report } = await readRewardFile(visit, id)
  const words = await wordingOf(visit)
  const main = html`
    ${await matterPart(visit, id, report, words)}
    ${stepsPart(file, words)}
    ${formPart(visit, id, file, report, otherPart(person, file, report), words)}
    ${calmingPart(visit, id, report, words)}
    ${claimPart(file, report, words)}`
  return c.html(await layout(visit, text("核实", "Verify"), main))
}

/** `POST /verify/:id/:what`. */
export const workOnVerification = async (c: Context<VisitEnv>): Promise<Response> => {
  const report = c.req.param("id") ?? ""
  const page = `/verify/${report}`
  const form = await readForm(c)
  const { command } = form
  const reason = form.text("reason")
  switch (c.req.param("what")) {
    case "confirm": {
      const payload = {
        report,
        level: form.text("level"),
        verdict: form.text("verdict"),
        confirmedClass: form.text("confirmedClass"),
        reason,
      }
      return perform(c, { type: "VerifyReport", as: "verifier", payload, command }, page, "verified", page)
    }
    case "grade": {
      const grading = { value: form.text("value"), difficulty: form.text("difficulty") }
      const payload = { report, grading, reason }
      return perform(c, { type: "GradeReport", as: "verifier", payload, command }, page, "graded", page)
    }
    case "calming": {
      const payload = { report, decision: form.text("decision"), reason }
      return perform(c, { type: "DecideCalming", as: "verifier", payload, command }, page, "calmed", page)
    }
    default:
      throw notFound()
  }
}

/** @throws WebFailure 404 while nobody has answered the whistle. */
export const readRewardFile = async (
  visit: Visit,
  id: string,
): Promise<{ readonly file: RewardFile; readonly report: SettledReport }> => {
  const [file, report] = await Promise.all([
    visit.engine.queries.state("reward", id),
    visit.engine.queries.state("report", id),
  ])
  if (file.state.status === "none" || report.state.status === "none" || report.state.status === "new")
    throw notFound()
  return { file: file.state, report: report.state }
}

/** What was reported and what was done about it, without anybody's name. */
export const matterPart = async (
  visit: Visit,
  id: string,
  report: SettledReport,
  words: Wording,
): Promise<Html> => {
  const incident =
    report.incident === undefined
      ? undefined
      : (await visit.engine.queries.state("incident", report.incident)).state
  const done = incident === undefined || incident.status === "none" ? undefined : incident
  return html`
    <p class="number">${words.say("编号", "Number")} <strong>${shortId(id)}</strong> · ${words.time(report.acceptedAt)}
      <span class="badge ${report.class}">${words.label(report.class)}</span> ${words.label(report.facts.category)}</p>
    <p>${placeWords(report.place, words)}</p>
    ${photosOf(`/reports/${id}`, report.photos, words.say("现场照片", "photo"))}
    ${
      done?.result === undefined
        ? html`<p>${words.say("还没有处置结果。", "No result yet.")}</p>`
        : html`<section><h2>${words.say("处置结果", "What was done")}</h2><p>${done.result}</p>${photosOf(`/incidents/${report.incident}`, done.resultPhotos ?? [], words.say("处置照片", "photo of the result"))}</section>`
    }`
}

/** Which levels confirmed what. */
export const stepsPart = (file: RewardFile, words: Wording): Part => {
  if (file.steps.length === 0)
    return html`<p>${words.say("还没有一级核实过。", "No level has confirmed it yet.")}</p>`
  return html`<ol class="steps">${file.steps.map(
    (step) =>
      html`<li><strong>${words.label(step.level)}</strong> ${words.word(wordOf(verdictWords, step.verdict))} · ${words.label(step.confirmedClass)} · ${words.time(step.at)}</li>`,
  )}</ol>
  ${file.grading === undefined ? "" : html`<p>${words.label("value")}:${words.label(file.grading.value)} · ${words.label("difficulty")}:${words.label(file.grading.difficulty)}</p>`}`
}

// internal

/** Do the rules still ask for value and difficulty before they can say what it earns? */
const needsGrading = async (visit: Visit, file: RewardFile, report: SettledReport): Promise<boolean> => {
  if (file.grading !== undefined) return false
  const by = actAs(visit, "verifier") as Actor
  const first = report.rank === "first" ? "yes" : "no"
  const told = await visit.engine.rules.consult(by, (context) => decideReward(report, file, first, context))
  return !told.ok && told.refusal.code === "reward-undecided"
}

const card = (
  id: string,
  report: SettledReport,
  waits: string,
  words: Wording,
): Html => html`<li class="card ${report.class}">
  <a href="/verify/${id}"><strong>${shortId(id)}</strong> ${words.label(report.facts.category)}</a>
  <span class="badge ${report.class}">${words.label(report.class)}</span>
  <p>${words.time(report.acceptedAt)} · ${placeWords(report.place, words)}</p>
  <p>${waits}</p></li>`

const partWords: Readonly<Record<string, readonly [string, string]>> = {
  reporter: ["您是报送人", "you reported it"],
  triager: ["您应哨的", "you answered the whistle"],
  verifier: ["您已核实过另一级", "you verified another level"],
}

const formPart = (
  visit: Visit,
  id: string,
  file: RewardFile,
  report: SettledReport,
  other: string | undefined,
  words: Wording,
): Part => {
  if (file.status !== "verifying")
    return html`<p class="notice">${words.say("奖励已经决定。", "The reward is decided.")}</p>`
  const next = nextLevel(file, words.book.policyOn(report.acceptedOn))
  const mine = next !== undefined && scopesOf(visit, "verifier").includes(next)
  const [zh = "", en = ""] = partWords[other ?? ""] ?? []
  return html`
    ${
      other !== undefined && mine
        ? html`<p class="notice">${words.say(`${zh},须由别人核实。`, `${en}; somebody else must verify it.`)}</p>`
        : next !== undefined && mine
          ? confirmForm(visit, id, next, report, words)
          : html`<p class="notice">${next === undefined ? words.say("各级都已核实。", "All levels have confirmed it.") : words.say(`现在等${words.label(next)}核实。`, `It waits for ${words.label(next)}.`)}</p>`
    }
    ${file.steps.length > 0 && file.grading === undefined && other !== "reporter" ? gradeForm(visit, id, words) : ""}`
}

const confirmForm = (visit: Visit, id: string, level: string, report: SettledReport, words: Wording): Html =>
  html`<section><h2>${words.label(level)}</h2>${changing(
    visit,
    `/verify/${id}/confirm`,
    html`<input type="hidden" name="level" value="${level}" />
      ${choices(
        "verdict",
        words.label("verdict"),
        Object.keys(verdictWords).map((value) => ({ value, label: words.word(wordOf(verdictWords, value)) })),
        undefined,
      )}
      ${choices(
        "confirmedClass",
        words.say("确认级别", "Class that you confirm"),
        (["ordinary", "emergency"] as const).map((value) => ({ value, label: words.label(value) })),
        report.class,
      )}
      ${field("reason", words.say("核实情况", "What was found"), { max: 500, rows: 2 })}
      <button class="button send">${words.say("确认本级", "Confirm this level")}</button>`,
  )}</section>`

const gradeForm = (visit: Visit, id: string, words: Wording): Html => {
  const options = (values: readonly string[]) => values.map((value) => ({ value, label: words.label(value) }))
  return html`<section><h2>${words.say("定价值和难度(可能发现金时要)", "Grade it (needed where cash is possible)")}</h2>${changing(
    visit,
    `/verify/${id}/grade`,
    html`${select("value", words.label("value"), options(["minor", "notable", "major", "critical"]), "minor")}
      ${select("difficulty", words.label("difficulty"), options(["easy", "medium", "hard"]), "easy")}
      ${field("reason", words.say("理由", "Reason"), { required: true, max: 500, rows: 2 })}
      <button class="button">${words.say("定档", "Grade")}</button>`,
  )}</section>`
}

/** A first report that was found false: two people may revoke its claim. */
const claimPart = (file: RewardFile, report: SettledReport, words: Wording): Part =>
  report.rank === "first" && (file.verdict === "false" || file.verdict === "unverifiable")
    ? html`<p><a class="button plain" href="/claims/${report.incident}">${words.say("首报不属实:提出撤销首报资格", "The first report is false: propose to revoke its claim")}</a></p>`
    : ""

const calmingPart = (visit: Visit, id: string, report: SettledReport, words: Wording): Part => {
  if (report.status !== "open" || report.calming === undefined) return ""
  return html`<section><h2>${words.say("应急转普通,须您确认", "Calming waits for a second person")}</h2><p>${report.calming.reason}</p>${changing(
    visit,
    `/verify/${id}/calming`,
    html`${choices(
      "decision",
      words.say("您的决定", "Your decision"),
      [
        { value: "confirm", label: words.say("险情已解除,转普通", "the danger is over") },
        { value: "decline", label: words.say("不转", "stays an emergency") },
      ],
      undefined,
    )}${field("reason", words.say("理由", "Reason"), { required: true, max: 500 })}<button class="button">${words.say("决定", "Decide")}</button>`,
  )}</section>`
}
