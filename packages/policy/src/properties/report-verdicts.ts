/**
 * Findings about promises: R401 broken, R402 says nothing, R403 not understood, R404 not exhausted.
 */
import type { Report } from "../finding.ts"
import type { JudgedProperty } from "./verdict.ts"

/** Reports what stands against the promises; a proved one has nothing to report. */
export const reportVerdicts = (judged: readonly JudgedProperty[], report: Report): void => {
  for (const one of judged) reportVerdict(one, report)
}

// internal

const reportVerdict = ({ property, verdict }: JudgedProperty, report: Report) => {
  const words = `“${property.id} ${property.text}”`
  const quoted = `"${property.id} ${property.text}"`
  switch (verdict.is) {
    case "proved":
      return
    case "fails": {
      const { story, smallest, seed } = verdict.counterexample
      const tried = smallest
        ? { zh: "", en: "" }
        : {
            zh: `(抽查发现${seed === undefined ? "" : `,种子 ${seed}`},不一定是最小的)`,
            en: ` (found by trying${seed === undefined ? "" : `, seed ${seed}`}; perhaps not the smallest)`,
          }
      report.add(
        "R401",
        property,
        {
          zh: `${words}不成立:${story.zh}${tried.zh}`,
          en: `${quoted} does not hold: ${story.en}${tried.en}`,
        },
        {
          zh: "改上面的格子,或改这句话;也可以把这种情况记成例子",
          en: "mend the cells named or the sentence; the case can be kept as an example",
        },
      )
      return
    }
    case "premise-never-true":
      report.add(
        "R402",
        property,
        {
          zh: `${words}的条件永远不会出现,等于什么也没说`,
          en: `the condition of ${quoted} never comes true, so it says nothing`,
        },
        { zh: "改条件,或删去这句话", en: "change the condition or remove the sentence" },
      )
      return
    case "not-understood":
      report.add(
        "R403",
        property,
        { zh: `看不懂${words}`, en: `cannot read ${quoted}` },
        {
          zh: `最接近的句式:${verdict.nearest.zh}`,
          en: `the closest pattern: ${verdict.nearest.en}`,
        },
      )
      return
    case "unreadable":
      for (const { code, zh, en, suggestion, severity } of verdict.findings)
        report.add(code, property, { zh: `${words}:${zh}`, en: `${quoted}: ${en}` }, suggestion, severity)
      return
    case "sampled":
      report.add(
        "R404",
        property,
        {
          zh: `${words}没有查遍:试了 ${verdict.tries} 次(种子 ${verdict.seed}),没有发现反例,不是证明。${verdict.how.zh}`,
          en: `${quoted} is not exhausted: ${verdict.tries} sampled (seed ${verdict.seed}), no counterexample, no proof. ${verdict.how.en}`,
        },
        undefined,
        verdict.expected ? "note" : "warning",
      )
      return
    case "not-judged":
      report.add(
        "R404",
        property,
        {
          zh: `${words}没有判断:${verdict.because.zh}`,
          en: `${quoted} was not judged: ${verdict.because.en}`,
        },
        undefined,
        "warning",
      )
  }
}
