/** A history under two policies: effects, people, what is hidden, and years put together from it. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { budgetSource } from "../src/impact/budget.ts"
import { impactChart } from "../src/impact/chart.ts"
import { hideFew, isFew, mergeFew } from "../src/impact/hide-few.ts"
import { csvCell, impactCsv, impactMemo } from "../src/impact/memo.ts"
import { type PastRow, pastCaseReader } from "../src/impact/read-past-case.ts"
import { replayCase, tallying } from "../src/impact/replay.ts"
import { rowReplayer } from "../src/impact/replay-rows.ts"
import { impactTables } from "../src/impact/tables.ts"
import { readPolicy } from "../src/policy.ts"
import { changed, huishui } from "./fixtures/huishui.ts"

const cheaper = (() => {
  const next = changed("| 二档金额 | 150 |", "| 二档金额 | 120 |")
  const read = readPolicy(changed("| 150 | 二级审批 |", "| 120 | 二级审批 |", next), "new.policy.md")
  if (!read.ok) throw new Error(JSON.stringify(read.findings))
  return read.policy
})()

/** A first report of an emergency, verified by the county: tier two. */
const tierTwo = {
  曾确认最高级: "应急治理",
  核实结论: "属实",
  核实层级: "县级",
  首报: "是",
  上报人: "在册信息员",
  负面清单: "无",
  信息价值: "重大",
  处置难度: "易",
  本月第几件: "1",
}
const cases: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  less: tierTwo,
  same: { ...tierTwo, 信息价值: "一般" },
  points: { ...tierTwo, 首报: "否" },
  "cannot-tell": { ...tierTwo, 核实结论: "" },
}

const read = pastCaseReader(huishui(), cheaper, "unknown")
const replay = (row: PastRow) => {
  const found = read(row)
  if (!found.ok) throw new Error(found.why.en)
  const replayed = replayCase(huishui(), cheaper, found.past)
  if (!replayed.ok) throw new Error(replayed.why.en)
  return { past: found.past, replayed }
}
const on = (kind: string, person?: string, date = "2026-03-01"): PastRow => ({
  date,
  cells: cases[kind] ?? {},
  ...(person !== undefined && { person }),
})

/** So many rows of each kind, each by a person of its own. */
const impactOf = (rows: readonly PastRow[], before = huishui(), after = cheaper) => {
  const tally = tallying("reporter")
  const costs = budgetSource()
  for (const row of rows) {
    const { past, replayed } = replay(row)
    tally.add(past, replayed)
    costs.add(past.date, replayed)
  }
  return {
    before,
    after,
    period: ["2026-03-01", "2026-03-01"] as const,
    received: rows.length,
    refused: [],
    columnsNotUsed: ["=column"],
    takenAsTypical: [],
    hasPeople: true,
    by: "reporter" as const,
    tallying: tally,
    budget: costs.sample(before, after, { growthPercent: 0, years: 100, seed: 1 }),
  }
}
const many = (kind: string, count: number): PastRow[] =>
  Array.from({ length: count }, (_, at) => on(kind, `${kind}-handle-${at}`))

