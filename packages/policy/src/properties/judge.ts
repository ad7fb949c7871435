/**
 * Every promise of a document with its verdict: read, searched over all cases, told.
 *
 * Sentences about sequences of reports, about time or about a whole year need the running rules of core; who can
 * run them hands in a judge for those. Without one they are *not judged*, never passed.
 */

import { type VersionPair, versionPairs } from "../cases/in-force.ts"
import type { Leaf } from "../cases/question.ts"
import { search } from "../cases/search.ts"
import { sampleCases } from "../cases/try-case.ts"
import { type Bilingual, createReport, type Places, type Report } from "../finding.ts"
import type { PolicyModel, PropertyModel } from "../model.ts"
import { resolve } from "../resolve.ts"
import type { ResolvedPolicy } from "../resolved.ts"
import { createScope, type Scope } from "../scope.ts"
import { timelineOf } from "../version.ts"
import { judgeBeyondCases } from "./beyond-cases.ts"
import { type Breach, type Claim, claimOf, claimUnknownPays, type Reading } from "./claim.ts"
import { readSentence, type Sentence, testsOf } from "./sentence.ts"
import { takingBetter } from "./take-better.ts"
import { tellCounterexample } from "./tell.ts"
import type { JudgedProperty, Verdict } from "./verdict.ts"

/** Judges a sentence that one case alone cannot settle. */
export type OtherJudge = (sentence: Sentence, judged: JudgeInput) => Verdict | undefined

/** What a judge works on. */
export interface JudgeInput {
  readonly model: PolicyModel
  readonly policy: ResolvedPolicy
  readonly scope: Scope
  readonly report: Report
  readonly at: object
}

export interface JudgeOptions {
  readonly file?: string
  readonly places?: Places
  readonly others?: readonly OtherJudge[]
  /** Situations that one search may look at. */
  readonly budget?: number
  /** Random cases where a search is too large, and their seed. */
  readonly tries?: number
  readonly seed?: number
  /** Sentences to judge; all of the document unless given. */
  readonly properties?: readonly PropertyModel[]
}

/**
 * Judges the promises of a model that resolves without errors.
 *
 * @example judgeProperties(policy.model)[12].verdict // => { is: "proved", cases: … }
 * @throws when the model does not resolve.
 */
export const judgeProperties = (model: PolicyModel, options: JudgeOptions = {}): JudgedProperty[] => {
  const properties = options.properties ?? model.properties
  const report = createReport(options.file ?? "", options.places ?? new Map<object, never>())
  const policy = resolve(model, report, { tests: boundsNamed(model, properties) })
  if (!policy) throw new Error("the model does not resolve")
  return properties.map((property) => judgeProperty(model, policy, property, options))
}

/** Tests on facts in some sentences: where numbers are to be cut so that the sentences can be judged exactly. */
export const boundsNamed = (model: PolicyModel, properties: readonly PropertyModel[]) =>
  properties.flatMap(({ text }) => {
    const read = readSentence(model, text)
    return read.ok ? testsOf(read.sentence) : []
  })

/**
 * Judges one promise.
 *
 * @param policy the model, resolved with the sentence's bounds (`boundsNamed`).
 */
export const judgeProperty = (
  model: PolicyModel,
  policy: ResolvedPolicy,
  property: PropertyModel,
  options: JudgeOptions = {},
): JudgedProperty => {
  const read = readSentence(model, property.text)
  if (!read.ok) return { property, verdict: { is: "not-understood", nearest: read.nearest } }
  const { input, findings, places } = inputOf(model, policy, property, options)
  const verdict = judge(read.sentence, input, options, places)
  return {
    property,
    sentence: read.sentence,
    verdict: findings.length > 0 ? { is: "unreadable", findings } : verdict,
  }
}

/**
 * The exact claims of a sentence, one for each pair of versions, for whoever judges them in another way. None when
 * it cannot be read or is about more than one case.
 *
 * @param policy the model, resolved with the sentence's bounds (`boundsNamed`).
 */
export const claimsOfSentence = (
  model: PolicyModel,
  policy: ResolvedPolicy,
  text: string,
): readonly PairedClaim[] => {
  const read = readSentence(model, text)
  const property = { id: "", text }
  return read.ok ? (claimsOf(read.sentence, inputOf(model, policy, property, {}).input) ?? []) : []
}

/** A claim and the versions that it is about. */
export interface PairedClaim {
  readonly claim: Claim
  readonly pair: VersionPair
}

// internal

/** What a judge needs to know about one sentence; its findings stand at the sentence. */
const inputOf = (
  model: PolicyModel,
  policy: ResolvedPolicy,
  property: PropertyModel,
  { file = "", places = new Map<object, never>() }: JudgeOptions,
) => {
  const findings = createReport(file, places)
  const report: Report = { ...findings, add: (code, _, ...rest) => findings.add(code, property, ...rest) }
  const timeline = timelineOf(model, policy.effectiveFrom, createReport("", new Map()))
  const { vocabulary, variables, conclusions } = policy
  const scope = createScope(model, vocabulary, variables, new Map(conclusions), timeline, report)
  const input: JudgeInput = { model, policy, scope, report, at: property }
  return { input, findings: findings.findings, places }
}

