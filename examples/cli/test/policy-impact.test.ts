/** `yingshao policy impact` as it is typed: both kinds of history, rows refused by line, files written. */
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { historyRows } from "../src/policy/history-file.ts"
import { examplePolicy } from "../src/store/policy-file.ts"
import { ownFolder, yingshao } from "./run-cli.ts"

const place = ownFolder()
const history = fileURLToPath(new URL("../../policies/history.csv", import.meta.url))

const rowsOf = async (name: string, content: string) => {
  writeFileSync(place(name), content)
  const rows = []
  for await (const row of historyRows(place(name)))
    rows.push("why" in row ? [row.line, row.why.en] : [row.line])
  return rows
}

describe("a history file", () => {
  it("keeps the line of every row, and tells those that cannot be read", async () => {
    expect(await rowsOf("a.csv", '\ufeff日期,首报\n2026-01-01,是\n\n2026-01-02\n"2026-01-03",否\n')).toEqual([
      [2],
      [4, "it has 1 fields where the head has 2"],
      [5],
    ])
    expect(await rowsOf("a.ndjson", '{"日期":"2026-01-01","nth":2}\n\n[1]\n{"a":{}}\nbroken\n')).toEqual([
      [1],
      [3, "it is no JSON object"],
      [4, "a value is neither a text nor a number"],
      [5, "it is no JSON object"],
    ])
    await expect(rowsOf("b.csv", "日期,日期\n")).rejects.toMatchObject({ exitCode: 2 })
    await expect(rowsOf("c.csv", 'a\n"open')).rejects.toMatchObject({ exitCode: 2 })
  })
})

describe("yingshao policy impact", () => {
  it("counts refused rows by line, says what it did not use, and gives out no handle", async () => {
    const rows = readFileSync(history, "utf8").trimEnd().split("\n")
    const [head = "", first = ""] = rows
    const broken = [...rows, first.replace("2026", "once"), `${first},extra`]
    writeFileSync(
      place("broken.csv"),
      broken.map((row, at) => `${row},${at === 0 ? "备注" : "王五"}`).join("\n"),
    )
    const ran = await yingshao([
      ...["policy", "impact", examplePolicy, examplePolicy, "--history", place("broken.csv")],
      ...["--person", "人员", "--csv", place("out.csv"), "--json"],
    ])
    expect(ran.stderr).toBe("")
    expect(ran.code).toBe(1)
    const found = JSON.parse(ran.stdout) as Record<string, unknown>
    expect(found).toMatchObject({
      received: rows.length + 1,
      refused: [{ line: rows.length + 1 }, { line: rows.length + 2 }],
      columnsNotUsed: ["备注"],
    })
    const handle = first.split(",")[head.split(",").indexOf("人员")] ?? ""
    expect(handle).toMatch(/^[甲乙丙丁]\d\d$/)
    for (const written of [ran.stdout, readFileSync(place("out.csv"), "utf8")]) {
      expect(written).not.toContain(handle)
      expect(written).not.toContain("王五")
    }
  })

  it("says which column is missing", async () => {
    const ran = await yingshao([
      ...["policy", "impact", examplePolicy, examplePolicy, "--history", history],
      ...["--date", "when"],
    ])
    expect(ran.code).toBe(2)
    expect(ran.stderr).toMatch(/has no column when/)
  })
})
