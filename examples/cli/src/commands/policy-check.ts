/**
 * `yingshao policy check`: what is wrong with a policy document, each finding with its place and in both
 * languages, its promises included.
 */
import { isClean, type Review, reviewPolicy } from "@yingshao/policy/review"
import { judgesFor } from "../policy/judges.ts"
import { printFindings } from "../policy/print-findings.ts"
import { policyText } from "../store/policy-file.ts"
import { text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"

export interface CheckOptions {
  /** Assumptions that nobody confirmed yet count as findings. */
  readonly strict?: boolean
  /** Try changes as well, and name those that nobody would notice. */
  readonly all?: boolean
  /** Print every note. */
  readonly notes?: boolean
}

/** @returns 0 clean (notes alone count as clean), 1 something found; unreadable files throw with exit code 2. */
export const policyCheck = async (file: string, options: CheckOptions, out: Output): Promise<number> => {
  const source = policyText(file)
  const { findings, policy, loads, properties } = await review(source, file, options.all === true)
  const clean = isClean(findings, options.strict)
  if (out.json) {
    const identity = policy && loads ? { id: policy.id, digest: policy.digest } : undefined
    const verdicts = properties.map(({ property, verdict }) => ({ ...property, verdict }))
    out.line(
      JSON.stringify({ ok: clean, loads, policy: identity, findings, properties: verdicts }, undefined, 2),
    )
    return clean ? 0 : 1
  }
  printFindings(findings, file, options.notes === true, out)
  const notes = findings.filter(({ severity }) => severity === "note").length
  const grave = findings.length - notes
  const proved = properties.filter(({ verdict }) => verdict.is === "proved").length
  const promises = text(
    `性质 ${properties.length} 条,证明 ${proved} 条`,
    `${proved} of ${properties.length} properties proved`,
  )
  if (clean && policy) {
    const digest = policy.digest.slice(0, 12)
    out.paragraph(
      out.say(
        text(
          `${file} 可用:${policy.id},${policy.effectiveFrom} 起,摘要 ${digest};${promises.zh};提示 ${notes} 条`,
          `${file} is good: ${policy.id}, from ${policy.effectiveFrom}, digest ${digest}; ${promises.en}; ${notes} notes`,
        ),
      ),
    )
    return 0
  }
  const open = findings.filter(({ code }) => code === "V206").length
  out.paragraph(out.say(verdictText(file, { grave, notes, open, loads, strict: options.strict === true })))
  return 1
}

// internal

/** Reviews twice where a sentence needs the running rules, because only sound rules can be run. */
const review = async (source: string, file: string, mutants: boolean): Promise<Review> => {
  const first = reviewPolicy(source, file, { mutants })
  if (!first.policy) return first
  const texts = first.model.properties.map(({ text: words }) => words)
  const others = await judgesFor(first.policy, texts, 1)
  return others.length === 0 ? first : reviewPolicy(source, file, { mutants, others })
}

const verdictText = (
  file: string,
  found: {
    readonly grave: number
    readonly notes: number
    readonly open: number
    readonly loads: boolean
    readonly strict: boolean
  },
) => {
  const { grave, notes, open, loads, strict } = found
  const assumed =
    strict && open > 0
      ? text(`,假设 ${open} 处没有确认`, `, ${open} assumptions not confirmed`)
      : text("", "")
  return text(
    `${file}:${grave} 处要改${assumed.zh}${loads ? "(可以采用)" : "(不能采用,原来的规则继续有效)"},提示 ${notes} 条`,
    `${file}: ${grave} to mend${assumed.en}${loads ? " (it loads)" : " (it does not load; the old policy stays)"}, ${notes} notes`,
  )
}
