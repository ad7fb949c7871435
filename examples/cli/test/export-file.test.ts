import { describe, expect, test } from "vitest"
import { type ExportFile, readExport } from "../src/replay/export-file.ts"
import type { Mapping } from "../src/replay/mapping.ts"
import nyc311 from "../src/replay/nyc-311.json" with { type: "json" }
import { fixture } from "./run-cli.ts"

const mapping = nyc311 as unknown as Mapping

const failureOf = (work: () => unknown): { readonly exitCode: number; readonly message: string } => {
  try {
    work()
  } catch (error) {
    return error as never
  }
  throw new Error("it did not fail")
}

describe("a good export", () => {
  const read = readExport(fixture("export.csv"), mapping)

  test("comes in the order of creation, then key, in UTC", () => {
    expect(read.rows.map(({ key }) => key)).toEqual(["1001", "1002", "1003", "1004", "1005", "1006"])
    expect(read.rows[0]?.created).toBe("2025-03-24T12:00:00.000Z")
    expect(read.rows[0]?.closed).toBe("2025-03-25T14:00:00.000Z")
    expect(read.rows[1]?.closed).toBeUndefined()
  })

  test("takes a row without a coordinate by its words", () => {
    expect(read.rows[1]?.place).toEqual({ words: "OAK AVENUE, QUEENS" })
    expect(read.wordsOnly).toBe(1)
  })

  test("knows what the agency says, and whether an earlier row stands near", () => {
    const said = read.verdicts().filter(({ duplicate }) => duplicate)
    expect(said).toEqual([
      { key: "1005", duplicate: true, earlierNearby: true },
      { key: "1006", duplicate: true, earlierNearby: false },
    ])
  })
})

describe("a broken export", () => {
  const read: ExportFile = readExport(fixture("broken.csv"), mapping)

  test("every row is taken or refused by its line and the reason", () => {
    expect(read.received).toBe(10)
    expect(read.rows.map(({ key }) => key)).toEqual(["2001"])
    expect(read.refused.map(({ line, why }) => [line, why.en])).toEqual([
      [3, '"Created Date" is no date: "24.03.2025 08:30"'],
      [4, 'the coordinate is broken: "north, -73.92"'],
      [5, 'the coordinate is broken: "91.5, -73.92"'],
      [7, "the key 2001 stands in the file already"],
      [8, "it has neither a coordinate nor an address"],
      [9, '"Created Date" is no date: "02/30/2025 09:30:00 AM"'],
      [10, "it has 6 fields where the head has 11"],
      [11, '"Complaint Type" is empty'],
      [12, 'the coordinate is broken: "40.81, "'],
    ])
  })
})

test("other columns, no file, a folder: a sentence and exit code 2", () => {
  const columns = failureOf(() => readExport(fixture("other-columns.csv"), mapping))
  expect(columns.exitCode).toBe(2)
  expect(columns.message).toContain('lacks the columns "Unique Key", "Created Date"')
  expect(failureOf(() => readExport(fixture("none.csv"), mapping))).toMatchObject({ exitCode: 2 })
  expect(failureOf(() => readExport(fixture(""), mapping)).message).toContain("is a directory")
})
