/**
 * A verdict in one line, and a counterexample as a short list for people.
 */
import type { Counterexample, Verdict } from "@yingshao/policy/properties/verdict"
import { type Text, text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"

/** What became of a promise; only what was exhausted has the tick. */
export const verdictWords = (verdict: Verdict): Text => {
  switch (verdict.is) {
    case "proved":
      return text(`✓ 证明,${verdict.cases} 种`, `✓ proved, ${verdict.cases}`)
    case "sampled":
      return text(`~ 抽查 ${verdict.tries} 次`, `~ sampled ${verdict.tries}`)
    case "fails":
      return text("✗ 不成立", "✗ fails")
    case "premise-never-true":
      return text("! 条件不出现", "! never applies")
    case "not-understood":
      return text("? 看不懂", "? not understood")
    case "unreadable":
      return text("? 词不认识", "? unknown word")
    case "not-judged":
      return text("- 没有判断", "- not judged")
  }
}

/** The case, what was expected and got, the rules and the cells to look at, each on its own line. */
export const printCounterexample = (id: string, found: Counterexample, out: Output): void => {
  const { changes, varied, expected, got, chain, cells, smallest, seed } = found
  const changed = changes.map(({ fact, value }) => `${fact}=${value}`).join("、")
  const line = (head: Text, words: string) => out.paragraph(`  ${out.say(head)} ${words}`, "    ")
  out.paragraph(
    `${id} ${out.say(
      smallest
        ? text("最小的反例", "the smallest counterexample")
        : text(`抽查发现的反例(种子 ${seed ?? 1})`, `a counterexample found by trying (seed ${seed ?? 1})`),
    )}`,
  )
  if (chain.length === 0) {
    out.paragraph(`  ${out.say(found.story)}`, "  ")
    return
  }
  line(
    text("情形:", "case:"),
    changed === ""
      ? out.say(text("照典型情况,什么都不用改", "the typical case, nothing changed"))
      : out.say(text(`照典型情况,只改 ${changed}`, `the typical case but for ${changed}`)),
  )
  if (varied) line(text("比较:", "compared:"), `${varied.fact} ${varied.from}→${varied.to}`)
  line(text("应为:", "expected:"), out.say(expected))
  line(text("实为:", "got:"), out.say(got))
  for (const { table, rule, clause } of chain) line(text("规则:", "rule:"), `${table} ${rule}(${clause})`)
  for (const { text: words, place } of cells)
    line(text("请看:", "look at:"), place ? `${place.line}:${place.column} ${words}` : words)
}
