/**
 * The search against brute force on changed copies of the example: equal verdicts and equally small
 * counterexamples, the same case named by both.
 *
 * `node --conditions=@yingshao/source packages/policy/bench/brute-force.ts [policies] [seed]`. Fifty policies take
 * some minutes.
 */
import { readFileSync } from "node:fs"
import { everyCase, tablesAsked } from "../src/cases/every-case.ts"
import type { Leaf } from "../src/cases/question.ts"
import { search } from "../src/cases/search.ts"
import { randomFrom } from "../src/cases/try-case.ts"
import { checkTables } from "../src/check.ts"
import { readDocument } from "../src/document.ts"
import { createReport } from "../src/finding.ts"
import { type Mutant, mutantsOf } from "../src/mutants/mutate.ts"
import type { Claim } from "../src/properties/claim.ts"
import { boundsNamed, claimsOfSentence } from "../src/properties/judge.ts"
import { resolve } from "../src/resolve.ts"
import type { ResolvedPolicy } from "../src/resolved.ts"

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
const sentences = [...model.properties.map(({ text }) => text), ...more]
const tests = boundsNamed(
  model,
  sentences.map((text) => ({ id: "", text })),
)

interface Found {
  readonly cases: number
  readonly worst: Leaf | undefined
}

const worse = (claim: Claim, best: Leaf | undefined, leaf: Leaf): Leaf | undefined =>
  claim.breach(leaf) && (!best || leaf.size < best.size) ? leaf : best

const bruteForce = (claim: Claim): Found => {
  let cases = 0
  let worst: Leaf | undefined
  everyCase(claim.question, (leaf) => {
    cases++
    worst = worse(claim, worst, leaf)
  })
  return { cases, worst }
}

const bySearch = (claim: Claim): Found => {
  const searched = search(claim.question)
  if (searched.is === "too-large") throw new Error("too large to search")
  let cases = searched.alike
  let worst: Leaf | undefined
  for (const leaf of searched.leaves) {
    cases += leaf.cases
    worst = worse(claim, worst, leaf)
  }
  return { cases, worst }
}

/** The changed copy, where its tables are sound. */
const sound = (mutant: Mutant): ResolvedPolicy | undefined => {
  const report = createReport("", new Map())
  const policy = resolve(mutant.model, report, { tests })
  if (!policy || report.hasErrors()) return undefined
  checkTables(policy, report)
  return report.hasErrors() ? undefined : policy
}

/** Cases are counted alike only where the search follows every case. */
const agree = (claim: Claim, quick: Found, slow: Found): boolean =>
  quick.worst?.size === slow.worst?.size &&
  quick.worst?.one().join() === slow.worst?.one().join() &&
  (claim.question.onlyDifferences === true || quick.cases === slow.cases)

const counted = { policies: 0, claims: 0, broken: 0, cases: 0, different: 0 }
const spent = { search: 0, brute: 0 }
const timed = <T>(kind: keyof typeof spent, run: () => T): T => {
  const start = process.cpuUsage().user
  const result = run()
  spent[kind] += (process.cpuUsage().user - start) / 1000
  return result
}
const random = randomFrom(seed)
const mutants = mutantsOf(model)
  .map((mutant) => ({ mutant, key: random() }))
  .toSorted((a, b) => a.key - b.key)
for (const { mutant } of mutants) {
  if (counted.policies >= policies) break
  const policy = sound(mutant)
  const claims = policy
    ? sentences.flatMap((text) =>
        claimsOfSentence(mutant.model, policy, text).map(({ claim }) => ({ text, claim })),
      )
    : []
  const touched = claims.filter(({ claim }) =>
    tablesAsked(claim.question).some(({ name }) => mutant.tables.includes(name)),
  )
  if (touched.length === 0) continue
  counted.policies++
  for (const { text, claim } of touched) {
    const quick = timed("search", () => bySearch(claim))
    const slow = timed("brute", () => bruteForce(claim))
    counted.claims++
    counted.cases += slow.cases
    if (slow.worst) counted.broken++
    if (agree(claim, quick, slow)) continue
    counted.different++
    console.log(`different: ${mutant.what.zh} | ${text}`, quick, slow)
  }
}
console.log(
  `${counted.policies} changed policies, ${counted.claims} claims over ${counted.cases} cases, ${counted.broken} broken, ${counted.different} different; CPU ${Math.round(spent.search)} ms by search, ${Math.round(spent.brute)} ms by brute force (${(spent.brute / spent.search).toFixed(1)} times)`,
)
process.exitCode = counted.different === 0 && counted.policies === policies ? 0 : 1
