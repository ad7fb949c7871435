/**
 * `yingshao policy prop`: does a sentence hold in every case? Without sentences, all of the document.
 */
import { writeFileSync } from "node:fs"
import { type OpenedPolicy, openPolicy } from "@yingshao/policy"
import { addExample, nextExampleId } from "@yingshao/policy/cases/add-example"
import { createReport, type Finding } from "@yingshao/policy/finding"
import { judgeProperties } from "@yingshao/policy/properties/judge"
import { reportVerdicts } from "@yingshao/policy/properties/report-verdicts"
import { patterns } from "@yingshao/policy/properties/sentence"
import type { JudgedProperty } from "@yingshao/policy/properties/verdict"
import { judgesFor } from "../policy/judges.ts"
import { printFindings } from "../policy/print-findings.ts"
import { printCounterexample, verdictWords } from "../policy/verdict-words.ts"
import { policyText } from "../store/policy-file.ts"
import { CliFailure } from "../terminal/failure.ts"
import { text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"
import { table } from "../terminal/table.ts"

export interface PropOptions {
  /** Ids of the document's sentences, or sentences of one's own; all of the document when empty. */
  readonly sentences: readonly string[]
  /** Keep the counterexamples as examples of the document. */
  readonly add?: boolean
  /** What an added example expects, where the sentence does not settle it. */
  readonly expect?: string
  readonly seed?: number
}

/** @returns 0 when all hold, 1 when one does not or was not understood. */
export const policyProp = async (file: string, options: PropOptions, out: Output): Promise<number> => {
  const source = policyText(file)
  const opened = openPolicy(source, file)
  if (!opened.policy) return unsound(opened.findings, file, out)
  const properties = asked(opened, options.sentences)
  const texts = properties.map((property) => property.text)
  const judged = judgeProperties(opened.model, {
    file,
    places: opened.places,
    properties,
    others: await judgesFor(opened.policy, texts, options.seed ?? 1),
    ...(options.seed !== undefined && { seed: options.seed }),
  })
  const report = createReport(file, opened.places)
  reportVerdicts(judged, report)
  const held = report.findings.every(({ severity }) => severity === "note")
  if (out.json) {
    const properties = judged.map(({ property, verdict }) => ({ ...property, verdict }))
    out.line(JSON.stringify({ ok: held, properties, findings: report.findings }, undefined, 2))
  } else print(judged, report.findings, file, out)
  if (options.add === true) keepExamples(file, source, opened, judged, options.expect, out)
  return held ? 0 : 1
}

// internal

const unsound = (findings: readonly Finding[], file: string, out: Output): number => {
  const errors = findings.filter(({ severity }) => severity === "error")
  if (out.json) out.line(JSON.stringify({ ok: false, properties: [], findings: errors }, undefined, 2))
  else {
    printFindings(errors, file, true, out)
    out.paragraph(
      out.say(text("规则要先改好,才能判断这些话", "the rules must be sound before sentences can be judged")),
    )
  }
  return 1
}

const asked = ({ model }: OpenedPolicy, sentences: readonly string[]) =>
  sentences.length === 0
    ? model.properties
    : sentences.map(
        (words, at) => model.properties.find(({ id }) => id === words) ?? { id: `#${at + 1}`, text: words },
      )

const print = (
  judged: readonly JudgedProperty[],
  findings: readonly Finding[],
  file: string,
  out: Output,
) => {
  const rows = judged.map(({ property, verdict }) => [
    property.id,
    out.say(verdictWords(verdict)),
    property.text,
  ])
  const heads = [text("编号", "id"), text("结果", "verdict"), text("性质", "property")]
  out.lines(
    table(
      heads.map((head, at) => ({ head: out.say(head), wraps: at === 2 })),
      rows,
      out.width,
    ),
  )
  for (const { property, verdict } of judged)
    if (verdict.is === "fails") {
      out.line()
      printCounterexample(property.id, verdict.counterexample, out)
    }
  const others = findings.filter(({ code }) => code !== "R401")
  if (others.length > 0) out.line()
  printFindings(others, file, true, out)
  if (findings.some(({ code }) => code === "R403")) {
    out.heading(text("可以用的句式", "Sentences that are understood"))
    for (const pattern of patterns) out.line(`  ${out.say(pattern)}`)
  }
}

const keepExamples = (
  file: string,
  source: string,
  opened: OpenedPolicy,
  judged: readonly JudgedProperty[],
  expected: string | undefined,
  out: Output,
) => {
  const broken = judged.flatMap(({ property, verdict }) =>
    verdict.is === "fails" ? [{ property, found: verdict.counterexample }] : [],
  )
  if (broken.length === 0) return
  if (broken.length > 1)
    throw new CliFailure(2, "一次只记一个反例:请写出编号", "one counterexample at a time: name the sentence")
  for (const { property, found } of broken) {
    const [conclusion] = found.conclusions
    const value = expected ?? conclusion?.value
    if (!conclusion || value === undefined)
      throw new CliFailure(
        2,
        `这句话没有说 ${conclusion?.name ?? ""} 应当是多少:请加 --expect 值`,
        `the sentence does not say what ${conclusion?.name ?? ""} should be: add --expect VALUE`,
      )
    const id = nextExampleId(opened.model)
    const varied = found.varied ? [{ fact: found.varied.fact, value: found.varied.to }] : []
    const example = {
      id: `${id} ${property.id}的反例`,
      given: [...found.changes, ...varied],
      expect: [{ name: conclusion.name, value }],
    }
    writeFileSync(file, addExample(source, opened.model, opened.places, example))
    if (!out.json)
      out.paragraph(
        out.say(text(`已记入 ${file}:${id},应为 ${value}`, `kept in ${file} as ${id}, expecting ${value}`)),
      )
  }
}
