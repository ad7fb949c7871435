/**
 * Does the number of rows matter? One table of three columns with 20 and with 2,000 rows.
 *
 * `node --conditions=@yingshao/source packages/policy/bench/rows.ts` prints nanoseconds of the thread's own CPU
 * time for one decision, and how long checking and compiling took.
 */
import type { Facts } from "@yingshao/core/decisions"
import type { FactModel, PolicyModel } from "../src/model.ts"
import {
  loadSmall,
  type SmallRule,
  smallFacts,
  smallModel,
  smallTable,
} from "../test/fixtures/small-model.ts"

const dates = { accepted: "2026-03-01", step: "2026-03-01" }

/** `kinds` categories × `steps` stretches of 1..1000, one row each. */
const modelOf = (kinds: number, steps: number): PolicyModel => {
  const words = Array.from({ length: kinds }, (_, at) => `kind${at}`)
  const category: FactModel = {
    name: "类",
    key: "category",
    type: "enum",
    values: words,
    low: 0,
    high: 0,
    unknown: "refused",
    typical: "kind0",
  }
  const number = smallFacts.find(({ key }) => key === "nth")
  if (!number) throw new Error("no number among the small facts")
  const width = 1000 / steps
  const rules = words.flatMap((word, kind) =>
    Array.from(
      { length: steps },
      (_, at): SmallRule => ({
        id: `${kind}-${at}`,
        when: [word, `${at * width + 1}..${(at + 1) * width}`, "-"],
        gives: [(kind + at) % 3 === 0 ? "急" : "平"],
      }),
    ),
  )
  const facts = [category, { ...number, high: 1000 }, ...smallFacts.filter(({ key }) => key === "danger")]
  return smallModel([smallTable("判", ["类", "序", "危"], ["判"], rules)], { facts })
}

for (const [kinds, steps] of [
  [5, 4],
  [20, 100],
  [5, 4],
  [20, 100],
] as const) {
  const started = performance.now()
  const { policy, findings } = loadSmall(modelOf(kinds, steps))
  const loadMs = performance.now() - started
  if (findings.some(({ severity }) => severity === "error")) throw new Error(JSON.stringify(findings[0]))
  const cases = Array.from({ length: 4096 }, (_, at) => ({
    category: `kind${(at * 7919) % kinds}`,
    nth: 1 + ((at * 104729) % 1000),
    danger: at % 2 === 0 ? "yes" : "no",
  })) as Partial<Facts>[]
  for (const facts of cases) facts.category = Object.keys({ [facts.category ?? ""]: 0 })[0] ?? ""
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 8; round++) {
    const before = process.threadCpuUsage().user
    for (let at = 0; at < 400_000; at++)
      policy.decideBare("triage", cases[at & 4095] as Partial<Facts>, dates)
    best = Math.min(best, (process.threadCpuUsage().user - before) / 400)
  }
  console.log(
    `${kinds * steps} rows: ${best.toFixed(0)} ns a decision, checked and compiled in ${loadMs.toFixed(0)} ms`,
  )
}
