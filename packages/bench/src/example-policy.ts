/**
 * The example policy as the benchmark uses it: as it is, or with a table of its own in place of one that
 * reads nothing (积分有效期, how long points last).
 */
import { readFileSync } from "node:fs"
import { type CompiledPolicy, readPolicy } from "@yingshao/policy/policy"

/** Both dates of every question that is asked. */
export const dates = { accepted: "2026-03-02", step: "2026-03-02" } as const

/** Compiled once a process. @throws Error when the document does not load. */
export const examplePolicy = (): CompiledPolicy => {
  example ??= compiled(exampleText())
  return example
}

/** The example with these rows in the table 积分有效期; its heading and columns included. */
export const policyWithTable = (table: string): CompiledPolicy => {
  const text = exampleText()
    // Its examples ask for what the table said before.
    .replace("| → 个人每日现金封顶 | → 积分有效期 |\n|---|", "| → 个人每日现金封顶 |\n|")
    .replace(/(\| 例1[678] [^\n]*) \| 730 \|/g, "$1 |")
    .replace(/### 决策表 积分有效期[^#]*/, `${table}\n\n`)
  return compiled(text)
}

/** The text of the example. */
export const exampleText = (): string =>
  readFileSync(new URL("../../../examples/policies/huishui.policy.md", import.meta.url), "utf8")

// internal

let example: CompiledPolicy | undefined

const compiled = (text: string): CompiledPolicy => {
  const read = readPolicy(text)
  if (read.ok) return read.policy
  const [first] = read.findings.filter(({ severity }) => severity === "error")
  throw new Error(`the policy does not load: line ${first?.line} ${first?.code} ${first?.en}`)
}
