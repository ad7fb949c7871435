import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { canonical, maxDepth, NotCanonical } from "../src/canonical.ts"

/** JSON values without −0, which has no canonical text. */
const json = fc
  .jsonValue({ maxDepth: 5 })
  .filter((value) => !JSON.stringify(value).includes("-0,") && !hasMinusZero(value))

function hasMinusZero(value: unknown): boolean {
  if (Object.is(value, -0)) return true
  return typeof value === "object" && value !== null && Object.values(value).some(hasMinusZero)
}

const shuffled = (value: unknown, seed: number): unknown => {
  if (Array.isArray(value)) return value.map((element) => shuffled(element, seed))
  if (typeof value !== "object" || value === null) return value
  const entries = Object.entries(value).map(([key, inner]) => [key, shuffled(inner, seed)] as const)
  const turned = entries.map((_, at) => entries[(at + seed) % entries.length] as (typeof entries)[number])
  return Object.fromEntries(turned.reverse())
}

describe("canonical", () => {
  test("writes keys in order, without white space", () => {
    expect(canonical({ b: 1, a: [true, null, "é\u0000"], c: 1.5 })).toBe(
      '{"a":[true,null,"é\\u0000"],"b":1,"c":1.5}',
    )
  })

  test("A6: the order of keys does not matter", () => {
    fc.assert(
      fc.property(json, fc.nat(9), (value, seed) => {
        expect(canonical(shuffled(value, seed))).toBe(canonical(value))
      }),
    )
  })

  test("A6: injective: the text gives the value back, so two values never share one", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonical(value))).toEqual(value)
      }),
    )
  })

  test("A6: canonical text is its own canonical text", () => {
    fc.assert(fc.property(json, (value) => canonical(JSON.parse(canonical(value))) === canonical(value)))
  })

  test.each([
    ["NaN", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
    ["negative zero", -0],
    ["a big integer", 1n],
    ["a function", () => 1],
    ["a date", new Date(0)],
    ["a map", new Map()],
    ["undefined in a list", [undefined]],
  ])("A6: refuses %s and names the place", (_, value) => {
    expect(() => canonical({ here: value })).toThrow(NotCanonical)
    expect(() => canonical({ here: value })).toThrow(/^here/)
  })

  test("A6: a property that is undefined is left out", () => {
    expect(canonical({ a: undefined, b: 1 })).toBe('{"b":1}')
  })

  test("A6: depth-limited", () => {
    let deep: unknown = 1
    for (let at = 0; at < maxDepth; at += 1) deep = [deep]
    expect(canonical(deep)).toContain("1")
    expect(() => canonical([deep])).toThrow(NotCanonical)
  })
})
