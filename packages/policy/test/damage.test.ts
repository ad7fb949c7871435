/** A damaged document is looked at like any other; a thousand copies are tried by `bench/damage.ts`. */
import { describe, expect, test } from "vitest"
import { readPolicy } from "../src/policy.ts"
import { damaged, fullWidth, misplaced } from "./fixtures/damage.ts"
import { huishui, huishuiText } from "./fixtures/huishui.ts"

describe("damaged documents", () => {
  test.each([1, 2, 3, 4, 5, 6])("C2 copy %d: nothing throws, no finding stands outside the file", (seed) => {
    expect(misplaced(damaged(huishuiText, seed))).toEqual([])
  })

  test("C1 punctuation written full-width gives the same digest", () => {
    const text = fullWidth(huishuiText)
    expect(text).not.toBe(huishuiText)
    const read = readPolicy(text)
    expect(read.ok && read.policy.digest).toBe(huishui().digest)
  })
})
