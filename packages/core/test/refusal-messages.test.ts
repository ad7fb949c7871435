import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { refusalMessages, refusalText } from "@yingshao/core/refusal-messages"
import { describe, expect, test } from "vitest"
import { underMutation } from "./fixtures/runs.ts"

const source = fileURLToPath(new URL("../src/", import.meta.url))
const used = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .flatMap((file) =>
    [...readFileSync(source + file, "utf8").matchAll(/\brefuse\(\s*"([a-z][a-z0-9-]*)"/g)].map((match) => ({
      file,
      code: match[1] ?? "",
    })),
  )

// Under mutation the sources hold planted code instead of what these two look for.
describe.skipIf(underMutation)("refusals in the sources", () => {
  test("every code that a rule uses has a sentence in both languages", () => {
    expect(used.length).toBeGreaterThan(50)
    const silent = used.filter(({ code }) => refusalMessages[code] === undefined)
    expect(silent).toEqual([])
  })

  test("every sentence belongs to a code that is used", () => {
    const engines = new Set([
      "bad-command",
      "command-id-reused",
      "already-claimed",
      "calendar-ends",
      "programme-not-open",
      "bad-policy",
    ])
    const codes = new Set(used.map(({ code }) => code))
    expect(Object.keys(refusalMessages).filter((code) => !codes.has(code) && !engines.has(code))).toEqual([])
  })
})

describe("refusals", () => {
  test("every sentence is one, in its language", () => {
    for (const [code, { zh, en }] of Object.entries(refusalMessages)) {
      expect(zh, code).toMatch(/\p{Script=Han}/u)
      expect(en, code).toMatch(/[a-z]{2}/)
    }
  })

  test("placeholders are filled from the detail", () => {
    expect(
      refusalText({ code: "level-out-of-order", detail: { level: "county", next: "village" } }, "en"),
    ).toBe("levels follow one another: county is not next")
  })
})
