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
  for await (const batch of historyRows(place(name)))
    for (const row of batch.rows) rows.push("why" in row ? [row.line, row.why.en] : [row.line])
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
    const { value } = await historyRows(place("a.csv")).next()
    expect(value?.columns).toEqual(["日期", "首报"])
    await expect(rowsOf("b.csv", "日期,日期\n")).rejects.toMatchObject({ exitCode: 2 })
    await expect(rowsOf("c.csv", 'a\n"open')).rejects.toMatchObject({ exitCode: 2 })
  })
})

describe("a history without quotation marks", () => {
  it("is read like one with them, whatever stands between the rows", async () => {
    const lines = ["\ufeff日期,首报", "2026-01-01,是", "", "2026-01-02", "2026-01-03,", "2026-01-04,否"]
    const quoted = lines.map((line, at) => (at === 0 ? line.replace("首报", '"首报"') : line))
    const late = lines.map((line) => line.replace("否", '"否"'))
    const read = async (name: string, rows: readonly string[], end: string) => {
      writeFileSync(place(name), rows.join(end) + end)
      const all = []
      for await (const { columns, rows: batch } of historyRows(place(name)))
        all.push(...batch.map((row) => ({ ...row, columns })))
      return all
    }
    const plain = await read("plain.csv", lines, "\n")
    expect(plain.map(({ line }) => line)).toEqual([2, 4, 5, 6])
    expect(await read("quoted.csv", quoted, "\n")).toEqual(plain)
    expect(await read("late.csv", late, "\n")).toEqual(plain)
    expect(await read("windows.csv", lines, "\r\n")).toEqual(plain)
  })

  it("hands over to the parser in the middle, and the lines go on", async () => {
    const many = Array.from({ length: 20_000 }, (_, at) => `2026-01-01,${at}`)
    writeFileSync(place("long.csv"), ["日期,首报", ...many, '"2026-01-02",x', "2026-01-03"].join("\n"))
    const rows = []
    for await (const batch of historyRows(place("long.csv"))) rows.push(...batch.rows)
    expect(rows).toHaveLength(20_002)
    expect(rows[19_999]).toEqual({ line: 20_001, fields: ["2026-01-01", "19999"] })
    expect(rows.at(-2)).toEqual({ line: 20_002, fields: ["2026-01-02", "x"] })
    expect(rows.at(-1)).toMatchObject({ line: 20_003, why: { en: expect.stringContaining("1 fields") } })
  })

  it("a line that never ends is no CSV", async () => {
    writeFileSync(place("endless.csv"), `日期,首报\n${"x".repeat(300_000)}`)
    await expect(
      (async () => {
        for await (const _ of historyRows(place("endless.csv")));
      })(),
    ).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining(":2: no well-formed CSV") })
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

  it("reads the program's own database, and draws a chart of what may be shown", async () => {
    const [database, chart] = [place("county.db"), place("chart.svg")]
    const made = await yingshao(["day", "--reports", "20", "--database", database, "--json"])
    const { reports, cash } = JSON.parse(made.stdout) as {
      reports: { accepted: number }
      cash: { totalFen: number }
    }
    const ran = await yingshao([
      ...["policy", "impact", examplePolicy, examplePolicy, "--history", database],
      ...["--chart", chart, "--json"],
    ])
    expect([ran.code, ran.stderr]).toEqual([0, ""])
    const found = JSON.parse(ran.stdout) as {
      received: number
      refused: unknown[]
      columnsNotUsed: unknown[]
      tables: { rows: { en: string }[][] }[]
    }
    expect(found).toMatchObject({ received: reports.accepted, refused: [], columnsNotUsed: [] })
    // The rules give again what the day gave: its own awards, in yuan.
    const together = found.tables[0]?.rows.at(-1)?.map(({ en }) => en)
    expect(together).toEqual([
      ...["together", String(reports.accepted)],
      ...[String(cash.totalFen / 100), String(cash.totalFen / 100), expect.anything(), expect.anything()],
    ])
    const drawn = readFileSync(chart, "utf8")
    expect(drawn).toMatch(/^<svg role="img" aria-label="Reports/)
    expect(drawn).toContain("</svg>")
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
