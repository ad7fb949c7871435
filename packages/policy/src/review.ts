/**
 * Everything that can be said about a document: reading, tables, examples and promises, each cause once.
 *
 * Slower than `readPolicy`, which says only whether a document may load. Promises are judged when the rules are
 * sound; what follows only from a gap or an overlap is held back.
 */
import { createReport, type Finding, inOrder } from "./finding.ts"
import { type OpenedPolicy, openPolicy } from "./policy.ts"
import { createJudge, type JudgeOptions } from "./properties/judge.ts"
import { reportVerdicts } from "./properties/report-verdicts.ts"
import type { JudgedProperty } from "./properties/verdict.ts"

export interface Review extends OpenedPolicy {
  /** Empty when the rules are not sound. */
  readonly properties: readonly JudgedProperty[]
}

export type ReviewOptions = Omit<JudgeOptions, "file" | "places" | "properties">

/**
 * Reads a document and judges its promises.
 *
 * @param file its name, for findings only.
 */
export const reviewPolicy = (text: string, file = "policy.md", options: ReviewOptions = {}): Review => {
  const opened = openPolicy(text, file)
  const { model, places, policy } = opened
  if (!policy) return { ...opened, properties: [] }
  const properties = createJudge(model, { ...options, file, places })(model.properties)
  const report = createReport(file, places)
  reportVerdicts(properties, report)
  return { ...opened, findings: inOrder([...opened.findings, ...report.findings]), properties }
}

/** Does anything keep this document from being called clean? With `strict`, assumptions do. */
export const isClean = (findings: readonly Finding[], strict = false): boolean =>
  findings.every(({ code, severity }) => severity === "note" && !(strict && code === "V206"))
