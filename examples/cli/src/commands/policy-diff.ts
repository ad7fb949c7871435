/**
 * `yingshao policy diff` and `policy transition`: what changes between two documents, for whom, case by case.
 *
 * `diff` compares everything under the old document with everything under the new one. `transition` takes a report
 * that was accepted under the old one and looks at the steps that are still to come: who would lose is D501.
 */
import {
  type CaseChange,
  type CaseChanges,
  type ConclusionChanges,
  caseChanges,
  inFlight,
  oldAndNew,
  type Tendency,
} from "@yingshao/policy/compare/case-changes"
import { type PartChange, partChanges } from "@yingshao/policy/compare/part-changes"
import { joinPolicies } from "@yingshao/policy/compare/two-versions"
import type { ResolvedPolicy } from "@yingshao/policy/resolved"
import { openSound } from "../policy/open-sound.ts"
import { CliFailure } from "../terminal/failure.ts"
import { type Text, text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"
import { table } from "../terminal/table.ts"

export interface DiffOptions {
  /** Look at the steps to come of what was accepted under the old document. */
  readonly transition?: boolean
  /** At most so many kinds of change for each conclusion. */
  readonly limit: number
}

/**
 * @returns `diff`: 0. `transition`: 1 when somebody in flight would lose. Both: 1 when cases were not searched to
 *   the end.
 */
export const policyDiff = async (
  before: string,
  after: string,
  options: DiffOptions,
  out: Output,
): Promise<number> => {
  const [old, now] = [openSound(before), openSound(after)]
  const joined = joinPolicies({ model: old.model }, { model: now.model })
  if (!joined.ok) {
    throw new CliFailure(
      1,
      joined.because.map(({ zh }) => zh).join(";"),
      joined.because.map(({ en }) => en).join("; "),
    )
  }
  const { policy } = joined
  const found =
    options.transition === true
      ? caseChanges(policy, inFlight(policy), { only: "step" })
      : caseChanges(policy, oldAndNew(policy))
  const edits = partChanges(old.model, now.model)
  const losing = losers(found)
  const gaining = options.transition === true ? gainers(policy) : []
  const bad = found.is === "too-large" || (options.transition === true && losing.length > 0)
  if (out.json) {
    const documents = [old, now].map(({ id, digest }) => ({ id, digest }))
    out.line(
      JSON.stringify(
        { documents, edits, ...found, ...(options.transition === true && { losing, gaining }) },
        undefined,
        2,
      ),
    )
    return bad ? 1 : 0
  }
  printEdits(edits, out)
  printConclusions(found, options.limit, out)
  if (options.transition === true) {
    printLosing(losing, out)
    printGaining(gaining, out)
  }
  if (found.is === "too-large") {
    const names = found.notExhausted.map((name) => out.say(name)).join(", ")
    out.paragraph(out.say(text(`R404 没有查完:${names}`, `R404 not exhausted: ${names}`)))
  }
  return bad ? 1 : 0
}

// internal

const losers = ({ conclusions }: CaseChanges): readonly ConclusionChanges[] =>
  conclusions.filter(({ tendency }) => tendency === "never-better" || tendency === "mixed")

/** Rights of reports accepted before for which the new rules say 从旧兼从优, and that are better in some case. */
const gainers = (policy: ResolvedPolicy): readonly ConclusionChanges[] => {
  const [before, step] = inFlight(policy)
  const { conclusions } = caseChanges(policy, [before, { ...step, better: true }], { only: "accepted" })
  return conclusions.filter(({ changes }) => changes.some(({ is }) => is === "better"))
}

const printGaining = (gaining: readonly ConclusionChanges[], out: Output): void => {
  for (const { name, changes } of gaining) {
    const cases = changes.reduce((sum, one) => sum + (one.is === "better" ? one.cases : 0), 0)
    out.paragraph(
      out.say(
        text(
          `从旧兼从优:已受理的信息,“${name.zh}”有 ${cases} 种情形按新规则更好,就按新的;其余仍按受理时的规则`,
          `the better version: "${name.en}" of reports accepted before follows the new rules in the ${cases} case(s) where they are better, and stays as it was otherwise`,
        ),
      ),
    )
  }
}

const printEdits = (edits: readonly PartChange[], out: Output): void => {
  if (edits.length === 0) {
    out.paragraph(out.say(text("两份文件的表格没有不同。", "The tables of the two documents are alike.")))
    return
  }
  out.heading(text("改了什么", "What was edited"))
  for (const { kind, what, from, to } of edits) {
    const words = {
      added: text("新增", "added"),
      removed: text("删去", "removed"),
      changed: text("改", "changed"),
    }
    const said = kind === "changed" ? `${from} ⇒ ${to}` : `${from}${to}`
    out.paragraph(`  ${out.say(words[kind])} ${out.say(what)}: ${said}`, "    ")
  }
}

const tendencies: Readonly<Record<Tendency, Text>> = {
  same: text("不变", "the same"),
  "never-worse": text("只会更好", "never worse"),
  "never-better": text("只会更差", "never better"),
  mixed: text("有好有差", "mixed"),
  different: text("变了,不分好差", "different, neither better nor worse"),
}

const printConclusions = ({ conclusions }: CaseChanges, limit: number, out: Output): void => {
  const changed = conclusions.filter(({ tendency }) => tendency !== "same")
  out.heading(text("结论怎样变(逐种情形,全部查过)", "How conclusions change (every case was gone through)"))
  if (changed.length === 0) {
    out.line(
      `  ${out.say(text("每种情形的每个结论都不变。", "Every conclusion is the same in every case."))}`,
    )
    return
  }
  out.lines(
    table(
      [
        { head: out.say(text("结论", "conclusion")), wraps: true },
        { head: out.say(text("对信息员", "for the informant")), wraps: true },
        { head: out.say(text("情形", "cases")), align: "right" },
      ],
      changed.map(({ name, tendency, changes }) => [
        out.say(name),
        out.say(tendencies[tendency]),
        `${changes.reduce((sum, { cases }) => sum + cases, 0)}`,
      ]),
      out.width,
    ),
  )
  for (const { name, changes } of changed) {
    out.line()
    out.line(out.say(name))
    for (const change of changes.slice(0, limit)) out.paragraph(`  ${told(change, out)}`, "    ")
    const left = changes.length - limit
    if (left > 0) out.line(`  ${out.say(text(`…… 另有 ${left} 种变法`, `… ${left} more kinds of change`))}`)
  }
}

const told = ({ from, to, is, cases, smallest }: CaseChange, out: Output): string => {
  const words = { better: text("更好", "better"), worse: text("更差", "worse"), neither: text("", "") }
  const facts = smallest.map((one) =>
    out.say(text(`${one.fact}=${one.value}`, `${one.factEn}=${one.valueEn}`)),
  )
  const case_ =
    facts.length === 0
      ? out.say(text("照典型情况", "in the typical case"))
      : out.say(text(`例如 ${facts.join("、")}`, `for instance ${facts.join(", ")}`))
  const mark = out.say(words[is])
  return `${out.say(from)} → ${out.say(to)}${mark === "" ? "" : ` (${mark})`}, ${cases} ${out.say(text("种", cases === 1 ? "case" : "cases"))}, ${case_}`
}

const printLosing = (losing: readonly ConclusionChanges[], out: Output): void => {
  out.line()
  if (losing.length === 0) {
    out.paragraph(
      out.say(
        text(
          "已受理的信息,后面的步骤没有人吃亏。受理时的权利按受理时的规则,不受影响。",
          "Nobody whose report was accepted before loses in the steps to come. What acceptance settled stays as it was.",
        ),
      ),
    )
    return
  }
  for (const { name, changes } of losing) {
    const worse = changes.filter(({ is }) => is === "worse")
    const cases = worse.reduce((sum, one) => sum + one.cases, 0)
    out.paragraph(
      out.say(
        text(
          `D501 已受理的信息在“${name.zh}”上会吃亏,${cases} 种情形:可推迟施行,或先把在办的办完`,
          `D501 reports accepted before would lose by "${name.en}" in ${cases} case(s): begin later, or finish first what is in hand`,
        ),
      ),
    )
  }
}
