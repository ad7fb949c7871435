/**
 * A policy as one self-contained HTML page: the document as it is written, every rule coloured by how well it is
 * tested, every promise with its verdict, assumptions listed. For a phone and for paper.
 *
 * The document's own words stay in their places; what was found out is put beside them by line. The page loads
 * nothing: no script, no font, no picture. What it does not do: it judges nothing; it shows what `review`,
 * `coverageOf` and `judgeMutants` found.
 */
import { toHtml } from "hast-util-to-html"
import { fromMarkdown } from "mdast-util-from-markdown"
import { gfmTableFromMarkdown } from "mdast-util-gfm-table"
import { toHast } from "mdast-util-to-hast"
import { gfmTable } from "micromark-extension-gfm-table"
import { type Coverage, coverageOf } from "../coverage/coverage.ts"
import type { Bilingual, Finding, Places } from "../finding.ts"
import type { JudgedMutant } from "../mutants/judge-mutants.ts"
import type { JudgedProperty, Verdict } from "../properties/verdict.ts"
import type { Review } from "../review.ts"

export interface PageInput {
  /** The Markdown text that was reviewed. */
  readonly source: string
  readonly review: Review
  /** Of `judgeMutants`; left out where the changes were not tried, and the page says so. */
  readonly mutants?: readonly JudgedMutant[]
  readonly language: "zh" | "en"
}

/** How well a rule is tested. */
export type RuleColour = "tried" | "weak" | "untried"

/**
 * The page.
 *
 * @returns HTML from `<!doctype html>` on. Text of the document is escaped; raw HTML in it is left out.
 */
export const policyPage = (input: PageInput): string => {
  const { source, review, language } = input
  const say = (zh: string, en: string): string => (language === "zh" ? zh : en)
  const coverage = review.policy === undefined ? undefined : coverageOf(review.model, review.policy.resolved)
  const colours = coverage === undefined ? new Map<number, RuleColour>() : coloursOf(coverage, input)
  const title = review.model.title || say("规则文件", "Policy")
  const body = [
    `<h1>${escaped(title)}</h1>`,
    summary(input, coverage, colours, say),
    legend(say),
    `<article>${documentHtml(source, input, colours, say)}</article>`,
  ].join("\n")
  return `<!doctype html>
<html lang="${language === "zh" ? "zh-CN" : "en"}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`
}

// internal