describe("a report under two policies", () => {
  it("is less, more, the same, or nobody can tell", () => {
    expect(replay(on("less")).replayed).toMatchObject({
      effect: "less",
      before: { cashFen: 15_000, points: 0 },
      after: { cashFen: 12_000, points: 0 },
    })
    expect(replay(on("same")).replayed.effect).toBe("same")
    expect(replay(on("points")).replayed).toMatchObject({
      effect: "same",
      before: { cashFen: 0, points: 10 },
    })
    expect(replay(on("cannot-tell")).replayed).toMatchObject({ effect: "cannot-tell", before: undefined })
    const { past } = replay(on("less"))
    const turned = { ...past, before: past.after, after: past.before }
    expect(replayCase(cheaper, huishui(), turned)).toMatchObject({ effect: "more" })
  })

  it("is left open while verification is not finished", () => {
    const row = { ...on("less"), cells: { ...tierTwo, 核实层级: "乡级" } }
    expect(replay(row).replayed.effect).toBe("cannot-tell")
  })

  it("reads words and keys alike, and takes what is typical only when told to", () => {
    const keys = { verdict: "true", level: "county", first: "yes", nth: "2" }
    const found = read({ date: "2026-03-01", cells: keys })
    expect(found).toMatchObject({
      ok: true,
      past: { before: { verdict: "true", level: "county", first: "yes", nth: 2 } },
    })
    const typical = pastCaseReader(huishui(), cheaper, "typical")({ date: "2026-03-01", cells: { 首报: "" } })
    if (!typical.ok) throw new Error(typical.why.en)
    expect(typical.past.before.reporter).toBe("informant")
    expect(typical.past.before.first ?? "unknown").toBe("unknown")
  })

  it("is refused without repeating the cell, which may be a name", () => {
    for (const row of [
      { date: "2026-02-30", cells: {} },
      { date: "2026-03-01", cells: { 首报: "张三" } },
      { date: "2026-03-01", cells: { 本月第几件: "-1" } },
    ]) {
      const found = read(row)
      expect(found.ok).toBe(false)
      expect(JSON.stringify(found)).not.toContain("张三")
    }
    const impossible = read({ date: "2026-03-01", cells: { ...tierTwo, 核实层级: "未核实" } })
    if (!impossible.ok) throw new Error(impossible.why.en)
    expect(replayCase(huishui(), cheaper, impossible.past)).toMatchObject({
      ok: false,
      why: { en: "the document says that such a case cannot happen" },
    })
  })
})

describe("rows of one head", () => {
  const columns = ["人员", "备注", ...Object.keys(tierTwo), "日期"]
  const head = { columns, date: "日期", person: "人员" }

  it("come to what each comes to by itself, also where a column has more texts than are remembered", () => {
    const replayRow = rowReplayer(huishui(), cheaper, "unknown")(head)
    for (let at = 1; at <= 300; at += 1) {
      const cells = {
        ...Object.values(cases)[at % 4],
        本月第几件: String(1 + ((at * 7) % 200)),
        核实层级: at % 5 === 0 ? "未核实" : "县级",
      } as Readonly<Record<string, string>>
      const facts = Object.keys(tierTwo).map((name) => cells[name] ?? "")
      const [person, date] = [`p${at % 9}`, `2026-0${1 + (at % 9)}-01`]
      const found = replayRow([person, `note ${at}`, ...facts, date])
      const alone = read({ date, person, cells })
      if (!alone.ok) throw new Error(alone.why.en)
      const replayed = replayCase(huishui(), cheaper, alone.past)
      expect(found.ok ? found.replayed : found.why).toEqual(
        replayed.ok ? expect.objectContaining(found.ok ? found.replayed : {}) : replayed.why,
      )
      if (found.ok) expect(found.past).toEqual(alone.past)
      expect(found.ok).toBe(replayed.ok)
    }
  })

  it("keep their own date and person, and a bad date is refused however often the rest was seen", () => {
    const replayRow = rowReplayer(huishui(), cheaper, "unknown")(head)
    const row = (date: string, person: string) =>
      replayRow([person, "", ...Object.keys(tierTwo).map((name) => cases.less?.[name] ?? ""), date])
    expect(row("2026-03-01", "甲")).toMatchObject({ ok: true, past: { date: "2026-03-01", person: "甲" } })
    expect(row("2026-04-01", "")).toEqual(
      expect.objectContaining({ past: expect.not.objectContaining({ person: expect.anything() }) }),
    )
    expect(row("2026-02-30", "甲").ok).toBe(false)
    expect(row("2026-04-01", "乙")).toMatchObject({ past: { date: "2026-04-01", person: "乙" } })
  })
})

