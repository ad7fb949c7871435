/**
 * Promises that go beyond one case and can still be judged from the rules alone: a month of one person, a year of
 * the county, the shares of a joint award.
 *
 * What depends on how reports follow each other is not judged here; that needs the running rules of core.
 */
import { personId } from "@yingshao/core/kernel/ids"
import { shareOut } from "@yingshao/core/reward/shares"
import { betterPairOf, tablesInForce, type VersionPair, versionPairs } from "../cases/in-force.ts"
import type { Leaf, Question, Watch } from "../cases/question.ts"
import { search } from "../cases/search.ts"
import { randomFrom } from "../cases/try-case.ts"
import { printOperand } from "../cell.ts"
import type { Bilingual, Places } from "../finding.ts"
import { showAmount } from "../unit.ts"
import type { Claim } from "./claim.ts"
import type { JudgeInput, JudgeOptions } from "./judge.ts"
import type { Sentence } from "./sentence.ts"
import { tellCounterexample } from "./tell.ts"
import type { Verdict } from "./verdict.ts"

/** The verdict on a sentence of this kind, or undefined for any other. */
export const judgeBeyondCases = (
  sentence: Sentence,
  input: JudgeInput,
  options: JudgeOptions,
): Verdict | undefined => {
  switch (sentence.is) {
    case "shares":
      return judgeShares(sentence.people, input)
    case "monthlyCap":
      return judgeMonth(sentence, input, options.places ?? new Map<object, never>())
    case "spending":
      return judgeYear(sentence, input, options)
    default:
      return undefined
  }
}

// internal

/** Every amount that the rules can award, shared among 1 to `people` by core's own rule. */
const judgeShares = (people: number, { policy }: JudgeInput): Verdict => {
  const amounts = ["cash", "points"].flatMap((key) => policy.conclusions.get(key)?.values ?? [])
  let cases = 0
  for (const amount of amounts) {
    if (typeof amount !== "number") continue
    for (let count = 1; count <= people; count++) {
      cases++
      const persons = Array.from({ length: count }, (_, at) => personId.parse(`p-${at + 1}`))
      const shared = shareOut(amount, persons)
      const total = shared.reduce((sum, part) => sum + part.amount, 0)
      if (total !== amount) return brokenShares(amount, count, total)
    }
  }
  return {
    is: "proved",
    cases,
    how: {
      zh: `每种金额、1 至 ${people} 人都分过一遍`,
      en: `every amount shared among 1 to ${people} people`,
    },
  }
}

const brokenShares = (amount: number, count: number, total: number): Verdict => {
  const expected = { zh: `各份之和等于 ${amount}`, en: `the shares add up to ${amount}` }
  const got = { zh: `${count} 人合计 ${total}`, en: `${count} people get ${total}` }
  return {
    is: "fails",
    counterexample: {
      story: { zh: `应为${expected.zh},实为 ${got.zh}`, en: `${expected.en}, got ${got.en}` },
      changes: [],
      expected,
      got,
      chain: [],
      cells: [],
      dates: { accepted: "", step: "" },
      conclusions: [],
      smallest: true,
    },
  }
}

/**
 * One person's month: each report, counted from the first, brings the most that any case with its number brings.
 * That is the true maximum, because the facts of two reports do not depend on each other.
 */
const judgeMonth = (
  { of, most }: Extract<Sentence, { is: "monthlyCap" }>,
  input: JudgeInput,
  places: Places,
): Verdict | undefined => {
  const { policy, scope, report, at } = input
  const domain = scope.conclusionNamed(of)
  const variable = policy.variables.findIndex(({ fact }) => fact === "nth")
  if (!domain?.numeric || variable < 0) {
    report.add("P104", at, {
      zh: domain?.numeric ? "没有“本月第几件”这个事实" : `没有“${of}”这个结论,或它不是数`,
      en: domain?.numeric ? 'fact "nth" is not declared' : `"${of}" is no conclusion that is a number`,
    })
    return undefined
  }
  const limit = scope.numberOf(most, domain.unit, policy.effectiveFrom, at)
  if (limit === undefined) return undefined
  let cases = 0
  for (const pair of versionPairs(policy)) {
    // Under 从旧兼从优 each report may take either version: the most of both is the most that a month can bring.
    const asked = new Map<Leaf, Question>()
    for (const one of [pair, betterPairOf(policy, pair) ?? []].flat()) {
      const question = questionFor(input, one, [
        { is: "conclusion", key: domain.key },
        { is: "fact", variable },
      ])
      const searched = search(question)
      if (searched.is === "too-large") return undefined
      for (const leaf of searched.leaves) asked.set(leaf, question)
    }
    const leaves = [...asked.keys()]
    let [sum, count] = [0, 0]
    for (const [atom, own] of (policy.variables[variable]?.atoms ?? []).entries()) {
      if (own.is !== "span") continue
      const best = highest(leaves.filter((leaf) => leaf.seen(0, 1) === atom))
      cases += leaves.reduce((all, leaf) => all + (leaf.seen(0, 1) === atom ? leaf.cases : 0), 0)
      const each = amountOf(best)
      const room = each > 0 ? Math.floor((limit - sum) / each) : Number.POSITIVE_INFINITY
      const size = own.high - own.low + 1
      const question = best && asked.get(best)
      if (best && question && room < size) {
        const reached = sum + each * (room + 1)
        const claim: Claim = {
          question,
          breach: () => [0],
          of: [domain.key],
          expected: {
            zh: `一个月合计不超过 ${printOperand(most)}`,
            en: `at most ${printOperand(most)} a month`,
          },
          hasPremise: false,
        }
        const total = showAmount(reached, domain.unit)
        const got = {
          zh: `件件都取最多,第 ${count + room + 1} 件时合计 ${total}`,
          en: `${total} at report ${count + room + 1}, each at its most`,
        }
        const teller = { model: input.model, policy, places }
        return {
          is: "fails",
          counterexample: tellCounterexample(teller, claim, best, [0], pair, { smallest: true, got }),
        }
      }
      sum += each * size
      count += size
    }
  }
  return {
    is: "proved",
    cases,
    how: {
      zh: "一个月里每一件都取最多,相加也不超过",
      en: "even with every report of the month at its most",
    },
  }
}

