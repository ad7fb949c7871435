/**
 * Everything that can be said about a document: reading, tables, examples and promises, each cause once.
 *
 * Slower than `readPolicy`, which says only whether a document may load. Promises are judged when the tables are
 * sound, broken ones named even where core still misses something; what follows only from a gap or an overlap is
 * held back.
 */
import { coverageOf, reportCoverage } from "./coverage/coverage.ts"
import { reportUnreached, suggestExamples } from "./coverage/suggest.ts"
import { createReport, type Finding, inOrder } from "./finding.ts"
import { judgeMutants, reportMutants } from "./mutants/judge-mutants.ts"
import { type OpenedPolicy, openPolicy } from "./policy.ts"
import { type JudgeOptions, judgeProperties } from "./properties/judge.ts"
import { reportVerdicts } from "./properties/report-verdicts.ts"
import type { JudgedProperty } from "./properties/verdict.ts"

export interface Review extends OpenedPolicy {
  /** Empty when the rules are not sound. */
  readonly properties: readonly JudgedProperty[]
}

export interface ReviewOptions extends Omit<JudgeOptions, "file" | "places" | "properties"> {
  /** Also try small changes and name those that nobody would notice (T304); takes some seconds. */
  readonly mutants?: boolean
}

/**
 * Reads a document and judges its promises.
 *
 * @param file its name, for findings only.
 */
export const reviewPolicy = (text: string, file = "policy.md", options: ReviewOptions = {}): Review => {
  const opened = openPolicy(text, file)
  const { model, places, policy } = opened
  const report = createReport(file, places)
  if (!policy && !opened.tablesAreSound) return { ...opened, properties: [] }
  const properties = judgeProperties(model, { ...options, file, places })
  reportVerdicts(properties, report)
  if (!policy) {
    // What else there is to say of promises follows from what core needs and does not find.
    const broken = report.findings.filter(({ code }) => code === "R401")
    return { ...opened, findings: inOrder([...opened.findings, ...broken]), properties: [] }
  }
  const coverage = coverageOf(model, policy.resolved)
  reportCoverage(coverage, policy.resolved, report)
  reportUnreached(suggestExamples(model, policy.resolved, coverage), report)
  if (options.mutants === true && opened.loads) reportMutants(judgeMutants(model), report)
  return { ...opened, findings: inOrder([...opened.findings, ...report.findings]), properties }
}

/** Does anything keep this document from being called clean? With `strict`, assumptions do. */
export const isClean = (findings: readonly Finding[], strict = false): boolean =>
  findings.every(({ code, severity }) => severity === "note" && !(strict && code === "V206"))
