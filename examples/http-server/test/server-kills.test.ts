import { expect, test } from "vitest"
import { killServer } from "./server-kills.ts"

test("O2 I1 the server is killed under load: every acknowledged report is there, once; a full run is a script", async () => {
  const report = await killServer({ kills: 1, atOnce: 4, longestMs: 300, say: () => {} })
  expect(report.problems).toEqual([])
})
