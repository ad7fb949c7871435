/**
 * Checking the example policy: its tables, all its sentences beside brute force on the same sentences, and all
 * changes that somebody could make.
 *
 * By CPU time of this process, because other work shares the machine. Brute force tries every case of a sentence by
 * interpretation.
 */
import { everyCase } from "@yingshao/policy/cases/every-case"
import { checkTables } from "@yingshao/policy/check"
import { readDocument } from "@yingshao/policy/document"
import { createReport } from "@yingshao/policy/finding"
import { judgeMutants, scoreOf } from "@yingshao/policy/mutants/judge-mutants"
import { boundsNamed, claimsOfSentence, judgeProperties } from "@yingshao/policy/properties/judge"
import { resolve } from "@yingshao/policy/resolve"
import { exampleText } from "./example-policy.ts"
import { type Effort, type Line, lineOf } from "./line.ts"
import { median } from "./rounds.ts"

const goals = { tablesMs: 20, sentencesMs: 2_000, changesMs: 60_000 } as const

export const policyCheck = async ({ smoke }: Effort): Promise<readonly Line[]> => {
  const { model } = readDocument(exampleText(), "huishui.policy.md")
  const sentences = smoke ? model.properties.slice(0, 6) : model.properties
  const report = createReport("", new Map())
  const policy = resolve(model, report, { tests: boundsNamed(model, sentences) })
  if (!policy) throw new Error("the example does not resolve")
  const tables = millisecondsOf(smoke ? 1 : 9, () => checkTables(policy, createReport("", new Map())))
  const judged = judgeProperties(model, { properties: sentences })
  if (!judged.every(({ verdict }) => verdict.is === "proved")) throw new Error("a sentence does not hold")
  const proofs = millisecondsOf(smoke ? 1 : 9, () => judgeProperties(model, { properties: sentences }))
  let cases = 0
  const brute = millisecondsOf(1, () => {
    for (const { text } of sentences)
      for (const { claim } of claimsOfSentence(model, policy, text))
        everyCase(claim.question, (leaf) => {
          if (claim.breach(leaf)) throw new Error(`brute force disagrees about ${text}`)
          cases++
        })
  })
  const lines = [
    limited("policy: tables of the example", tables, goals.tablesMs),
    limited("policy: all sentences proved", proofs, goals.sentencesMs),
    lineOf({
      name: "policy: sentences, search and brute force",
      unit: "ms",
      ours: proofs,
      beside: brute,
      peer: "brute force",
      ratio: brute / proofs,
      goal: { atLeast: 10 },
      note: `${sentences.length} sentences over ${cases} cases`,
    }),
  ]
  if (smoke) return lines
  const begin = process.cpuUsage().user
  const score = scoreOf(judgeMutants(model))
  const spent = (process.cpuUsage().user - begin) / 1e3
  const note = `${score.changes} changes, ${score.noticed} noticed`
  return [...lines, { ...limited("policy: all changes judged", spent, goals.changesMs), note }]
}

// internal

/** The median of some runs, in milliseconds of CPU time. */
const millisecondsOf = (runs: number, run: () => unknown): number =>
  median(
    Array.from({ length: runs }, () => {
      const begin = process.cpuUsage().user
      run()
      return (process.cpuUsage().user - begin) / 1e3
    }),
  )

const limited = (name: string, ours: number, limit: number): Line =>
  lineOf({
    name,
    unit: "ms",
    ours,
    beside: limit,
    peer: "the limit",
    ratio: ours / limit,
    goal: { atMost: 1 },
  })
