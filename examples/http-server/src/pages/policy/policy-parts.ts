/** What the workbench found, put into words: a case decided, a draft compared, a sentence judged. */

import type { ToldDecision } from "@yingshao/policy/explain/decide-case"
import type { Bilingual } from "@yingshao/policy/finding"
import type { Counterexample, Verdict } from "@yingshao/policy/properties/verdict"
import { html } from "hono/html"
import type { Html, Part } from "../layout.ts"
import type { Wording } from "../wording.ts"
import type { Compared, Results } from "./workbench-jobs.ts"

export const toldPart = (found: Results["decide"], words: Wording): Html => {
  if (!found.ok) return problems(found.problems, words)
  return html`<section><h2>${words.say("决定", "Decided")}</h2><div class="scroll" tabindex="0" role="region" aria-label="${words.say("决定", "Decided")}"><table class="board">
    <thead><tr><th scope="col">${words.say("决定", "Decision")}</th><th scope="col">${words.say("结果", "Result")}</th><th scope="col">${words.say("凭哪几条", "By which rules")}</th></tr></thead>
    <tbody>${found.told.map(
      ({ decision, outcome, rules }) =>
        html`<tr><th scope="row">${headOf(decision, outcome, words)}</th><td>${
          outcome.is === "decided"
            ? outcome.conclusions.map(
                ({ name, value }) => html`${words.word(name)}:<b>${words.word(value)}</b><br />`,
              )
            : outcome.is === "pending"
              ? html`${words.say("待定,还要知道", "pending; still needed")}:${outcome.missing.map((one) => words.word(one)).join(words.say("、", ", "))}`
              : outcome.because
        }</td><td>${rules.map(({ table, rule, clause }) => html`${table} <b>${rule}</b>${clause === "" ? "" : `(${clause})`}<br />`)}</td></tr>`,
    )}</tbody></table></div></section>`
}

export const comparedPart = (found: Compared, words: Wording): Html => {
  if (!found.ok) {
    return html`${problems(found.because, words)}<section><h2>${words.say("草案不能采用", "The draft does not load")}</h2><ul class="list">${found.findings.map(
      (one) =>
        html`<li><code>${one.code}</code> ${words.say(`第 ${one.line} 行`, `line ${one.line}`)}:${words.lang === "zh" ? one.zh : one.en}</li>`,
    )}</ul></section>`
  }
  const changed = found.changes.conclusions.filter(({ changes }) => changes.length > 0)
  return html`
    <section><h2>${words.say("改了什么", "What was edited")}</h2>${
      found.edits.length === 0
        ? html`<p class="empty">${words.say("没有改动。", "Nothing was edited.")}</p>`
        : html`<ul class="list">${found.edits.map((edit) => html`<li>${words.word(edit.what)}:${edit.from} → ${edit.to}</li>`)}</ul>`
    }</section>
    <section><h2>${words.say("对谁有什么变化", "What changes, and for whom")}</h2>
    ${found.changes.is === "too-large" ? html`<p class="notice">${words.say("没有查完", "Not searched to the end")}:${found.changes.notExhausted.map((one) => words.word(one)).join(words.say("、", ", "))}</p>` : ""}
    ${
      changed.length === 0
        ? html`<p class="empty">${words.say("没有一种情形的结果不同。", "No case comes out differently.")}</p>`
        : html`<ul class="cards">${changed.map(
            (
              one,
            ) => html`<li class="card"><strong>${words.word(one.name)}</strong> · ${words.word(tendencyWords[one.tendency])}
              <ul class="list">${one.changes
                .slice(0, 8)
                .map(
                  (change) =>
                    html`<li>${words.word(change.from)} → ${words.word(change.to)} · ${words.say(`${change.cases} 种情形`, `${change.cases} cases`)}${smallest(change.smallest, words)}</li>`,
                )}</ul></li>`,
          )}</ul>`
    }</section>`
}

export const verdictPart = (sentence: string, verdict: Verdict, words: Wording): Html =>
  html`<section class="proposal"><h2>${sentence}</h2><p><strong>${verdictWords(verdict, words)}</strong></p>${
    verdict.is === "fails" ? counterexample(verdict.counterexample, words) : ""
  }</section>`

// internal

const problems = (all: readonly Bilingual[], words: Wording): Html =>
  html`${all.map((one) => html`<p class="problem" role="alert">${words.word(one)}</p>`)}`

const tendencyWords = {
  same: { zh: "不变", en: "the same" },
  "never-worse": { zh: "有人变好,没有人变差", en: "some better off, nobody worse" },
  "never-better": { zh: "有人变差,没有人变好", en: "some worse off, nobody better" },
  mixed: { zh: "有人变好,也有人变差", en: "some better off, some worse" },
  different: { zh: "结果不同,谈不上好坏", en: "different, neither better nor worse" },
} as const

/** What is concluded, or the decision's own name where nothing is. */
const headOf = (decision: string, outcome: ToldDecision["outcome"], words: Wording): string =>
  outcome.is === "decided"
    ? outcome.conclusions
        .slice(0, 2)
        .map(({ name }) => words.word(name))
        .join(words.say("、", ", "))
    : words.label(decision)

const smallest = (
  facts: readonly {
    readonly fact: string
    readonly value: string
    readonly factEn: string
    readonly valueEn: string
  }[],
  words: Wording,
): Part =>
  facts.length === 0
    ? ""
    : html`<br /><small>${words.say("例如", "for instance")}:${facts
        .map((one) => (words.lang === "zh" ? `${one.fact}=${one.value}` : `${one.factEn}=${one.valueEn}`))
        .join(words.say("、", ", "))}</small>`

const verdictWords = (verdict: Verdict, words: Wording): string => {
  switch (verdict.is) {
    case "proved":
      return words.say(
        `成立:${verdict.cases} 种情形都查过`,
        `holds: all ${verdict.cases} cases were looked at`,
      )
    case "sampled":
      return words.say(
        `抽查 ${verdict.tries} 次没有发现反例(不是证明)`,
        `sampled ${verdict.tries} times, nothing found; no proof`,
      )
    case "fails":
      return words.say("不成立", "does not hold")
    case "premise-never-true":
      return words.say("条件从不出现,这句话等于没说", "its condition never comes true")
    case "not-understood":
      return `${words.say("看不懂,最接近的句式", "not understood; the nearest pattern")}:${words.word(verdict.nearest)}`
    case "unreadable":
      return verdict.findings.map((one) => (words.lang === "zh" ? one.zh : one.en)).join(" ")
    case "not-judged":
      return words.word(verdict.because)
  }
}

const counterexample = (found: Counterexample, words: Wording): Html => html`
  <p>${words.word(found.story)}</p>
  <ul class="because">${found.chain.map(({ table, rule, clause }) => html`<li>${table} <b>${rule}</b>(${clause})</li>`)}</ul>`
