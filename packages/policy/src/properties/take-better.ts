/**
 * A claim about reports that are accepted under one version and decided under a later one that says 从旧兼从优.
 *
 * Both versions stand side by side in two lanes for every lane of the claim, and each conclusion is seen as core would
 * take it: with its right, whole, from the one that is better for the person. So the choice itself is exhausted.
 */
import { isBetterFor, keysCompared } from "@yingshao/core/programme/better-version"
import { betterPairOf, tablesInForce, type VersionPair } from "../cases/in-force.ts"
import type { Leaf, Requirement, Watch } from "../cases/question.ts"
import { neededConclusions } from "../needs.ts"
import type { ResolvedPolicy, Value } from "../resolved.ts"
import type { Breach, Claim } from "./claim.ts"

/**
 * The claim under the better of both versions; undefined where the pair has no such choice.
 *
 * @param later the same claim with the numbers of the step's version: what is taken from there is held against those.
 */
export const takingBetter = (
  claim: Claim,
  later: Claim | undefined,
  policy: ResolvedPolicy,
  pair: VersionPair,
): Claim | undefined => {
  const better = betterPairOf(policy, pair)
  if (better === undefined || claim.between !== undefined) return undefined
  const { question } = claim
  const late = question.premise.filter(({ source }) => source.is === "conclusion")
  const lateKeys = late.flatMap(({ source }) => (source.is === "conclusion" ? [source.key] : []))
  const asked = [...question.watch.flatMap((one) => (one.is === "conclusion" ? [one.key] : [])), ...lateKeys]
  const compared = asked.flatMap((key) => keysCompared(decisionOf(key) ?? "triage"))
  const more = [...new Set([...lateKeys, ...compared])].filter((key) => policy.conclusions.has(key))
  const watch: readonly Watch[] = [...question.watch, ...more.map((key) => conclusion(key))]
  const seenThrough = (leaf: Leaf) => throughBetter(leaf, watch, late)
  return {
    ...claim,
    question: {
      ...question,
      lanes: question.lanes.flatMap((lane) => [lane, { ...lane, tables: tablesInForce(policy, better) }]),
      premise: question.premise.filter(({ source }) => source.is === "fact"),
      watch,
    },
    breach(leaf) {
      const view = seenThrough(leaf)
      const isLater = question.lanes.length === 1 && view.laneOf(0, claim.of[0] ?? "") === 1
      const found = (isLater && later ? later : claim).breach(view)
      return found && (found.map((lane) => view.laneOf(lane, claim.of[0] ?? "")) as unknown as Breach)
    },
    counted: (leaf) => question.lanes.some((_, lane) => seenThrough(leaf).counts(lane)),
  }
}

// internal

const conclusion = (key: string): Watch => ({ is: "conclusion", key })

const decisionOf = (key: string) => neededConclusions().find((one) => one.key === key)?.decision

/** A leaf with two lanes for each lane of the claim, seen as if it had one. */
const throughBetter = (leaf: Leaf, watch: readonly Watch[], late: readonly Requirement[]) => {
  const concluded = (lane: number): { readonly [key: string]: Value | undefined } =>
    Object.fromEntries(
      watch.flatMap((one, at) => (one.is === "conclusion" ? [[one.key, leaf.seen(lane, at)]] : [])),
    )
  const laneOf = (lane: number, key: string): number => {
    const decision = decisionOf(key)
    const [old, now] = [lane * 2, lane * 2 + 1]
    return decision && isBetterFor(decision, concluded(old), concluded(now)) ? now : old
  }
  const seen = (lane: number, at: number): Value | undefined => {
    const one = watch[at]
    return leaf.seen(one?.is === "conclusion" ? laneOf(lane, one.key) : lane * 2, at)
  }
  const holds = ({ source, holds: test }: Requirement, lane: number): boolean =>
    source.is === "fact" ||
    test(
      seen(
        lane,
        watch.findIndex((one) => one.is === "conclusion" && one.key === source.key),
      ),
    )
  return {
    ...leaf,
    laneOf,
    seen,
    counts: (lane: number) => leaf.counts(lane * 2) && late.every((one) => holds(one, lane)),
  }
}
