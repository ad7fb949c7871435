/**
 * Policy documents: read, check, compile, explain.
 *
 * A document with a finding of severity error does not load. What loads is pure: the same facts and dates give
 * the same answer for ever. The sentences under 必须成立的话 are judged by `review`, not here.
 *
 * @example
 * const read = readPolicy(await readFile("huishui.policy.md", "utf8"), "huishui.policy.md")
 * if (read.ok) read.policy.decide("triage", { category: "fire" }, { accepted: "2026-03-01", step: "2026-03-01" })
 */
import { canonicalPolicy, digestOf } from "./canonical.ts"
import { checkTables } from "./check.ts"
import { type CompiledPolicy, compile } from "./compile.ts"
import { TooLarge } from "./diagram.ts"
import { readDocument } from "./document.ts"
import { runExamples } from "./example.ts"
import { createReport, type Finding, type FindingCode, inOrder, type Places, type Report } from "./finding.ts"
import type { PolicyModel } from "./model.ts"
import { resolve } from "./resolve.ts"
import type { ResolvedPolicy } from "./resolved.ts"

export type { CompiledPolicy } from "./compile.ts"
export type { Finding, FindingCode, Severity } from "./finding.ts"

export type PolicyReading =
  | { readonly ok: true; readonly policy: CompiledPolicy; readonly findings: readonly Finding[] }
  | { readonly ok: false; readonly findings: readonly Finding[] }

/**
 * Reads a whole policy document.
 *
 * @param text the Markdown text.
 * @param file its name, for findings only.
 * @returns the compiled policy, or the findings that keep it out. Never throws because of the text.
 */
export const readPolicy = (text: string, file = "policy.md"): PolicyReading => {
  const { policy, findings, loads } = openPolicy(text, file)
  return policy && loads ? { ok: true, policy, findings } : { ok: false, findings }
}

/** A document as far as it could be read: for tools that look at documents that do not load, too. */
export interface OpenedPolicy {
  readonly model: PolicyModel
  readonly places: Places
  /** Present when the rules are sound, even where an example fails. */
  readonly policy: CompiledPolicy | undefined
  readonly loads: boolean
  /** No table has an error, though core may still miss something or have no name for it. */
  readonly tablesAreSound: boolean
  readonly findings: readonly Finding[]
}

/** Reads a document like `readPolicy` and keeps the model and the places of its parts. */
export const openPolicy = (text: string, file = "policy.md"): OpenedPolicy => {
  const { model, places, report, damaged } = readDocument(text, file)
  const { policy, tablesAreSound } = damaged ? nothing : load(model, report)
  const loads = policy !== undefined && !report.hasErrors()
  return { model, places, policy, loads, tablesAreSound, findings: inOrder(report.findings) }
}

/**
 * Compiles the canonical JSON of a document that loaded before, after a restart.
 *
 * The same text gives the same policy again, as long as it is among the last few texts: a host with many programmes
 * under one policy compiles it once.
 *
 * @throws when the text is not the canonical JSON of a policy of this language.
 */
export const revive = (canonical: string): CompiledPolicy => {
  const known = lastRevived.get(canonical)
  if (known) return known
  const model = readModel(canonical)
  const report = createReport("canonical", new Map())
  const { policy } = load(model, report)
  if (policy && !report.hasErrors()) return kept(canonical, policy)
  const first = report.findings.find((finding) => finding.severity === "error")
  throw new Error(`the stored policy does not load: ${first?.code} ${first?.en}`)
}

// internal

/** By their texts, the oldest first. */
const lastRevived = new Map<string, CompiledPolicy>()
const mostRevived = 4

const kept = (canonical: string, policy: CompiledPolicy): CompiledPolicy => {
  const [oldest] = lastRevived.keys()
  if (oldest !== undefined && lastRevived.size === mostRevived) lastRevived.delete(oldest)
  lastRevived.set(canonical, policy)
  return policy
}

/** What core needs or cannot name keeps a document from loading, not its tables from being checked. */
const besideTables: ReadonlySet<FindingCode> = new Set(["P107", "P108", "P109"])

const isResolved = ({ findings }: Report): boolean =>
  findings.every(({ code, severity }) => severity !== "error" || besideTables.has(code))

/** A column without a meaning makes rules look alike that are not. */
const isWhole = ({ versions }: ResolvedPolicy): boolean =>
  versions.every(({ tables }) =>
    tables.every(({ columns, model }) => columns.length === model.conditions.length),
  )

type Loaded = Pick<OpenedPolicy, "policy" | "tablesAreSound">

const nothing: Loaded = { policy: undefined, tablesAreSound: false }

const load = (model: PolicyModel, report: Report): Loaded => {
  const unread = report.hasErrors()
  const resolved = resolve(model, report)
  if (!resolved || unread || !isResolved(report)) return nothing
  if (report.hasErrors() && !isWhole(resolved)) return nothing
  checkTables(resolved, report)
  const tablesAreSound = isResolved(report)
  if (report.hasErrors()) return { policy: undefined, tablesAreSound }
  const canonical = canonicalPolicy(model)
  try {
    const policy = compile(resolved, { model, canonical, digest: digestOf(canonical), revive })
    runExamples(policy, report)
    return { policy, tablesAreSound }
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error
    report.add("R404", undefined, {
      zh: "规则太多,组合起来不能全部查完",
      en: "the rules are too many to go through together",
    })
    return nothing
  }
}

const readModel = (canonical: string): PolicyModel => {
  const value: unknown = JSON.parse(canonical)
  if (!isModel(value)) throw new Error("not the canonical JSON of a policy of this language")
  return value
}

const lists = [
  "items",
  "facts",
  "groups",
  "prohibitions",
  "impossible",
  "names",
  "parameters",
  "tables",
  "examples",
  "properties",
]

/** C5: unknown keys are refused, because they could be what a later language says. */
const isModel = (value: unknown): value is PolicyModel => {
  if (typeof value !== "object" || value === null) return false
  const known = new Map<string, unknown>(Object.entries(value))
  return (
    known.get("language") === 1 &&
    typeof known.get("title") === "string" &&
    known.size === lists.length + 2 &&
    lists.every((list) => Array.isArray(known.get(list)))
  )
}
