/**
 * Random condition cells against the independent FEEL interpreter `feelin`.
 *
 * `node --conditions=@yingshao/source packages/policy/bench/feelin.ts [cells] [seed]`
 */
import { compareWithFeel } from "../test/fixtures/feel-cells.ts"

const [cells = 20_000, seed = 1] = process.argv.slice(2).map(Number)
const { different } = compareWithFeel(cells, seed)
for (const one of different) console.log(JSON.stringify(one))
console.log(`${cells} cells, seed ${seed}, ${different.length} different`)
process.exitCode = different.length === 0 ? 0 : 1
