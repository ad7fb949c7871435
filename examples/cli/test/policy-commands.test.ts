/** `policy check | prop | test | suggest-examples`: what they say; one of them through the command line. */

import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { policyCheck } from "../src/commands/policy-check.ts"
import { policyProp } from "../src/commands/policy-prop.ts"
import { policySuggest } from "../src/commands/policy-suggest.ts"
import { policyTest } from "../src/commands/policy-test.ts"
import type { Language } from "../src/terminal/language.ts"
import type { Output } from "../src/terminal/output.ts"
import { widthOf, wrap } from "../src/terminal/width.ts"
import { ownFolder, yingshao, yingshaoAlone } from "./run-cli.ts"

const policy = fileURLToPath(new URL("../../policies/huishui.policy.md", import.meta.url))
const inFolder = ownFolder()

/** A copy of the example with one piece replaced. */
const edited = (name: string, from: string, to: string): string => {
  const source = readFileSync(policy, "utf8")
  if (!source.includes(from)) throw new Error(`the example holds no "${from}"`)
  const file = inFolder(name)
  writeFileSync(file, source.replace(from, to))
  return file
}

interface Said {
  readonly code: number
  readonly stdout: string
}

/** Runs a command in this process, 80 columns wide. */
const said = async (
  run: (out: Output) => Promise<number>,
  language: Language = "zh",
  json = false,
): Promise<Said> => {
  const lines: string[] = []
  const out: Output = {
    language,
    width: 80,
    json,
    live: false,
    say: (text) => text[language],
    line: (text = "") => void lines.push(text),
    lines: (more) => void lines.push(...more),
    paragraph: (text, indent = "") =>
      void lines.push(
        ...wrap(text, 80 - indent.length).map((line, at) => `${at === 0 ? "" : indent}${line}`),
      ),
    heading: (text) => void lines.push("", text[language]),
    progress: () => {},
  }
  return { code: await run(out), stdout: lines.join("\n") }
}

const narrow = ({ stdout }: Said) => {
  for (const line of stdout.split("\n")) expect([line, widthOf(line) <= 80]).toEqual([line, true])
}

describe("policy check", () => {
  test("C2 a broken promise is found with place, both languages and the cells to look at: 1", async () => {
    const file = edited(
      "amount.policy.md",
      "| 金1 | 现金 | 一档 | {一档金额} |",
      "| 金1 | 现金 | 一档 | 400 |",
    )
    const ran = await said((out) => policyCheck(file, {}, out), "zh", true)
    expect(ran.code).toBe(1)
    const { ok, findings } = JSON.parse(ran.stdout)
    const broken = findings.find(({ code }: { code: string }) => code === "R401")
    expect(ok).toBe(false)
    expect(broken).toMatchObject({ severity: "error", file })
    expect(broken.zh).toContain("现金 金1“现金”=400")
    expect(broken.en).toContain("information value=critical")
  })

  test("--strict fails while assumptions remain, and says how many", async () => {
    const ran = await said((out) => policyCheck(policy, { strict: true }, out))
    expect(ran.code).toBe(1)
    expect(ran.stdout.replaceAll("\n", "")).toMatch(/假设 \d+ 处没有确认/)
    narrow(ran)
  })
})

describe("policy prop", () => {
  test("through the command line: one promise by its number, as JSON", async () => {
    const ran = await yingshao(["policy", "prop", policy, "性4", "--json"])
    expect(ran.code).toBe(0)
    expect(JSON.parse(ran.stdout)).toMatchObject({
      ok: true,
      properties: [{ id: "性4", verdict: { is: "proved" } }],
    })
  })

  test("all promises of the example are proved over a number of cases: 0", async () => {
    const ran = await said((out) => policyProp(policy, { sentences: [] }, out))
    expect(ran.code).toBe(0)
    expect(ran.stdout.match(/✓ 证明/g)).toHaveLength(25)
    narrow(ran)
  })

  test("a sentence of one's own, in English: the smallest counterexample", async () => {
    const ran = await said(
      (out) => policyProp(policy, { sentences: ["reporter never affects cash"] }, out),
      "en",
    )
    expect(ran.code).toBe(1)
    expect(ran.stdout).toContain("the typical case, nothing changed")
    expect(ran.stdout).toContain("上报人 在册信息员→暂停人员")
    narrow(ran)
  })

  test("R403 what is not understood gets the closest pattern and the list of all", async () => {
    const ran = await said((out) => policyProp(policy, { sentences: ["现金 越多 越好"] }, out))
    expect(ran.code).toBe(1)
    expect(ran.stdout).toContain("最接近的句式:F 越高,X 不减少")
    expect(ran.stdout).toContain("每件信息 都有 X")
  })

  test("--add keeps the counterexample as an example, which then fails until the rule is mended", async () => {
    const file = edited("add.policy.md", "| 金1 | 现金 | 一档 | {一档金额} |", "| 金1 | 现金 | 一档 | 400 |")
    const add = (options: { expect?: string }) =>
      said((out) => policyProp(file, { sentences: ["性3"], add: true, ...options }, out))
    await expect(add({})).rejects.toThrow("--expect")
    await add({ expect: "200" })
    expect(readFileSync(file, "utf8")).toContain("| 例21 性3的反例 | 特别重大 | 200 |")
    const ran = await said((out) => policyCheck(file, {}, out))
    expect(ran.stdout).toContain("T301")
  })
})

describe("policy test and suggest-examples", () => {
  test("--quick says what the examples try, and leaves the changes out", async () => {
    const ran = await said((out) => policyTest(policy, { quick: true }, out))
    expect(ran.code).toBe(0)
    expect(ran.stdout).toMatch(/例子 20 个全部成立;试过规则 \d+\/137 条/)
    narrow(ran)
  })

  test("an example that fails: 1, with T301", async () => {
    const file = edited("fails.policy.md", "应急治理 | 现金 | 200 |", "应急治理 | 现金 | 150 |")
    const ran = await said((out) => policyTest(file, { quick: true }, out))
    expect([ran.code, ran.stdout]).toEqual([1, expect.stringContaining("T301")])
  })

  test("a suggestion hides what the rules come to until an expectation is typed", async () => {
    const shown = await said((out) => policySuggest(policy, { limit: 2 }, out))
    expect(shown.stdout).toContain("正在发生=否")
    expect(shown.stdout).not.toContain("应急治理")
    narrow(shown)
    const file = edited("suggest.policy.md", "例1 ", "例1 ")
    const args = ["policy", "suggest-examples", file, "--ask", "--add", "--lang", "zh"]
    const { stdout: told } = await yingshaoAlone(args, "应急治理\n应急治理\nq\n")
    expect(told).toContain("一致:分级 应急治理")
    expect(told).toContain("不一致:你写 应急治理,规则得出 普通治理")
    expect(readFileSync(file, "utf8")).toContain("| 例22 规则 分级 级3 | 否 | 否 | 应急治理 |")
  })
})
