/**
 * The search against brute force on changed copies of the example: equal verdicts and equally small
 * counterexamples, the same case named by both.
 *
 * `node --conditions=@yingshao/source packages/policy/bench/brute-force.ts [policies] [seed]`. Brute force tries
 * every combination of every atom of every fact that the tables behind a sentence read, one after the other, by
 * interpretation; it merges nothing. Fifty policies take some minutes.
 */
import { readFileSync } from "node:fs"
import { typicalCase } from "../src/cases/case.ts"
import { tablesBehind, versionPairs } from "../src/cases/in-force.ts"
import type { Leaf, Question } from "../src/cases/question.ts"
import { search } from "../src/cases/search.ts"
import { randomFrom, tryCase } from "../src/cases/try-case.ts"
import { checkTables } from "../src/check.ts"
import { readDocument } from "../src/document.ts"
import { createReport } from "../src/finding.ts"
import type { PolicyModel } from "../src/model.ts"
import { type Mutant, mutantsOf } from "../src/mutants/mutate.ts"
import { type Claim, claimOf, claimUnknownPays } from "../src/properties/claim.ts"
import { boundsNamed } from "../src/properties/judge.ts"
import { readSentence } from "../src/properties/sentence.ts"
import { resolve } from "../src/resolve.ts"
import type { ResolvedPolicy } from "../src/resolved.ts"
import { createScope } from "../src/scope.ts"
import { timelineOf } from "../src/version.ts"

const file = new URL("../../../examples/policies/huishui.policy.md", import.meta.url)
const [policies = 50, seed = 1] = process.argv.slice(2).map(Number)

/** Sentences besides those of the document, so that every kind is compared. */
const more = [
  "现金 只能是 0、50、100、150、200",
  "上报人 不影响 现金",
  "首报 未知时,现金 不提前发放",
  "信息价值 越高,积分 不增加",
]

const { model } = readDocument(readFileSync(file, "utf8"), "huishui.policy.md")
const sentences = [...model.properties.map(({ text }) => text), ...more].map((text, at) => ({
  id: `${at + 1}`,
  text,
}))
const tests = boundsNamed(model, sentences)

/** The facts that a question depends on, closed under impossible combinations. */
const factsOf = ({ lanes, premise, watch, split }: Question): number[] => {
  const facts = new Set<number>()
  const keys = [
    ...watch.flatMap((one) => (one.is === "conclusion" ? [one.key] : [])),
    ...premise.flatMap(({ source }) => (source.is === "conclusion" ? [source.key] : [])),
  ]
  for (const { source } of premise) if (source.is === "fact") facts.add(source.variable)
  for (const { tables } of lanes)
    for (const table of tablesBehind(tables, keys))
      for (const { source } of table.columns) if (source.is === "fact") facts.add(source.variable)
  for (const { when } of lanes[0]?.policy.impossible ?? [])
    if (when.some(({ variable }) => facts.has(variable))) for (const { variable } of when) facts.add(variable)
  if (split !== undefined) facts.delete(split)
  return [...facts]
}

/** The smallest case that breaks a claim, and how many cases satisfy its premise. */
const bruteForce = (claim: Claim) => {
  const { question } = claim
  const policy = question.lanes[0]?.policy as ResolvedPolicy
  const keys = question.watch.flatMap((one) => (one.is === "conclusion" ? [one.key] : []))
  const asked = question.premise.flatMap(({ source }) => (source.is === "conclusion" ? [source.key] : []))
  const narrowed = {
    ...question,
    lanes: question.lanes.map((lane) => ({
      ...lane,
      tables: tablesBehind(lane.tables, [...keys, ...asked]),
    })),
  }
  const facts = factsOf(question)
  const one = typicalCase(policy)
  let cases = 0
  let worst: Leaf | undefined
  const visit = (at: number): void => {
    const fact = facts[at]
    if (fact === undefined) {
      const leaf = tryCase(narrowed, [...one])
      if (!leaf) return
      cases++
      if (claim.breach(leaf) && (!worst || leaf.size < worst.size)) worst = leaf
      return
    }
    const typical = one[fact] ?? 0
    for (const atom of policy.variables[fact]?.atoms.keys() ?? []) {
      one[fact] = atom
      visit(at + 1)
    }
    one[fact] = typical
  }
  visit(0)
  return { cases, worst }
}

