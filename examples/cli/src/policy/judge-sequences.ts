/**
 * Promises about reports that follow each other, judged by running them: every order of up to two reports and of
 * three true ones, then longer ones drawn with fast-check.
 *
 * It proves nothing beyond what it ran, and says how much that was. It knows no rule: what comes out is read from
 * the engine's own states.
 */

import type { CompiledPolicy } from "@yingshao/policy"
import type { Bilingual } from "@yingshao/policy/finding"
import type { OtherJudge } from "@yingshao/policy/properties/judge"
import type { Sentence } from "@yingshao/policy/properties/sentence"
import type { Counterexample, Verdict } from "@yingshao/policy/properties/verdict"
import { CliFailure } from "../terminal/failure.ts"
import { CannotRun, type Outcome, runSequences, type Sequence, type Told } from "./run-sequences.ts"
import { ofSequences } from "./sentence-kinds.ts"

/** Runs sequences under one policy. */
export type Runner = (sequences: readonly Sequence[]) => Promise<readonly (readonly Outcome[])[]>

/** Longer sequences that are drawn, each also backwards, and how long they are. */
export const drawn = { sequences: 8, least: 4, most: 6 } as const

/** A judge from what the runs showed. @param seed of what is drawn. */
export const judgeOfSequences = async (
  policy: CompiledPolicy,
  seed: number,
  run: Runner = (sequences) => runSequences(policy, sequences),
): Promise<OtherJudge> => {
  try {
    const every = everyShort()
    const { array, constantFrom, sample } = await import("fast-check")
    const arbitrary = array(constantFrom(...letters), { minLength: drawn.least, maxLength: drawn.most })
    const longer = sample(arbitrary, { seed, numRuns: drawn.sequences })
    const sequences = [...every, ...longer, ...longer.map((one) => one.toReversed())]
    const outcomes = await run(sequences)
    const ran: Ran = { sequences, outcomes, exhausted: every.length, seed }
    return (sentence) => verdictOf(sentence, ran)
  } catch (error) {
    // A county that the rules refuse to set up cannot be run either; anything else is a fault of ours.
    if (!(error instanceof CannotRun || error instanceof CliFailure)) throw error
    const { zh, en } = error instanceof CliFailure ? error.say : { zh: error.message, en: error.message }
    const because = { zh: `跑不起来:${zh}`, en: `it cannot be run: ${en}` }
    return ({ is }) => (ofSequences.includes(is) ? { is: "not-judged", because } : undefined)
  }
}

/** What was run and what came out. */
export interface Ran {
  readonly sequences: readonly Sequence[]
  readonly outcomes: readonly (readonly Outcome[])[]
  /** The first so many sequences are all there are of their length. */
  readonly exhausted: number
  readonly seed: number
}

/** The verdict that some runs give, or undefined for a sentence of another kind. */
export const verdictOf = (sentence: Sentence, ran: Ran): Verdict | undefined => {
  const breach = breaches[sentence.is]?.(ran)
  if (!ofSequences.includes(sentence.is)) return undefined
  if (breach) return { is: "fails", counterexample: told(breach, ran) }
  return {
    is: "sampled",
    tries: ran.sequences.length,
    seed: ran.seed,
    how: {
      zh: `两件以内和三件属实的先后 ${ran.exhausted} 种全部跑过,更长的抽查 ${ran.sequences.length - ran.exhausted} 种`,
      en: `all ${ran.exhausted} orders of up to two reports and of three true ones were run, and ${ran.sequences.length - ran.exhausted} longer ones`,
    },
    expected: true,
  }
}

// internal

/** Every report that a sequence can hold; the first of each kind is in time. */
const letters: readonly Told[] = ([0, 1] as const).flatMap((who) =>
  ([0, 1] as const).flatMap((matter) =>
    (["true", "false"] as const).map((verdict): Told => ({ who, matter, verdict, replies: "in-time" })),
  ),
)

const trueLetters = letters.filter(({ verdict }) => verdict === "true")

const everyShort = (): Sequence[] => [
  ...letters.map((one) => [one]),
  ...letters.flatMap((one) => letters.map((other) => [one, other])),
  ...trueLetters.flatMap((one) =>
    trueLetters.flatMap((second) => trueLetters.map((third) => [one, second, third])),
  ),
  ...([0, 1] as const).flatMap((matter) =>
    (["late", "never"] as const).map((replies): Sequence => [{ who: 0, matter, verdict: "true", replies }]),
  ),
]