/** Evaluations of one claim where it is too large to exhaust; a case is evaluated once a lane. */
const usualEvaluations = 20_000
const leastTries = 200

const judge = (sentence: Sentence, input: JudgeInput, options: JudgeOptions, places: Places): Verdict => {
  const claims = claimsOf(sentence, input)
  const byRules = claims
    ? settleClaims(claims, input, options, places)
    : judgeBeyondCases(sentence, input, options)
  if (byRules?.is === "fails") return byRules
  for (const other of options.others ?? []) {
    const verdict = other(sentence, input)
    if (verdict && (verdict.is === "fails" || !byRules)) return verdict
  }
  return byRules ?? { is: "not-judged", because: needsRunner }
}

const needsRunner: Bilingual = {
  zh: "这句话要用真的流程来跑,这里没有",
  en: "this sentence needs the running rules, which are not at hand here",
}

/** One claim for each pair of versions, or undefined where a single case cannot settle the sentence. */
const claimsOf = (sentence: Sentence, input: JudgeInput): PairedClaim[] | undefined => {
  const reading: Reading = input
  const pairs = versionPairs(input.policy)
  /** The claim that `make` reads for a pair, under the better version where the rules take that one. */
  const paired = (pair: VersionPair, make: (of: VersionPair) => Claim | undefined): PairedClaim[] => {
    const own = make(pair)
    const better = own && takingBetter(own, make({ ...pair, accepted: pair.step }), input.policy, pair)
    const claim = better ?? own
    return claim ? [{ claim, pair }] : []
  }
  switch (sentence.is) {
    case "oneAward":
    case "monthlyCap":
    case "orderFree":
    case "shares":
    case "spending":
      return undefined
    case "versions":
      return pairs.slice(0, 1).flatMap((pair) => paired(pair, (of) => claimOf(sentence, reading, of)))
    case "unknownPays":
      return pairs.flatMap((pair) =>
        sentence.of.flatMap((name) =>
          paired(pair, (of) => claimUnknownPays(sentence.fact, name, reading, of)),
        ),
      )
    default:
      return pairs.flatMap((pair) => paired(pair, (of) => claimOf(sentence, reading, of)))
  }
}

interface Broken extends PairedClaim {
  readonly leaf: Leaf
  readonly breach: Breach
}

const settleClaims = (
  claims: readonly PairedClaim[],
  input: JudgeInput,
  options: JudgeOptions,
  places: Places,
): Verdict => {
  let cases = 0
  let broken: Broken | undefined
  const tooLarge: PairedClaim[] = []
  for (const { claim, pair } of claims) {
    const searched = search({
      ...claim.question,
      ...(options.budget !== undefined && { budget: options.budget }),
    })
    if (searched.is === "too-large") {
      tooLarge.push({ claim, pair })
      continue
    }
    cases += searched.alike * claim.question.lanes.length
    for (const leaf of searched.leaves) {
      if (claim.counted?.(leaf) === false) continue
      cases += leaf.cases * claim.question.lanes.length
      if (broken && leaf.size >= broken.leaf.size) continue
      const breach = claim.breach(leaf)
      if (breach) broken = { claim, pair, leaf, breach }
    }
  }
  const teller = { model: input.model, policy: input.policy, places }
  if (broken)
    return {
      is: "fails",
      counterexample: tellCounterexample(teller, broken.claim, broken.leaf, broken.breach, broken.pair, {
        smallest: tooLarge.length === 0,
      }),
    }
  if (tooLarge.length > 0) return sampleClaims(tooLarge, teller, options)
  if (cases === 0) return { is: "premise-never-true" }
  return { is: "proved", cases, how: { zh: "查遍全部情形", en: "every case was looked at" } }
}

const triesFor = ({ question }: Claim): number =>
  Math.max(leastTries, Math.floor(usualEvaluations / question.lanes.length))

/** R404: not exhausted; random cases may still break the promise, but they never prove it. */
const sampleClaims = (
  claims: readonly PairedClaim[],
  teller: Parameters<typeof tellCounterexample>[0],
  options: JudgeOptions,
): Verdict => {
  const seed = options.seed ?? 1
  let counted = 0
  for (const { claim, pair } of claims) {
    const sample = sampleCases(claim.question, (leaf) => claim.breach(leaf) !== undefined, {
      tries: options.tries ?? triesFor(claim),
      seed,
    })
    counted += sample.counted
    const breach = sample.found && claim.breach(sample.found)
    if (sample.found && breach)
      return {
        is: "fails",
        counterexample: tellCounterexample(teller, claim, sample.found, breach, pair, {
          smallest: false,
          seed,
        }),
      }
  }
  return {
    is: "sampled",
    tries: counted,
    seed,
    expected: false,
    how: {
      zh: "情形太多,没有查遍,只试了一部分",
      en: "too many cases to exhaust; only some were tried",
    },
  }
}
