/**
 * `yingshao policy report`: a policy as one HTML page, to be shown on a phone or printed.
 */
import { writeFileSync } from "node:fs"
import { judgeMutants } from "@yingshao/policy/mutants/judge-mutants"
import { policyPage } from "@yingshao/policy/report/policy-page"
import { reviewPolicy } from "@yingshao/policy/review"
import { judgesFor } from "../policy/judges.ts"
import { policyText } from "../store/policy-file.ts"
import { CliFailure } from "../terminal/failure.ts"
import { text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"

export interface ReportOptions {
  /** The HTML file. */
  readonly out: string
  /** Leave out the changes, which take longest. */
  readonly quick?: boolean
}

/** @returns 0, or 1 when the document does not load; the page is written all the same. */
export const policyReport = async (file: string, options: ReportOptions, out: Output): Promise<number> => {
  const source = policyText(file)
  const first = reviewPolicy(source, file)
  const others = first.policy
    ? await judgesFor(
        first.policy,
        first.model.properties.map((property) => property.text),
        1,
      )
    : []
  const review = others.length === 0 ? first : reviewPolicy(source, file, { others })
  const tried = review.policy !== undefined && review.loads && options.quick !== true
  const mutants = tried
    ? judgeMutants(review.model, (done, all) => out.progress(`${done} / ${all}`))
    : undefined
  out.progress("")
  const page = policyPage({
    source,
    review,
    language: out.language,
    ...(mutants === undefined ? {} : { mutants }),
  })
  try {
    writeFileSync(options.out, page)
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : ""
    throw new CliFailure(2, `写不了 ${options.out}(${code})`, `${options.out} cannot be written (${code})`)
  }
  out.paragraph(
    out.say(
      text(
        `已写 ${options.out}:用浏览器打开,或打印`,
        `wrote ${options.out}: open it in a browser, or print it`,
      ),
    ),
  )
  return review.loads ? 0 : 1
}
