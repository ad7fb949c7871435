/** What the guide for policy staff does not show of its tools: exit codes, refusals, and what is printed reads back. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { openSound } from "../src/policy/open-sound.ts"
import { examplePolicy } from "../src/store/policy-file.ts"
import { yingshao, yingshaoAlone } from "./run-cli.ts"

const folder = mkdtempSync(join(tmpdir(), "yingshao-policy-tools-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const example = readFileSync(examplePolicy, "utf8")
const edited = (from: string, to: string): string => {
  expect(example).toContain(from)
  const file = join(folder, "next.policy.md")
  writeFileSync(file, example.replace(from, to))
  return file
}

describe("yingshao policy", () => {
  it("C1 prints a policy that reads back to the same digest, as Markdown and as canonical JSON", async () => {
    const { digest } = openSound(examplePolicy)
    const [markdown, json] = [join(folder, "printed.policy.md"), join(folder, "canonical.json")]
    writeFileSync(markdown, (await yingshaoAlone(["policy", "print", examplePolicy])).stdout)
    writeFileSync(json, (await yingshao(["policy", "print", examplePolicy, "--canonical"])).stdout.trimEnd())
    expect(openSound(markdown).digest).toBe(digest)
    expect(openSound(json).digest).toBe(digest)
  })

  it("decides a case with the rule and the version, and says what is still missing", async () => {
    const facts = ["--fact", "事件类别=火情", "--fact", "danger=yes"]
    const { code, stdout } = await yingshao(["policy", "decide", examplePolicy, "triage", "reward", ...facts])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^triage: triage=emergency {2}\[rules at acceptance, v1 from 2026-01-01\]$/m)
    expect(stdout).toMatch(/分级 级1/)
    expect(stdout).toMatch(/^reward: pending, still to be known: /m)
  })

  it("names the words that a fact has, when it was given another", async () => {
    const wrong = await yingshao(["policy", "decide", examplePolicy, "--fact", "事件类别=火"])
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toMatch(/has no value "火"; known: 火情/)
  })

  it("tells who in flight would lose by a change, and exits with 1 then", async () => {
    const next = edited("| 提醒天数 | 60 |", "| 提醒天数 | 45 |")
    const transition = await yingshao(["policy", "transition", examplePolicy, next])
    expect(transition.code).toBe(1)
    expect(transition.stdout).toMatch(/D501 reports accepted before would lose/)
  })

  it("tells for whom 从旧兼从优 makes the change better, and nobody loses by it", async () => {
    const row = "| 二档金额 | 150 | 元 | 2026-01-01 | 原文·四档 | 假设 |"
    const heading = "### 决策表 现金 · 命中 唯一"
    expect(example).toContain(heading)
    const next = edited(row, `${row}\n${row.replace("150", "180").replace("2026", "2027")}`)
    writeFileSync(next, readFileSync(next, "utf8").replace(heading, `${heading} · 适用 从旧兼从优`))
    const { code, stdout } = await yingshao(["policy", "transition", examplePolicy, next])
    expect(code).toBe(0)
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(
      'the better version: "cash" of reports accepted before follows the new rules in the 6 case(s)',
    )
    const decided = await yingshao([
      ...["policy", "decide", next, "cashAward", "--typical", "--fact", "信息价值=重大"],
      ...["--accepted", "2026-12-31", "--step", "2027-01-02"],
    ])
    expect(decided.stdout).toMatch(/cash=180 .*v2 from 2027-01-01/)
  })

  it("says in a sentence where a page cannot be written", async () => {
    const nowhere = join(folder, "no", "such", "folder.html")
    const failed = await yingshao(["policy", "report", examplePolicy, "--quick", "--out", nowhere])
    expect(failed).toMatchObject({ code: 2, stdout: "" })
    expect(failed.stderr).toMatch(/cannot be written \(ENOENT\)/)
  })
})