const questionFor = ({ policy }: JudgeInput, pair: VersionPair, watch: readonly Watch[]): Question => ({
  lanes: [{ policy, tables: tablesInForce(policy, pair) }],
  premise: [],
  watch,
})

const amountOf = (leaf: Leaf | undefined): number => {
  const value = leaf?.seen(0, 0)
  return typeof value === "number" ? value : 0
}

/** The leaf with the highest amount; among those alike the smallest case. */
const highest = (leaves: readonly Leaf[]): Leaf | undefined =>
  leaves.reduce<Leaf | undefined>((best, leaf) => {
    const more = amountOf(leaf) - amountOf(best)
    return !best || more > 0 || (more === 0 && leaf.size < best.size) ? leaf : best
  }, undefined)

/** Reports in one simulated year, and years, unless told otherwise. */
export const usualYear = { reports: 1000, years: 4000 } as const

/**
 * The year's spending. Core never spends more than the year's budget, so a budget within the limit settles it.
 * Otherwise years are drawn, every report with every combination of values equally likely.
 */
const judgeYear = (
  { over, below }: Extract<Sentence, { is: "spending" }>,
  input: JudgeInput,
  options: JudgeOptions,
): Verdict | undefined => {
  const { policy, scope, at } = input
  const limit = scope.numberOf(over, "fen", policy.effectiveFrom, at)
  const last = policy.versions.length - 1
  if (limit === undefined) return undefined
  const pair = { accepted: last, step: last }
  const budgets = search(questionFor(input, pair, [{ is: "conclusion", key: "yearlyBudget" }]))
  const cash = search(questionFor(input, pair, [{ is: "conclusion", key: "cash" }]))
  if (budgets.is === "too-large" || cash.is === "too-large") return undefined
  if (budgets.leaves.length > 0 && budgets.leaves.every((leaf) => typeof leaf.seen(0, 0) === "number")) {
    const most = Math.max(...budgets.leaves.map(amountOf))
    if (most <= limit)
      return {
        is: "proved",
        cases: budgets.leaves.reduce((sum, leaf) => sum + leaf.cases, 0),
        how: {
          zh: `年度预算 ${showAmount(most, "fen")} 元封顶,花不出去`,
          en: `the year's budget of ${showAmount(most, "fen")} yuan is a ceiling`,
        },
      }
  }
  const seed = options.seed ?? 1
  const exceeded = drawYears(cash.leaves, limit, seed)
  const { years, reports } = usualYear
  const assumed: Bilingual = {
    zh: `假定一年 ${reports} 件、各种取值机会相等`,
    en: `assuming ${reports} reports a year, all values equally likely`,
  }
  const share = exceeded / years
  const how = {
    zh: `${assumed.zh};${years} 年里超过 ${exceeded} 年`,
    en: `${assumed.en}; exceeded in ${exceeded} of ${years} years`,
  }
  if (share < below) return { is: "sampled", tries: years, seed, how, expected: true }
  const expected = { zh: `可能低于 ${below}`, en: `the chance is below ${below}` }
  return {
    is: "fails",
    counterexample: {
      story: how,
      changes: [],
      expected,
      got: { zh: `${share}`, en: `${share}` },
      chain: [],
      cells: [],
      dates: { accepted: "", step: "" },
      conclusions: [],
      smallest: false,
      seed,
    },
  }
}

/** In how many of the drawn years more is spent than the limit. */
const drawYears = (leaves: readonly Leaf[], limit: number, seed: number): number => {
  const all = leaves.reduce((sum, leaf) => sum + leaf.cases, 0)
  const ladder: { readonly up: number; readonly amount: number }[] = []
  let up = 0
  for (const leaf of leaves) {
    up += leaf.cases / all
    ladder.push({ up, amount: amountOf(leaf) })
  }
  const random = randomFrom(seed)
  let exceeded = 0
  for (let year = 0; year < usualYear.years; year++) {
    let spent = 0
    for (let one = 0; one < usualYear.reports; one++) {
      const drawn = random()
      spent += (ladder.find((step) => drawn < step.up) ?? ladder.at(-1))?.amount ?? 0
    }
    if (spent > limit) exceeded++
  }
  return exceeded
}