const bySearch = (claim: Claim) => {
  const searched = search(claim.question)
  if (searched.is === "too-large") throw new Error("too large to search")
  let cases = searched.alike
  let worst: Leaf | undefined
  for (const leaf of searched.leaves) {
    cases += leaf.cases
    if (claim.breach(leaf) && (!worst || leaf.size < worst.size)) worst = leaf
  }
  return { cases, worst }
}

const claimsOf = (changed: PolicyModel, policy: ResolvedPolicy): { text: string; claim: Claim }[] =>
  sentences.flatMap(({ text }) => {
    const read = readSentence(changed, text)
    if (!read.ok) throw new Error(`cannot read ${text}`)
    const report = createReport("", new Map())
    const timeline = timelineOf(changed, policy.effectiveFrom, report)
    const scope = createScope(
      changed,
      policy.vocabulary,
      policy.variables,
      new Map(policy.conclusions),
      timeline,
      report,
    )
    const reading = { policy, scope, report, at: {} }
    const { sentence } = read
    return versionPairs(policy).flatMap((pair) => {
      const claim =
        sentence.is === "unknownPays"
          ? claimUnknownPays(sentence.fact, sentence.of[0] ?? "", reading, pair)
          : claimOf(sentence, reading, pair)
      return claim ? [{ text, claim }] : []
    })
  })

/** The changed copies whose tables are sound, with a conclusion that some sentence looks at. */
const sound = (mutant: Mutant): ResolvedPolicy | undefined => {
  const report = createReport("", new Map())
  const policy = resolve(mutant.model, report, { tests })
  if (!policy || report.hasErrors()) return undefined
  checkTables(policy, report)
  return report.hasErrors() ? undefined : policy
}

const touches = (mutant: Mutant, { question }: Claim): boolean => {
  const keys = question.watch.flatMap((one) => (one.is === "conclusion" ? [one.key] : []))
  const asked = question.premise.flatMap(({ source }) => (source.is === "conclusion" ? [source.key] : []))
  return tablesBehind(question.lanes[0]?.tables ?? [], [...keys, ...asked]).some(({ name }) =>
    mutant.tables.includes(name),
  )
}

const random = randomFrom(seed)
const mutants = mutantsOf(model)
  .map((mutant) => ({ mutant, key: random() }))
  .toSorted((a, b) => a.key - b.key)
const counted = { policies: 0, claims: 0, broken: 0, cases: 0, different: 0 }
const spent = { search: 0, brute: 0 }
const timed = <T>(kind: keyof typeof spent, run: () => T): T => {
  const start = process.cpuUsage().user
  const result = run()
  spent[kind] += (process.cpuUsage().user - start) / 1000
  return result
}
for (const { mutant } of mutants) {
  if (counted.policies >= policies) break
  const policy = sound(mutant)
  if (!policy) continue
  const touched = claimsOf(mutant.model, policy).filter(({ claim }) => touches(mutant, claim))
  if (touched.length === 0) continue
  counted.policies++
  for (const { text, claim } of touched) {
    const quick = timed("search", () => bySearch(claim))
    const slow = timed("brute", () => bruteForce(claim))
    counted.claims++
    counted.cases += slow.cases
    if (slow.worst) counted.broken++
    const same =
      (quick.worst === undefined) === (slow.worst === undefined) &&
      quick.worst?.size === slow.worst?.size &&
      quick.worst?.one().join() === slow.worst?.one().join() &&
      (claim.question.onlyDifferences === true || quick.cases === slow.cases)
    if (same) continue
    counted.different++
    console.log(`different: ${mutant.what.zh} | ${text}`, quick, slow)
  }
}
console.log(
  `${counted.policies} changed policies, ${counted.claims} claims over ${counted.cases} cases, ${counted.broken} broken, ${counted.different} different; CPU ${Math.round(spent.search)} ms by search, ${Math.round(spent.brute)} ms by brute force (${(spent.brute / spent.search).toFixed(1)} times)`,
)
process.exitCode = counted.different === 0 && counted.policies === policies ? 0 : 1
