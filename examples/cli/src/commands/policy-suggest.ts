/**
 * `yingshao policy suggest-examples`: cases worth an example, nearest to the typical one first. What the rules come
 * to is shown only after an expectation was typed.
 */
import { writeFileSync } from "node:fs"
import { createInterface } from "node:readline/promises"
import { type OpenedPolicy, openPolicy } from "@yingshao/policy"
import { addExample, nextExampleId } from "@yingshao/policy/cases/add-example"
import { outcomeOf, type Suggestion, suggestExamples } from "@yingshao/policy/coverage/suggest"
import type { ResolvedPolicy } from "@yingshao/policy/resolved"
import { printFindings } from "../policy/print-findings.ts"
import { policyText } from "../store/policy-file.ts"
import { type Text, text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"

export interface SuggestOptions {
  /** At most so many. */
  readonly limit: number
  /** Ask for an expectation, one line a case, on standard input. */
  readonly ask?: boolean
  /** Keep what was typed as examples of the document. */
  readonly add?: boolean
}

/** @returns 0; 1 when the rules are not sound. */
export const policySuggest = async (file: string, options: SuggestOptions, out: Output): Promise<number> => {
  const opened = openPolicy(policyText(file), file)
  if (!opened.policy) {
    const errors = opened.findings.filter(({ severity }) => severity === "error")
    if (out.json) out.line(JSON.stringify({ ok: false, findings: errors }, undefined, 2))
    else printFindings(errors, file, true, out)
    return 1
  }
  const { resolved } = opened.policy
  const { suggestions, unreached, tooLarge } = suggestExamples(opened.model, resolved)
  const shown = suggestions.slice(0, options.limit)
  if (out.json) {
    const never = unreached.map(({ table, rule }) => ({ table: table.name, rule: rule.id }))
    out.line(
      JSON.stringify(
        { suggestions: shown, all: suggestions.length, unreached: never, tooLarge },
        undefined,
        2,
      ),
    )
    return 0
  }
  if (options.ask === true) await ask(file, opened, resolved, shown, options.add === true, out)
  else for (const [at, one] of shown.entries()) printSuggestion(at + 1, one, out)
  for (const { table, rule } of unreached)
    out.paragraph(
      out.say(
        text(
          `规则“${table.name} ${rule.id}”没有一种情形用得上`,
          `no case reaches rule "${table.name} ${rule.id}"`,
        ),
      ),
    )
  out.paragraph(
    out.say(
      text(
        `列出 ${shown.length} 种,共 ${suggestions.length} 种情形还没有例子`,
        `${shown.length} listed of ${suggestions.length} cases without an example`,
      ),
    ),
  )
  return 0
}

// internal

const reasonText = (one: Suggestion["tries"][number]): Text =>
  one.is === "rule"
    ? text(`规则 ${one.table} ${one.rule}`, `rule ${one.table} ${one.rule}`)
    : text(`分界 ${one.table} ${one.fact}=${one.number}`, `bound ${one.table} ${one.fact}=${one.number}`)

const printSuggestion = (number: number, { tries, given, asks, date }: Suggestion, out: Output) => {
  const facts = given.map(({ fact, value }) => `${fact}=${value}`).join("、")
  const reasons = tries.map((one) => out.say(reasonText(one))).join(";")
  out.paragraph(`${number}. ${reasons}`, "   ")
  out.paragraph(
    `   ${facts === "" ? out.say(text("照典型情况,什么都不用改", "the typical case, nothing changed")) : facts}${date === undefined ? "" : `(${date})`}`,
    "   ",
  )
  out.paragraph(`   → ${asks.join("、")}?`, "     ")
}

const ask = async (
  file: string,
  opened: OpenedPolicy,
  resolved: ResolvedPolicy,
  suggestions: readonly Suggestion[],
  add: boolean,
  out: Output,
) => {
  out.paragraph(
    out.say(
      text(
        "每种情形写上应得的结论再回车;几个结论写成 名=值 名=值;空行跳过,写 q 结束",
        "type what should come out; several as name=value name=value; an empty line skips, q ends",
      ),
    ),
  )
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
  let source = policyText(file)
  let { model, places } = opened
  for (const [at, one] of suggestions.entries()) {
    printSuggestion(at + 1, one, out)
    const typed = await lines.next()
    const line = typed.done === true ? "q" : typed.value.trim()
    if (line === "q") break
    if (line === "") continue
    const expected = expectations(line, one)
    for (const { name, value } of expected) {
      const got = outcomeOf(resolved, one.given, name, one.date)
      const same = value === got.zh || value.toLowerCase() === got.en.toLowerCase()
      out.paragraph(
        `   ${out.say(
          same
            ? text(`一致:${name} ${got.zh}`, `the same: ${name} ${got.en}`)
            : text(
                `不一致:你写 ${value},规则得出 ${got.zh}`,
                `different: you say ${value}, the rules ${got.en}`,
              ),
        )}`,
        "   ",
      )
    }
    if (!add) continue
    const reason = one.tries[0]
    const id = `${nextExampleId(model)} ${reason ? reasonText(reason).zh : ""}`
    source = addExample(source, model, places, {
      id,
      given: one.given,
      expect: expected,
      ...(one.date !== undefined && { date: one.date }),
    })
    writeFileSync(file, source)
    ;({ model, places } = openPolicy(source, file))
  }
}

/** `50` for the first conclusion, or `现金=50 档次=四档`. */
const expectations = (line: string, { asks }: Suggestion): { name: string; value: string }[] => {
  const pairs = line.split(/\s+/u).flatMap((part) => {
    const at = part.indexOf("=")
    return at > 0 ? [{ name: part.slice(0, at), value: part.slice(at + 1) }] : []
  })
  return pairs.length > 0 ? pairs : [{ name: asks[0] ?? "", value: line }]
}
