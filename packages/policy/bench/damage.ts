/**
 * Damaged copies of the example: looking at one never throws and never names a place outside the file.
 *
 * `node --conditions=@yingshao/source packages/policy/bench/damage.ts [copies] [seed]`
 */
import { readFileSync } from "node:fs"
import { damaged, misplaced } from "../test/fixtures/damage.ts"

const text = readFileSync(new URL("../../../examples/policies/huishui.policy.md", import.meta.url), "utf8")
const [copies = 1000, seed = 1] = process.argv.slice(2).map(Number)
let wrong = 0
for (let copy = 0; copy < copies; copy++) {
  try {
    const problems = misplaced(damaged(text, seed * 1_000_003 + copy))
    if (problems.length === 0) continue
    wrong++
    console.log(`copy ${copy}: ${problems.join(", ")}`)
  } catch (error) {
    wrong++
    console.log(`copy ${copy} throws: ${error instanceof Error ? error.stack : String(error)}`)
  }
}
console.log(`${copies} damaged copies, seed ${seed}, ${wrong} wrong`)
process.exitCode = wrong === 0 ? 0 : 1
