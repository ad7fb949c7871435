/**
 * `yingshao policy test`: how well the examples and promises hold a document: examples, rules and bounds that are
 * tried, and changes that nobody would notice.
 */
import { type OpenedPolicy, openPolicy } from "@yingshao/policy"
import { type Coverage, coverageOf, isTried, reportCoverage } from "@yingshao/policy/coverage/coverage"
import { createReport, type Finding, inOrder } from "@yingshao/policy/finding"
import {
  type JudgedMutant,
  judgeMutants,
  type MutantScore,
  reportMutants,
  scoreOf,
} from "@yingshao/policy/mutants/judge-mutants"
import { printFindings } from "../policy/print-findings.ts"
import { policyText } from "../store/policy-file.ts"
import { text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"
import { table } from "../terminal/table.ts"

export interface TestOptions {
  /** Leave out the changes, which take longest. */
  readonly quick?: boolean
  /** Least share of the changes that must be noticed, in percent; `usualThreshold` when left out. */
  readonly threshold?: number
  readonly notes?: boolean
}

/**
 * Below this share a document is mostly held by nobody: of the example's changes 70.6 % are noticed, of a document with
 * five examples and twenty sentences about 58 % were.
 */
export const usualThreshold = 60

/** @returns 0, or 1 when an example fails or fewer changes are noticed than the threshold asks. */
export const policyTest = async (file: string, options: TestOptions, out: Output): Promise<number> => {
  const opened = openPolicy(policyText(file), file)
  const errors = opened.findings.filter(({ severity }) => severity === "error")
  if (!opened.policy || errors.length > 0) return failed(errors, file, out)
  const { model, places } = opened
  const { resolved } = opened.policy
  const report = createReport(file, places)
  const coverage = coverageOf(model, resolved)
  reportCoverage(coverage, resolved, report)
  const judged = options.quick === true ? [] : judgeAll(opened, out)
  reportMutants(judged, report)
  const score = scoreOf(judged)
  const threshold = options.threshold ?? usualThreshold
  const enough = options.quick === true || score.share * 100 >= threshold
  const findings = inOrder(report.findings)
  if (out.json) {
    const summary = { examples: model.examples.length, ...tried(coverage), mutants: score }
    out.line(JSON.stringify({ ok: enough, ...summary, threshold, findings }, undefined, 2))
    return enough ? 0 : 1
  }
  printTables(coverage, judged, out)
  if (findings.length > 0) out.line()
  printFindings(findings, file, options.notes === true, out)
  printSummary(opened, coverage, score, { ...options, threshold }, enough, out)
  return enough ? 0 : 1
}

// internal

const failed = (errors: readonly Finding[], file: string, out: Output): number => {
  if (out.json) out.line(JSON.stringify({ ok: false, findings: errors }, undefined, 2))
  else printFindings(errors, file, true, out)
  return 1
}

const judgeAll = ({ model }: OpenedPolicy, out: Output): JudgedMutant[] => {
  const judged = judgeMutants(model, (done, all) => {
    if (done % 20 === 0) out.progress(out.say(text(`试改 ${done}/${all}`, `changes ${done}/${all}`)))
  })
  out.progress("")
  return judged
}

const tried = ({ rules, bounds }: Coverage) => ({
  rules: { tried: rules.filter(({ by }) => by.length > 0).length, all: rules.length },
  bounds: { tried: bounds.filter(isTried).length, all: bounds.length },
})

/** One line a table: rules, bounds and changes, each as tried of all. */
const printTables = (coverage: Coverage, judged: readonly JudgedMutant[], out: Output) => {
  const names = [...new Set(coverage.rules.map((one) => one.table.name))]
  const of = (part: number, all: number) => (all === 0 ? "—" : `${part}/${all}`)
  const rows = names.map((name) => {
    const here = {
      rules: coverage.rules.filter((one) => one.table.name === name),
      bounds: coverage.bounds.filter((one) => one.table.name === name),
    }
    const { rules, bounds } = tried(here)
    const score = scoreOf(judged.filter(({ mutant }) => mutant.tables.includes(name)))
    return [name, of(rules.tried, rules.all), of(bounds.tried, bounds.all), of(score.noticed, score.changes)]
  })
  const heads = [
    text("决策表", "table"),
    text("试过的规则", "rules tried"),
    text("试过的分界", "bounds tried"),
    text("会被发现的改动", "changes noticed"),
  ]
  out.lines(
    table(
      heads.map((head, at) => ({ head: out.say(head), ...(at > 0 && { align: "right" as const }) })),
      rows,
      out.width,
    ),
  )
}

const printSummary = (
  { model }: OpenedPolicy,
  coverage: Coverage,
  score: MutantScore,
  { quick, threshold }: TestOptions,
  enough: boolean,
  out: Output,
) => {
  const { rules, bounds } = tried(coverage)
  out.line()
  out.paragraph(
    out.say(
      text(
        `例子 ${model.examples.length} 个全部成立;试过规则 ${rules.tried}/${rules.all} 条,分界 ${bounds.tried}/${bounds.all} 处`,
        `all ${model.examples.length} examples hold; rules tried ${rules.tried}/${rules.all}, bounds ${bounds.tried}/${bounds.all}`,
      ),
    ),
  )
  if (quick === true) return
  const percent = Math.floor(score.share * 1000) / 10
  out.paragraph(
    out.say(
      text(
        `试改 ${score.changes} 处,会被发现 ${score.noticed} 处(${percent} %):检查 ${score.byTables},例子 ${score.byExamples},性质 ${score.byProperties};没有人会发现 ${score.changes - score.noticed} 处`,
        `${score.changes} changes tried, ${score.noticed} noticed (${percent} %): by checks ${score.byTables}, examples ${score.byExamples}, properties ${score.byProperties}; ${score.changes - score.noticed} by nobody`,
      ),
    ),
  )
  if (!enough)
    out.paragraph(out.say(text(`低于要求的 ${threshold} %`, `below the ${threshold} % that are asked for`)))
}
