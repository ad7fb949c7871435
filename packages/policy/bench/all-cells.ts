/**
 * Every cell of every decision of the example: compiled against the slow interpreter, none left out.
 *
 * `node --conditions=@yingshao/source packages/policy/bench/all-cells.ts [decision …]`. The tests leave cells of the
 * largest decisions out.
 */
import { compareCells, decisionNames } from "../test/fixtures/all-cells.ts"

const asked = new Set(process.argv.slice(2))
let wrong = 0
for (const decision of decisionNames) {
  if (asked.size > 0 && !asked.has(decision)) continue
  const begin = process.cpuUsage().user
  const { cells, different } = compareCells(decision)
  const seconds = (process.cpuUsage().user - begin) / 1e6
  console.log(`${decision}: ${cells} cells, ${different.length} different, CPU ${seconds.toFixed(1)} s`)
  for (const one of different) console.log(JSON.stringify(one))
  wrong += different.length
}
process.exitCode = wrong === 0 ? 0 : 1