type Say = (zh: string, en: string) => string

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0) ?? 0};`)

const lineOf = (places: Places, part: object): number | undefined => places.get(part)?.line

/** Each rule by its line: untried by any example, tried but with a change that nobody would notice, or tried. */
const coloursOf = (coverage: Coverage, { review, mutants = [] }: PageInput): Map<number, RuleColour> => {
  const unnoticed = new Set(
    mutants.flatMap(({ mutant, notice }) =>
      notice.is === "nobody" ? (lineOf(review.places, mutant.at) ?? []) : [],
    ),
  )
  const colours = new Map<number, RuleColour>()
  for (const { rule, by } of coverage.rules) {
    const line = lineOf(review.places, rule)
    if (line === undefined) continue
    colours.set(line, by.length === 0 ? "untried" : unnoticed.has(line) ? "weak" : "tried")
  }
  return colours
}

const summary = (
  { review, mutants }: PageInput,
  coverage: Coverage | undefined,
  colours: ReadonlyMap<number, RuleColour>,
  say: Say,
): string => {
  const { policy, properties, findings, model, loads } = review
  const errors = findings.filter(({ severity }) => severity === "error")
  const count = (colour: RuleColour): number => [...colours.values()].filter((one) => one === colour).length
  const verdicts = (is: Verdict["is"]): number => properties.filter(({ verdict }) => verdict.is === is).length
  const assumed = model.parameters.filter(({ status }) => status === "assumed" || status === "open")
  const unnoticed = mutants?.filter(({ notice }) => notice.is === "nobody").length
  const rows: readonly (readonly [string, string])[] = [
    [
      say("能不能用", "does it load"),
      loads ? say("能用", "yes") : say(`不能用,${errors.length} 处要改`, `no, ${errors.length} to mend`),
    ],
    ...(policy === undefined
      ? []
      : ([
          [say("编号", "number"), policy.id],
          [say("施行", "applies from"), policy.effectiveFrom],
          [say("摘要", "digest"), policy.digest],
        ] as const)),
    [
      say("必须成立的话", "promises"),
      say(
        `${properties.length} 句:证明 ${verdicts("proved")},抽查 ${verdicts("sampled")},不成立 ${verdicts("fails")},其他 ${others(properties)}`,
        `${properties.length}: ${verdicts("proved")} proved, ${verdicts("sampled")} sampled, ${verdicts("fails")} broken, ${others(properties)} other`,
      ),
    ],
    [
      say("规则", "rules"),
      coverage === undefined
        ? say("没有判断", "not judged")
        : say(
            `${colours.size} 条:例子试过 ${count("tried") + count("weak")},没试过 ${count("untried")}`,
            `${colours.size}: ${count("tried") + count("weak")} tried by examples, ${count("untried")} not`,
          ),
    ],
    [
      say("没人会发现的改动", "changes nobody would notice"),
      unnoticed === undefined ? say("没有试", "not tried") : `${unnoticed} / ${mutants?.length ?? 0}`,
    ],
    [say("假设和待定的参数", "assumed or open parameters"), `${assumed.length} / ${model.parameters.length}`],
  ]
  const list = rows.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join("")
  return [
    `<dl class="summary">${list}</dl>`,
    findingList(errors, say),
    verdictList(properties, say),
    assumptionList(assumed, say),
  ].join("\n")
}

const others = (properties: readonly JudgedProperty[]): number =>
  properties.filter(({ verdict }) => !["proved", "sampled", "fails"].includes(verdict.is)).length

const section = (title: string, items: readonly string[]): string =>
  items.length === 0 ? "" : `<section><h2>${escaped(title)}</h2><ul>${items.join("")}</ul></section>`

const findingList = (errors: readonly Finding[], say: Say): string =>
  section(
    say("要改的地方", "To mend"),
    errors.map((one) => `<li>${one.line}:${one.column} ${one.code} ${escaped(say(one.zh, one.en))}</li>`),
  )

const verdictList = (properties: readonly JudgedProperty[], say: Say): string =>
  section(
    say("必须成立的话", "Promises"),
    properties.map(({ property, verdict }) => {
      const story =
        verdict.is === "fails"
          ? `<p>${escaped(say(verdict.counterexample.story.zh, verdict.counterexample.story.en))}</p>`
          : ""
      const words = verdictWords(verdict)
      return `<li class="verdict ${verdict.is}"><b>${escaped(property.id)}</b> ${escaped(property.text)} <span>${escaped(say(words.zh, words.en))}</span>${story}</li>`
    }),
  )

const assumptionList = (
  parameters: readonly {
    readonly name: string
    readonly value: number
    readonly unit: string
    readonly status: string
  }[],
  say: Say,
): string =>
  section(
    say("还没有确认的参数", "Parameters that nobody has confirmed"),
    parameters.map(
      ({ name, value, unit, status }) =>
        `<li>${escaped(name)} ${value} ${escaped(unit)} · ${status === "open" ? say("待定", "open") : say("假设", "assumed")}</li>`,
    ),
  )

/** The verdict in a few words; *proved* is said of what was exhausted and of nothing else. */
const verdictWords = (verdict: Verdict): Bilingual => {
  switch (verdict.is) {
    case "proved":
      return { zh: `证明,查遍 ${verdict.cases} 种情形`, en: `proved over ${verdict.cases} cases` }
    case "sampled":
      return {
        zh: `抽查 ${verdict.tries} 次没有发现反例(种子 ${verdict.seed})`,
        en: `sampled ${verdict.tries} times, none found (seed ${verdict.seed})`,
      }
    case "fails":
      return { zh: "不成立", en: "does not hold" }
    case "premise-never-true":
      return { zh: "条件从不出现", en: "its condition never comes true" }
    case "not-understood":
      return { zh: "看不懂这句话", en: "not understood" }
    case "unreadable":
      return { zh: "有不认识的词", en: "has a word that means nothing here" }
    case "not-judged":
      return verdict.because
  }
}

const legend = (say: Say): string =>
  `<p class="legend"><span class="tried">${escaped(say("例子试过", "tried by an example"))}</span> <span class="weak">${escaped(
    say("试过,但有改动没人会发现", "tried, but some change would go unnoticed"),
  )}</span> <span class="untried">${escaped(say("没有例子试过", "tried by no example"))}</span></p>`

interface MarkdownNode {
  readonly type: string
  readonly children?: readonly MarkdownNode[]
  readonly position?: { readonly start: { readonly line: number } } | undefined
  data?: unknown
}

/** The document with a class on each row of rules, so that every style sheet rule is the page's own. */
const documentHtml = (
  source: string,
  { review }: PageInput,
  colours: ReadonlyMap<number, RuleColour>,
  say: Say,
): string => {
  const tree = fromMarkdown(source, {
    extensions: [gfmTable()],
    mdastExtensions: [gfmTableFromMarkdown()],
  })
  const assumed = new Set(
    review.model.parameters.flatMap((parameter) =>
      parameter.status === "assumed" || parameter.status === "open"
        ? (lineOf(review.places, parameter) ?? [])
        : [],
    ),
  )
  const words: Readonly<Record<RuleColour, string>> = {
    tried: say("例子试过", "tried by an example"),
    weak: say("试过,但有改动没人会发现", "tried, but some change would go unnoticed"),
    untried: say("没有例子试过", "tried by no example"),
  }
  const mark = (node: MarkdownNode): void => {
    const line = node.position?.start.line ?? 0
    if (node.type === "tableRow") {
      const colour = colours.get(line)
      const names = [...(colour === undefined ? [] : [colour]), ...(assumed.has(line) ? ["assumed"] : [])]
      if (names.length > 0) {
        node.data = {
          hProperties: { className: names, ...(colour === undefined ? {} : { title: words[colour] }) },
        }
      }
    }
    for (const child of node.children ?? []) mark(child)
  }
  mark(tree)
  return toHtml(toHast(tree))
    .replaceAll("<table>", '<div class="wide" tabindex="0"><table>')
    .replaceAll("</table>", "</table></div>")
}

const style = `
:root{color-scheme:light}
*{box-sizing:border-box}
body{margin:0;background:#fff;color:#1b1b1b;font:16px/1.6 "Noto Sans CJK SC","PingFang SC","Microsoft YaHei",system-ui,sans-serif}
main{max-width:72rem;margin:0 auto;padding:1rem}
h1{font-size:1.4rem;line-height:1.35}h2{font-size:1.2rem;margin-top:2rem}h3{font-size:1.05rem}
dl.summary{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.25rem .75rem;margin:1rem 0;padding:.75rem;background:#f4f5f7;border-radius:.4rem}
dt{color:#474747}dd{margin:0;overflow-wrap:anywhere}
ul{padding-left:1.1rem}li{margin:.35rem 0}
.wide{overflow-x:auto;margin:.75rem 0}
table{border-collapse:collapse;font-size:.9rem;min-width:100%}
th,td{border:1px solid #c9ccd1;padding:.3rem .5rem;text-align:left;vertical-align:top}
th{background:#f4f5f7;white-space:nowrap}
tr.tried td,span.tried{background:#e2f3e5}
tr.weak td,span.weak{background:#fdf1cf}
tr.untried td,span.untried{background:#fbe0dc}
tr.tried td:first-child{border-left:.35rem solid #1d7a36}
tr.weak td:first-child{border-left:.35rem double #9a6a00}
tr.untried td:first-child{border-left:.35rem dotted #b3261e}
tr.assumed td:last-child{font-weight:700}
.legend span{display:inline-block;padding:.1rem .5rem;margin:.15rem .25rem .15rem 0;border-radius:.25rem}
.verdict span{display:inline-block;padding:0 .4rem;border-radius:.25rem;background:#eceef1}
.verdict.proved span{background:#e2f3e5}.verdict.fails span{background:#fbe0dc;font-weight:700}
.verdict p{margin:.25rem 0 0}
@media print{body{font-size:11px}main{max-width:none;padding:0}.wide{overflow:visible}tr{break-inside:avoid}h2,h3{break-after:avoid}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`.replace(/\n/g, "")