describe("the chart", () => {
  it("draws no number that the tables hide, and no handle", () => {
    const chart = impactChart(impactOf([...many("same", 30), ...many("less", 3), ...many("points", 9)]), "zh")
    expect(chart).toMatch(/^<svg /)
    expect(chart).toContain("少于 5")
    expect(chart).not.toMatch(/>3</)
    expect(chart).not.toContain("handle")
    const shown = impactChart(impactOf([...many("same", 30), ...many("less", 7)]), "en")
    expect(shown).toMatch(/>7</)
  })
})

describe("people", () => {
  it("count once, as mixed where they lose and gain, as open where one report is", () => {
    const tally = tallying("reporter")
    const add = (row: PastRow, effect?: "more") => {
      const { past, replayed } = replay(row)
      tally.add(past, effect === undefined ? replayed : { ...replayed, effect })
    }
    for (const kind of ["less", "same"]) add(on(kind, "a"))
    add(on("less", "b"))
    add(on("same", "b"), "more")
    for (const kind of ["less", "cannot-tell"]) add(on(kind, "c"))
    add(on("same", "d"))
    expect(tally.all().people).toEqual({ less: 1, more: 0, mixed: 1, same: 1, "cannot-tell": 1 })
    expect(tally.all().met).toEqual({ less: 3, more: 1, same: 2, "cannot-tell": 1 })
    expect(tally.all().byEffect.less).toEqual({ reports: 3, cashFen: [45_000, 36_000], points: [0, 0] })
  })
})

describe("what may be shown", () => {
  it("hides 1 to 4 and never only one number beside a total", () => {
    expect(hideFew([[2, 40, 9, 0]])).toEqual([[true, false, true, false]])
    expect(hideFew([[5, 40, 9, 0]])).toEqual([[false, false, false, false]])
    expect(
      mergeFew(
        new Map([
          ["a", 2],
          ["b", 7],
          ["c", 30],
        ]),
      ),
    ).toEqual(["a", "b"])
    expect(
      mergeFew(
        new Map([
          ["a", 5],
          ["b", 7],
        ]),
      ),
    ).toEqual([])
    const tables = fc.array(fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 3, maxLength: 3 }), {
      minLength: 1,
      maxLength: 5,
    })
    fc.assert(
      fc.property(tables, (counts) => {
        const hidden = hideFew(counts)
        for (const [at, row] of counts.entries()) {
          const gone = row.filter((_, column) => hidden[at]?.[column])
          expect(row.every((count, column) => !isFew(count) || hidden[at]?.[column])).toBe(true)
          const left = row.filter((count, column) => count > 0 && !hidden[at]?.[column])
          if (gone.length === 0 || left.length === 0) continue
          expect(gone.length).toBeGreaterThan(1)
          expect(gone.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(5)
        }
      }),
    )
  })

  it("no handle of a person is in any table, memo or spreadsheet, nor a number under five", () => {
    const impact = impactOf([...many("less", 3), ...many("same", 20), ...many("points", 6)])
    for (const written of [impactMemo(impact), impactCsv(impact), JSON.stringify(impactTables(impact))]) {
      expect(written).not.toContain("handle")
      expect(written).toMatch(/少于 5/)
    }
    expect(impactTables(impact)[0]?.rows.map((row) => row.map(({ en }) => en).slice(0, 4))).toEqual([
      ["less", "fewer than 5", "not shown", "not shown"],
      ["more", "0", "0", "0"],
      ["the same", "not shown", "not shown", "not shown"],
      ["cannot tell", "0", "—", "—"],
      ["together", "29", "1450", "1360"],
    ])
    expect(impactTables(impact)[2]?.rows[0]?.at(-1)?.en).toBe("not shown")
  })

  it("shows sums in yuan where enough people stand behind them", () => {
    const impact = impactOf([...many("less", 6), ...many("same", 20)])
    expect(impactTables(impact)[0]?.rows[0]?.map(({ en }) => en)).toEqual([
      "less",
      "6",
      "900",
      "720",
      "0",
      "0",
    ])
    expect(impactMemo(impact)).toMatch(/^\| 变少 less \| 6 \| 900 \| 720 \| 0 \| 0 \|$/m)
  })

  it("five reports of one person are one person", () => {
    const impact = impactOf([...many("same", 20), ...Array.from({ length: 6 }, () => on("less", "one"))])
    expect(impactTables(impact)[0]?.rows[0]?.[1]?.en).toBe("not shown")
  })

  it("a count that is hidden in one place is told in no other", () => {
    const impact = impactOf([...many("same", 30), ...many("less", 7), ...many("cannot-tell", 3)])
    expect(impactTables(impact)[0]?.rows.map((row) => row[1]?.en)).toEqual([
      "not shown",
      "0",
      "30",
      "fewer than 5",
      "40",
    ])
    // 3 are open; 37 would give them away.
    const sampled = impactMemo(impact)
      .split("\n")
      .filter((line) => /^(?:抽样|Sampled)/.test(line))
    expect(sampled).toHaveLength(2)
    expect(JSON.stringify([{ ...impact.budget, emptyQuarters: [] }, sampled])).not.toMatch(/\b(?:3|37)\b/)
  })

  it("keeps a spreadsheet from running a cell", () => {
    expect(["=1+1", "+1", "-1", "@a", "plain", 'a"b,c'].map(csvCell)).toEqual([
      "'=1+1",
      "'+1",
      "'-1",
      "'@a",
      "plain",
      '"a""b,c"',
    ])
    expect(impactCsv(impactOf(many("same", 6))).startsWith("\ufeff")).toBe(true)
  })
})

