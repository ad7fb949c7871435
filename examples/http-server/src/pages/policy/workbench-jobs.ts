/**
 * What policy staff ask of a document, as plain data in and out, so that it can run beside the server.
 *
 * Judging a document looks at every case and takes seconds; nothing here waits for anything.
 */
import type { CompiledPolicy } from "@yingshao/policy"
import { openPolicy, revive } from "@yingshao/policy"
import { type CaseChanges, caseChanges, oldAndNew } from "@yingshao/policy/compare/case-changes"
import { type PartChange, partChanges } from "@yingshao/policy/compare/part-changes"
import { joinPolicies } from "@yingshao/policy/compare/two-versions"
import {
  decideCase,
  type GivenFact,
  readFacts,
  type ToldDecision,
} from "@yingshao/policy/explain/decide-case"
import type { Bilingual, Finding } from "@yingshao/policy/finding"
import { printPolicy } from "@yingshao/policy/print"
import { judgeProperties } from "@yingshao/policy/properties/judge"
import type { Verdict } from "@yingshao/policy/properties/verdict"
import { policyPage } from "@yingshao/policy/report/policy-page"
import { reviewPolicy } from "@yingshao/policy/review"

/** `canonical` is the adopted policy as the programme keeps it. */
export type Job =
  | { readonly kind: "facts"; readonly canonical: string }
  | { readonly kind: "report"; readonly canonical: string; readonly language: "zh" | "en" }
  | {
      readonly kind: "decide"
      readonly canonical: string
      readonly facts: readonly GivenFact[]
      readonly date: string
    }
  | { readonly kind: "compare"; readonly canonical: string; readonly draft: string }
  | { readonly kind: "judge"; readonly canonical: string; readonly sentence: string }

export interface FactChoice {
  readonly fact: string
  readonly name: string
  readonly typical: string
  /** Words to choose from; empty for a number. */
  readonly values: readonly string[]
}

export type Compared =
  | { readonly ok: false; readonly findings: readonly Finding[]; readonly because: readonly Bilingual[] }
  | { readonly ok: true; readonly edits: readonly PartChange[]; readonly changes: CaseChanges }

export interface Results {
  readonly facts: readonly FactChoice[]
  /** A whole page, with its style sheet apart. */
  readonly report: { readonly page: string; readonly style: string }
  readonly decide:
    | { readonly ok: true; readonly told: readonly ToldDecision[] }
    | { readonly ok: false; readonly problems: readonly Bilingual[] }
  readonly compare: Compared
  readonly judge: Verdict
}

export const doJob = (job: Job): Results[Job["kind"]] => {
  const policy = opened(job.canonical)
  switch (job.kind) {
    case "facts":
      return factsOf(policy)
    case "report":
      return report(policy, job.language)
    case "decide": {
      const read = readFacts(policy, job.facts, "typical")
      if (!read.ok) return read
      return { ok: true, told: decideCase(policy, read.facts, { accepted: job.date, step: job.date }) }
    }
    case "compare":
      return compared(policy, job.draft)
    case "judge":
      return judged(policy, job.sentence)
  }
}

// internal

let last: CompiledPolicy | undefined
let lastText = ""

/** Most questions in a row are about the same document. */
const opened = (canonical: string): CompiledPolicy => {
  if (last === undefined || lastText !== canonical) {
    last = revive(canonical)
    lastText = canonical
  }
  return last
}

const factsOf = ({ resolved }: CompiledPolicy): readonly FactChoice[] =>
  resolved.variables.map(({ fact, name, typical, atoms }) => ({
    fact,
    name,
    typical,
    values: atoms.some((atom) => atom.is === "span")
      ? []
      : atoms.map((atom) => (atom.is === "value" ? atom.zh : "未知")),
  }))

/** The page carries its style in itself, which the server's content security policy would refuse. */
const report = (policy: CompiledPolicy, language: "zh" | "en"): Results["report"] => {
  const source = printPolicy(policy.model)
  const whole = policyPage({ source, review: reviewPolicy(source), language })
  const style = /<style>([\s\S]*?)<\/style>/.exec(whole)?.[1] ?? ""
  const page = whole
    .replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, "")
    .replace(/<style>[\s\S]*?<\/style>/, '<link rel="stylesheet" href="/policy/report.css">')
  return { page, style }
}

const compared = (policy: CompiledPolicy, draft: string): Compared => {
  const now = openPolicy(draft, "draft.policy.md")
  if (!now.policy) {
    return {
      ok: false,
      findings: now.findings.filter(({ severity }) => severity === "error").slice(0, 50),
      because: [],
    }
  }
  const joined = joinPolicies({ model: policy.model }, { model: now.model })
  if (!joined.ok) return { ok: false, findings: [], because: joined.because }
  return {
    ok: true,
    edits: partChanges(policy.model, now.model),
    changes: caseChanges(joined.policy, oldAndNew(joined.policy)),
  }
}

const judged = (policy: CompiledPolicy, sentence: string): Verdict => {
  const known = policy.model.properties.find(({ id }) => id === sentence)
  const property = known ?? { id: "#1", text: sentence }
  const [first] = judgeProperties(policy.model, { properties: [property] })
  if (first === undefined) throw new Error("a sentence was not judged")
  return first.verdict
}
