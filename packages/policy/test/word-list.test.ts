import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { createWordList, placeOf } from "../src/word-list.ts"

describe("word list", () => {
  test("C3 every word has a place of its own, and no other value has one", () => {
    const word = fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom("a", "b", "急", "é") })
    fc.assert(
      fc.property(fc.uniqueArray(word, { maxLength: 40 }), fc.array(word), (words, others) => {
        const list = createWordList(words)
        const places = words.map((one) => placeOf(list, one))
        expect(places).not.toContain(-1)
        expect(new Set(places).size).toBe(words.length)
        places.forEach((at, index) => {
          expect(list.words[at]).toBe(words[index])
        })
        for (const other of others) if (!words.includes(other)) expect(placeOf(list, other)).toBe(-1)
        for (const other of ["", undefined, 3, null]) expect(placeOf(list, other)).toBe(-1)
      }),
    )
  })

  test("words that no factor keeps apart are compared one after the other", () => {
    const list = createWordList(["axxb", "ayyb", "azzb"])
    expect(list.longest).toBe(3)
    expect(["axxb", "ayyb", "azzb"].map((word) => list.words[placeOf(list, word)])).toEqual([
      "axxb",
      "ayyb",
      "azzb",
    ])
    expect(placeOf(list, "awwb")).toBe(-1)
  })
})