describe("a year's cash", () => {
  const source = (rows: readonly PastRow[]) => {
    const costs = budgetSource()
    for (const row of rows) costs.add(row.date, replay(row).replayed)
    return (plan: { growthPercent?: number; years?: number; seed?: number } = {}) =>
      costs.sample(huishui(), cheaper, { growthPercent: 0, years: 200, seed: 7, ...plan })
  }

  it("is the history itself where all reports are alike, and grows as told", () => {
    const sample = source(Array.from({ length: 10 }, () => on("less")))
    expect(sample().before).toEqual({
      low: 150_000,
      middle: 150_000,
      high: 150_000,
      ceiling: 200_000,
      yearlyBudget: 5_000_000,
      yearsAbove: 0,
    })
    expect(sample({ growthPercent: 50 })).toMatchObject({ reportsPerYear: 15, after: { middle: 180_000 } })
    expect(sample().emptyQuarters).toEqual([2, 3, 4])
  })

  it("takes two years of history as two, and leaves out what nobody can tell except in the ceiling", () => {
    const rows = ["2025-02-01", "2026-02-01"].flatMap((date) => [
      ...Array.from({ length: 4 }, () => on("less", undefined, date)),
      on("cannot-tell", undefined, date),
    ])
    expect(source(rows)()).toMatchObject({
      reportsPerYear: 5,
      before: { middle: 60_000, ceiling: 100_000 },
    })
  })

  it("keeps quarters apart, repeats itself under one seed, and stays within its bounds", () => {
    const rows = [
      ...Array.from({ length: 20 }, (_, at) => on(at % 2 === 0 ? "less" : "same", undefined, "2026-01-05")),
      ...Array.from({ length: 20 }, () => on("points", undefined, "2026-08-05")),
    ]
    const sample = source(rows)
    const { before } = sample()
    expect(sample()).toEqual(sample())
    const others = [8, 9, 10, 11, 12].map((seed) => JSON.stringify(sample({ seed }).before))
    expect(new Set(others).size).toBeGreaterThan(1)
    // Twenty cash reports a year, each of 50 or 150 yuan; points of the summer never mix in.
    expect(before.low).toBeGreaterThan(20 * 5_000)
    expect(before.low).toBeLessThan(before.middle)
    expect(before.middle).toBeLessThan(before.high)
    expect(before.high).toBeLessThan(20 * 15_000)
    expect(() => sample({ years: 1 })).toThrow(RangeError)
  })
})