interface Breach {
  readonly number: number
  /** The sequence that it is compared with. */
  readonly other?: number
  readonly expected: Bilingual
  readonly got: Bilingual
}

const breaches: { readonly [K in Sentence["is"]]?: (ran: Ran) => Breach | undefined } = {
  oneAward: ({ sequences, outcomes }) => {
    for (const [number, sequence] of sequences.entries())
      for (const matter of [0, 1]) {
        const paid = (outcomes[number] ?? []).filter(
          ({ form, amount }, at) => form === "cash" && amount > 0 && sequence[at]?.matter === matter,
        )
        if (paid.length > 1)
          return {
            number,
            expected: { zh: "同一事件最多一份现金", en: "at most one award of cash" },
            got: { zh: `${paid.length} 份现金`, en: `${paid.length} awards of cash` },
          }
      }
    return undefined
  },
  orderFree: ({ sequences, outcomes }) => {
    const first = new Map<string, number>()
    for (const [number, sequence] of sequences.entries()) {
      // Who moves up after a false report depends on when two people decide it, not on the rules.
      if (sequence.some(({ verdict }) => verdict === "false")) continue
      const key = sequence.map(keyOf).toSorted().join()
      const other = first.get(key)
      if (other === undefined) {
        first.set(key, number)
        continue
      }
      const [a, b] = [totalOf(outcomes[other]), totalOf(outcomes[number])]
      if (a.cash !== b.cash || a.points !== b.points)
        return {
          number,
          other,
          expected: { zh: "都属实时,换了先后合计不变", en: "the same total in any order of true reports" },
          got: {
            zh: `合计 ${a.zh} 变成 ${b.zh}`,
            en: `a total of ${a.en} becomes ${b.en}`,
          },
        }
    }
    return undefined
  },
  answeredOrFlagged: ({ outcomes }) => {
    const number = outcomes.findIndex((one) => one.some(({ answeredOrFlagged }) => !answeredOrFlagged))
    return number < 0
      ? undefined
      : {
          number,
          expected: { zh: "到期前有回应,或有人被提醒", en: "a reply in time, or somebody reminded" },
          got: { zh: "到期没有回应,也没有人被提醒", en: "no reply in time and nobody reminded" },
        }
  },
}

const totalOf = (outcomes: readonly Outcome[] = []) => {
  const sum = (form: Outcome["form"]) =>
    outcomes.reduce((all, one) => all + (one.form === form ? one.amount : 0), 0)
  const [cash, points] = [sum("cash"), sum("points")]
  return {
    cash,
    points,
    zh: `现金 ${cash / 100} 元、积分 ${points}`,
    en: `${cash / 100} yuan and ${points} points`,
  }
}

const keyOf = ({ who, matter, verdict, replies }: Told): string => `${who}${matter}${verdict}${replies}`

const wordsOf = (sequence: Sequence): Bilingual => ({
  zh: sequence
    .map(
      ({ who, matter, verdict }) =>
        `${who === 0 ? "甲" : "乙"}报${matter === 0 ? "应急" : "普通"}事项(${verdict === "true" ? "属实" : "不属实"})`,
    )
    .join(" → "),
  en: sequence
    .map(
      ({ who, matter, verdict }) =>
        `${who === 0 ? "A" : "B"} reports the ${matter === 0 ? "emergency" : "ordinary matter"} (${verdict})`,
    )
    .join(" → "),
})

const told = ({ number, other, expected, got }: Breach, ran: Ran): Counterexample => {
  const [one, compared] = [
    wordsOf(ran.sequences[number] ?? []),
    other === undefined ? undefined : wordsOf(ran.sequences[other] ?? []),
  ]
  return {
    story: {
      zh: `${compared ? `${compared.zh};换成 ` : ""}${one.zh}:应为${expected.zh},实为${got.zh}`,
      en: `${compared ? `${compared.en}; instead ` : ""}${one.en}: ${expected.en}, got ${got.en}`,
    },
    changes: [],
    expected,
    got,
    chain: [],
    cells: [],
    dates: { accepted: "", step: "" },
    conclusions: [],
    smallest: number < ran.exhausted,
    seed: ran.seed,
  }
}
