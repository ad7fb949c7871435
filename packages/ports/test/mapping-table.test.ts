/** Mapping tables, as data of a partner. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  applyMapping,
  type MappingTable,
  type TimeFormat,
  tableProblems,
} from "../src/outbound/mapping-table.ts"

const orders: MappingTable = {
  name: "water, orders",
  offsetMinutes: 480,
  rows: [
    { from: "id", to: "编号" },
    { from: "data.level", to: "jjcd", codes: { emergency: "1", ordinary: "2" } },
    { from: "data.category", to: "lb", codes: { fire: 101 }, otherwise: 999 },
    { from: "time", to: "sj", time: { from: "iso-offset", to: "local" } },
    { from: "data.summary", to: "nr.text", missing: "leave-out" },
    { from: "data.reports", to: "nr.count", as: "text" },
    { to: "version", fixed: "2.0" },
  ],
}

const event = {
  id: "o-1",
  time: "2026-03-03T12:05:06+08:00",
  data: { level: "emergency", category: "flood", reports: 3, reporter: "nobody may see this" },
}

describe("a mapping table", () => {
  it("gives exactly what its rows name, in the partner's words", () => {
    expect(applyMapping(orders, event)).toEqual({
      ok: true,
      value: {
        编号: "o-1",
        jjcd: "1",
        lb: 999,
        sj: "2026-03-03 12:05:06",
        nr: { count: "3" },
        version: "2.0",
      },
    })
  })

  it("names every problem by row and field, and never the value", () => {
    const mapped = applyMapping(orders, {
      id: { deep: 1 },
      time: "2026-03-03",
      data: { level: "huge", category: "fire" },
    })
    expect(mapped).toEqual({
      ok: false,
      problems: [
        { row: 1, field: "id", problem: "not-a-simple-value" },
        { row: 2, field: "data.level", problem: "unknown-code" },
        { row: 4, field: "time", problem: "not-a-time" },
        { row: 6, field: "data.reports", problem: "missing" },
      ],
    })
  })

  it("reads no inherited field and writes no prototype", () => {
    const inherited = Object.create({ id: "o-2" }) as object
    const one: MappingTable = { name: "t", offsetMinutes: 0, rows: [{ from: "id", to: "id" }] }
    expect(applyMapping(one, inherited)).toMatchObject({ ok: false })
    for (const path of ["__proto__.polluted", "a.constructor.b", "a..b", "", "a b"]) {
      expect(() => applyMapping({ ...one, rows: [{ to: path, fixed: 1 }] }, {})).toThrow(/is no path/)
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it("is refused when two rows fill one place, or a row has two ways", () => {
    const rows: MappingTable["rows"] = [
      { to: "a.b", fixed: 1 },
      { to: "a", fixed: 2 },
      { from: "x", to: "c", as: "text", codes: {} },
    ]
    expect(tableProblems({ name: "t", offsetMinutes: 900, rows })).toEqual([
      "t: offsetMinutes is whole minutes from -840 to 840",
      't, row 2: "a" is filled by another row too',
      "t, row 3: codes, time and as exclude each other",
    ])
  })

  it("loses no second between any two formats of time (sampled)", () => {
    const formats: readonly TimeFormat[] = [
      "iso-utc",
      "iso-offset",
      "local",
      "compact",
      "epoch-s",
      "epoch-ms",
    ]
    const table = (from: TimeFormat, to: TimeFormat, offsetMinutes: number): MappingTable => ({
      name: "t",
      offsetMinutes,
      rows: [{ from: "t", to: "t", time: { from, to } }],
    })
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4_102_444_799 }),
        fc.constantFrom(...formats),
        fc.constantFrom(...formats),
        fc.integer({ min: -840, max: 840 }),
        (second, one, other, offset) => {
          const start = new Date(second * 1_000).toISOString()
          let value: unknown = { t: start }
          for (const [from, to] of [
            ["iso-utc", one],
            [one, other],
            [other, "iso-utc"],
          ] as const) {
            const mapped = applyMapping(table(from, to, offset), value)
            value = mapped.ok ? mapped.value : mapped.problems
          }
          expect(value).toEqual({ t: start })
        },
      ),
      { seed: 7, numRuns: 300 },
    )
  })

  it("takes no day that its month does not have", () => {
    const table: MappingTable = {
      name: "t",
      offsetMinutes: 480,
      rows: [{ from: "t", to: "t", time: { from: "local", to: "iso-utc" } }],
    }
    expect(applyMapping(table, { t: "2026-02-30 00:00:00" })).toMatchObject({ ok: false })
    expect(applyMapping(table, { t: "2026-02-28 00:00:00" })).toEqual({
      ok: true,
      value: { t: "2026-02-27T16:00:00.000Z" },
    })
  })
})
