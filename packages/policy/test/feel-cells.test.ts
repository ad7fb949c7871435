/** Cells of the part that this language shares with FEEL; `bench/feelin.ts` asks 20,000 of them. */
import { expect, test } from "vitest"
import { compareWithFeel } from "./fixtures/feel-cells.ts"

test("C3 random cells mean what feelin says they mean", () => {
  expect(compareWithFeel(600, 1)).toEqual({ cells: 600, different: [] })
})
