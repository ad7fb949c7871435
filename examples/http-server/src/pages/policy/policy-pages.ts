/**
 * The policy for its staff: what is in force, the report, one case decided and told, a draft compared, a
 * sentence judged.
 *
 * Trying things changes nothing; forms that only ask are sent by GET, a draft by POST because of its length.
 */
import type { Context } from "hono"
import { html } from "hono/html"
import { holds, type Visit, type VisitEnv } from "../../session/visit.ts"
import { notYours, signInFirst, WebFailure } from "../../web/failure.ts"
import { text } from "../../web/language.ts"
import { changing, field, readForm, select } from "../form.ts"
import { assets, type Html, layout, type Part } from "../layout.ts"
import { type Wording, wordingOf } from "../wording.ts"
import { comparedPart, toldPart, verdictPart } from "./policy-parts.ts"
import { work } from "./workbench.ts"
import type { FactChoice, Results } from "./workbench-jobs.ts"

/** Bytes of a draft. */
const longestDraft = 300_000

export const policyHome = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const words = await forStaff(visit)
  const { policy } = words
  const { state } = await visit.engine.queries.state("programme", "programme")
  const links: readonly (readonly [string, string, string])[] = [
    [
      "/policy/report",
      words.say("规则报告", "Report"),
      words.say("整份规则,每条标出试得够不够", "the whole document, each rule by how well it is tested"),
    ],
    [
      "/policy/decide",
      words.say("问一个决定", "Explain a decision"),
      words.say("给出情形,看怎么决定、凭哪几条", "a case, what is decided, and by which rules"),
    ],
    [
      "/policy/compare",
      words.say("比一份草案", "Compare a draft"),
      words.say("谁变好、谁变差", "who is better off, who is worse"),
    ],
    [
      "/policy/property",
      words.say("验一句话", "Test a sentence"),
      words.say("在所有情形下成不成立", "does it hold in every case"),
    ],
  ]
  const main = html`
    <dl class="facts">
      <div><dt>${words.say("编号", "Number")}</dt><dd>${policy.id}</dd></div>
      <div><dt>${words.say("施行", "In force from")}</dt><dd>${policy.effectiveFrom}</dd></div>
      <div><dt>${words.say("指纹", "Digest")}</dt><dd><code>${policy.digest.slice(0, 16)}</code></dd></div>
      <div><dt>${words.say("采用过", "Adopted so far")}</dt><dd>${state.policies.length}</dd></div>
    </dl>
    <ul class="cards">${links.map(([to, name, about]) => html`<li class="card"><a href="${to}"><strong>${name}</strong></a><p>${about}</p></li>`)}</ul>`
  return c.html(await layout(visit, text("规则", "Policy"), main))
}

/** A page of its own, as the workbench makes it; only its style is served apart. */
export const policyReport = async (c: Context<VisitEnv>): Promise<Response> => {
  const { policy, lang } = await forStaff(c.var.visit)
  const { page } = await reportOf(policy, lang)
  return c.html(page.replace("</title>", `</title><link rel="icon" href="${assets.url("icon.svg")}">`))
}

export const policyReportStyle = async (c: Context<VisitEnv>): Promise<Response> => {
  const { policy, lang } = await forStaff(c.var.visit)
  const { style } = await reportOf(policy, lang)
  return c.body(style, 200, { "Content-Type": "text/css; charset=utf-8" })
}

export const decidePage = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const words = await forStaff(visit)
  const { canonical } = words.policy
  const choices = await work({ kind: "facts", canonical })
  const asked = c.req.query("ask") === "yes"
  const facts = choices.flatMap(({ fact }) => {
    const value = c.req.query(fact)?.trim()
    return value === undefined || value === "" ? [] : [{ name: fact, value }]
  })
  const date = await visit.engine.today()
  const found = asked ? await work({ kind: "decide", canonical, facts, date }) : undefined
  const main = html`
    <p>${words.say("没有改的情况按典型情形算。", "What you leave alone is taken as in the typical case.")}</p>
    ${found === undefined ? "" : toldPart(found, words)}
    <form method="get" action="/policy/decide" class="form"><input type="hidden" name="ask" value="yes" />
      ${choices.map((one) => factField(one, c.req.query(one.fact)))}
      <button class="button send">${words.say("怎么决定", "Decide")}</button></form>`
  return c.html(await layout(visit, text("问一个决定", "Explain a decision"), main))
}

