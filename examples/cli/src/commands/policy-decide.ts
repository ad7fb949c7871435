/**
 * `yingshao policy decide`: one case under a policy, decided or pending, with the rules and the version that said so.
 */
import { readFileSync } from "node:fs"
import type { DecisionName } from "@yingshao/core/decisions"
import {
  decideCase,
  type GivenFact,
  readFacts,
  type ToldDecision,
} from "@yingshao/policy/explain/decide-case"
import { decisionNames } from "@yingshao/policy/needs"
import { openSound } from "../policy/open-sound.ts"
import { CliFailure } from "../terminal/failure.ts"
import { text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"

export interface DecideOptions {
  /** `事件类别=火情` or `category=fire`. */
  readonly facts: readonly string[]
  /** A file with an object of facts, JSON. */
  readonly case?: string
  /** What is not given is typical instead of unknown. */
  readonly typical?: boolean
  readonly accepted?: string
  readonly step?: string
  /** Decisions by name; all when empty. */
  readonly decisions: readonly string[]
}

/** @returns 0 when all that was asked is decided, 1 when something is pending or cannot be asked. */
export const policyDecide = async (file: string, options: DecideOptions, out: Output): Promise<number> => {
  const policy = openSound(file)
  const given = [...(options.case === undefined ? [] : caseIn(options.case)), ...options.facts.map(pair)]
  const read = readFacts(policy, given, options.typical === true ? "typical" : "unknown")
  if (!read.ok) {
    throw new CliFailure(
      2,
      read.problems.map(({ zh }) => zh).join(";"),
      read.problems.map(({ en }) => en).join("; "),
    )
  }
  const last = policy.versionStarts.at(-1) ?? policy.effectiveFrom
  const accepted = options.accepted ?? options.step ?? last
  const dates = { accepted, step: options.step ?? accepted }
  for (const date of [dates.accepted, dates.step]) {
    if (date < policy.effectiveFrom) {
      throw new CliFailure(
        2,
        `${date} 早于施行日期 ${policy.effectiveFrom}`,
        `${date} is before the policy starts, ${policy.effectiveFrom}`,
      )
    }
  }
  const told = decideCase(policy, read.facts, dates, asked(options.decisions))
  if (out.json) {
    const { id, digest } = policy
    out.line(JSON.stringify({ policy: id, digest, dates, facts: read.facts, decisions: told }, undefined, 2))
  } else for (const one of told) print(one, out)
  return told.every(({ outcome }) => outcome.is === "decided") ? 0 : 1
}

// internal

const pair = (words: string): GivenFact => {
  const at = words.search(/[=＝]/)
  if (at > 0) return { name: words.slice(0, at).trim(), value: words.slice(at + 1).trim() }
  throw new CliFailure(2, `“${words}”要写成 事实=取值`, `"${words}" must be FACT=VALUE`)
}

const maxCaseBytes = 100_000

const caseIn = (file: string): readonly GivenFact[] => {
  let content: unknown
  try {
    const source = readFileSync(file, "utf8")
    if (source.length > maxCaseBytes) throw new RangeError("long")
    content = JSON.parse(source)
  } catch {
    throw new CliFailure(2, `${file} 读不到,或不是 JSON`, `${file} cannot be read, or is no JSON`)
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new CliFailure(2, `${file} 里要是一个对象`, `${file} must hold one object`)
  }
  return Object.entries(content).map(([name, value]) => {
    if (typeof value === "string" || typeof value === "number") return { name, value: String(value) }
    throw new CliFailure(
      2,
      `${file} 里“${name}”要是文字或整数`,
      `"${name}" in ${file} must be a text or a number`,
    )
  })
}

const asked = (names: readonly string[]): readonly DecisionName[] => {
  const known = decisionNames()
  if (names.length === 0) return known
  return names.map((name) => {
    const found = known.find((one) => one === name)
    if (found !== undefined) return found
    throw new CliFailure(
      2,
      `没有“${name}”这个决定;可用:${known.join("、")}`,
      `there is no decision "${name}"; known: ${known.join(", ")}`,
    )
  })
}

const print = ({ decision, timing, version, outcome, rules }: ToldDecision, out: Output): void => {
  const by =
    timing === "accepted"
      ? text("受理时的规则", "rules at acceptance")
      : text("办理时的规则", "rules at the step")
  const versions = text(
    `${by.zh},第 ${version.number} 版,自 ${version.from}`,
    `${by.en}, v${version.number} from ${version.from}`,
  )
  out.paragraph(`${decision}: ${said(outcome, out)}  [${out.say(versions)}]`, "  ")
  for (const { table, rule, clause, note } of rules) {
    out.paragraph(`    ${table} ${rule}(${clause})${note === "" ? "" : `:${note}`}`, "      ")
  }
}

const said = (outcome: ToldDecision["outcome"], out: Output): string => {
  switch (outcome.is) {
    case "decided":
      return outcome.conclusions.map(({ name, value }) => `${out.say(name)}=${out.say(value)}`).join(" ")
    case "pending":
      return out.say(
        text(
          `待定,还要知道:${outcome.missing.map(({ zh }) => zh).join("、")}`,
          `pending, still to be known: ${outcome.missing.map(({ en }) => en).join(", ")}`,
        ),
      )
    case "cannot-be-asked":
      return out.say(text(`还不能问:${outcome.because}`, `cannot be asked yet: ${outcome.because}`))
  }
}