export const comparePage = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const words = await forStaff(visit)
  const main = compareForm(visit, words, "")
  return c.html(await layout(visit, text("比一份草案", "Compare a draft"), main))
}

export const compareDraft = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const words = await forStaff(visit)
  const form = await readForm(c)
  const [file] = await form.files("file")
  const draft = file === undefined ? form.text("draft") : new TextDecoder().decode(file)
  if (draft.trim() === "" || draft.length > longestDraft) throw badDraft()
  const found = await work({ kind: "compare", canonical: words.policy.canonical, draft })
  const main = html`${comparedPart(found, words)}${compareForm(visit, words, file === undefined ? draft : "")}`
  return c.html(await layout(visit, text("比一份草案", "Compare a draft"), main))
}

export const propertyPage = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const words = await forStaff(visit)
  const sentence = (c.req.query("sentence") ?? "").trim().slice(0, 300)
  const verdict =
    sentence === "" ? undefined : await work({ kind: "judge", canonical: words.policy.canonical, sentence })
  const main = html`
    ${verdict === undefined ? "" : verdictPart(sentence, verdict, words)}
    <form method="get" action="/policy/property" class="form">
      ${field("sentence", words.say("一句话,或文件里的编号", "A sentence, or its number in the document"), { required: true, max: 300, value: sentence, hint: words.say("例如:当 人身危险=是 且 正在发生=是 时,现级 一定是 应急治理", "for instance: 性1") })}
      <button class="button send">${words.say("验一验", "Test it")}</button></form>`
  return c.html(await layout(visit, text("验一句话", "Test a sentence"), main))
}

// internal

/** @throws WebFailure 401 or 403 */
const forStaff = async (visit: Visit): Promise<Wording> => {
  if (visit.actor === undefined) throw signInFirst()
  if (!holds(visit, "policy-officer") && !holds(visit, "programme-admin")) throw notYours()
  return wordingOf(visit)
}

/** By digest and language; judged once, because it takes seconds. The newest few are kept. */
const reports = new Map<string, Promise<Results["report"]>>()
const mostReports = 4

const reportOf = (
  { digest, canonical }: Wording["policy"],
  language: "zh" | "en",
): Promise<Results["report"]> => {
  const key = `${digest} ${language}`
  const known = reports.get(key)
  if (known !== undefined) return known
  const made = work({ kind: "report", canonical, language })
  made.catch(() => reports.delete(key))
  reports.set(key, made)
  const [oldest] = reports.keys()
  if (reports.size > mostReports && oldest !== undefined) reports.delete(oldest)
  return made
}

const factField = ({ fact, name, typical, values }: FactChoice, chosen: string | undefined): Html =>
  values.length === 0
    ? field(fact, name, { value: chosen ?? typical, max: 20 })
    : select(
        fact,
        name,
        values.map((value) => ({ value, label: value })),
        chosen ?? typical,
      )

const compareForm = (visit: Visit, words: Wording, draft: string): Part =>
  changing(
    visit,
    "/policy/compare",
    html`<label class="field"><span>${words.say("草案文件(*.policy.md)", "The draft's file (*.policy.md)")}</span><input type="file" name="file" accept=".md,text/markdown" /></label>
      ${field("draft", words.say("或者贴在这里", "Or paste it here"), { rows: 8, value: draft })}
      <button class="button send">${words.say("与现行规则比", "Compare with what is in force")}</button>`,
    { files: true },
  )

const badDraft = (): WebFailure =>
  new WebFailure(
    422,
    "draft-empty",
    text("请给出草案,最多 30 万字符。", "give a draft of at most 300,000 characters"),
  )
