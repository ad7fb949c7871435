/** Gaps, overlaps and unreachable rules, against a brute-force oracle on small random tables. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { checkTables } from "../src/check.ts"
import { createReport } from "../src/finding.ts"
import type { Hit, PolicyModel, TableModel } from "../src/model.ts"
import { resolve } from "../src/resolve.ts"
import { loadSmall, type SmallRule, smallFacts, smallModel, smallTable } from "./fixtures/small-model.ts"

const cells: { readonly [fact: string]: readonly string[] } = {
  危: ["-", "是", "否", "未知", "是,未知", "非 是"],
  续: ["-", "是", "否,未知"],
  序: ["-", "<=3", ">3", "<7", "2..5", "1", ">=9", "非 4"],
  层: ["-", "新", ">=村", "<县", "非 村"],
}
const conditions = Object.keys(cells)

/** Every case of the four facts, one number a stretch being enough because all nine are tried. */
const everyCase = ["是", "否", "未知"].flatMap((danger) =>
  ["是", "否", "未知"].flatMap((ongoing) =>
    [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((nth) =>
      ["新", "村", "县"].map((level) => ({ 危: danger, 续: ongoing, 序: nth, 层: level }) as Case),
    ),
  ),
)

interface Case {
  readonly [fact: string]: string | number
}

const levels = ["新", "村", "县"]

/** What a cell of these tests means, spelt out by hand. */
const fits = (cell: string, value: string | number, fact: string): boolean => {
  if (cell === "-") return true
  if (cell.startsWith("非 ")) return value !== "未知" && `${value}` !== cell.slice(2)
  if (cell.includes("..")) return Number(value) >= 2 && Number(value) <= 5
  const bound = /^(<=|>=|<|>)(.+)$/.exec(cell)
  if (!bound) return cell.split(",").includes(`${value}`)
  const [own, limit] =
    fact === "层"
      ? [levels.indexOf(`${value}`), levels.indexOf(bound[2] ?? "")]
      : [Number(value), Number(bound[2])]
  if (bound[1] === "<=") return own <= limit
  if (bound[1] === ">=") return own >= limit
  return bound[1] === "<" ? own < limit : own > limit
}

interface Verdict {
  readonly gap: boolean
  readonly clashes: Set<string>
  readonly reached: Set<string>
}

/** The oracle: every case, one by one. */
const oracle = (rules: readonly SmallRule[], hit: Hit, excluded: (one: Case) => boolean): Verdict => {
  const verdict = { gap: false, clashes: new Set<string>(), reached: new Set<string>() }
  const beats = closure(rules)
  for (const one of everyCase) {
    if (excluded(one)) continue
    const matching = rules.filter((rule) =>
      rule.when.every((cell, at) => fits(cell, one[conditions[at] ?? ""] ?? "", conditions[at] ?? "")),
    )
    if (matching.length === 0) verdict.gap = true
    let left = matching.filter((rule) => !matching.some((other) => beats.get(other.id)?.has(rule.id)))
    if (hit.policy === "first") left = left.slice(0, 1)
    if (hit.policy === "priority")
      left = left.filter((rule) => !left.some((other) => other.gives[0] === "急" && rule.gives[0] === "平"))
    const bothExceptions = left.every((rule) => matching.some((other) => beats.get(rule.id)?.has(other.id)))
    const agree = new Set(left.map((rule) => rule.gives[0])).size === 1
    const fine = left.length <= 1 || (agree && (hit.policy !== "unique" || bothExceptions))
    if (!fine) verdict.clashes.add(left.map((rule) => rule.id).join())
    for (const rule of left) verdict.reached.add(rule.id)
  }
  return verdict
}

const closure = (rules: readonly SmallRule[]): Map<string, Set<string>> => {
  const beats = new Map(rules.map((rule) => [rule.id, new Set(rule.exceptionTo ?? [])]))
  for (let round = 0; round < rules.length; round++)
    for (const beaten of beats.values())
      for (const id of [...beaten]) for (const next of beats.get(id) ?? []) beaten.add(next)
  return beats
}

const ruleArbitrary = (id: number): fc.Arbitrary<SmallRule> =>
  fc.record({
    id: fc.constant(`${id}`),
    when: fc.tuple(...conditions.map((fact) => fc.constantFrom(...(cells[fact] ?? [])))),
    gives: fc.constantFrom(["急"], ["平"]),
    exceptionTo: id > 1 ? fc.subarray([`${id - 1}`], { minLength: 0 }) : fc.constant([]),
  })

const rulesArbitrary = fc
  .integer({ min: 1, max: 5 })
  .chain((size) => fc.tuple(...Array.from({ length: size }, (_, index) => ruleArbitrary(index + 1))))

const hits: Hit[] = [
  { policy: "unique" },
  { policy: "any" },
  { policy: "first" },
  { policy: "priority", order: ["急", "平"] },
]

const check = (model: PolicyModel) => {
  const report = createReport("t", new Map())
  const resolved = resolve(model, report)
  if (!resolved) throw new Error("does not resolve")
  const checked = createReport("t", new Map())
  checkTables(resolved, checked)
  return checked.findings
}

const model = (table: TableModel, more: Partial<PolicyModel> = {}) =>
  smallModel([table], { facts: smallFacts.filter(({ name }) => conditions.includes(name)), ...more })

describe("V201, V202 and V203 are exact", () => {
  test.each(hits)("C2 V201 V202 V203 agree with brute force under $policy", (hit) => {
    fc.assert(
      fc.property(rulesArbitrary, fc.boolean(), (rules, withImpossible) => {
        const impossible: PolicyModel["impossible"] = withImpossible
          ? [
              {
                id: "否1",
                when: [
                  {
                    fact: "危",
                    test: { any: false, oneOf: [{ is: "equal", to: { is: "word", text: "否" } }] },
                  },
                  {
                    fact: "层",
                    test: { any: false, oneOf: [{ is: "equal", to: { is: "word", text: "县" } }] },
                  },
                ],
                reason: "",
              },
            ]
          : []
        const findings = check(model(smallTable("判", conditions, ["判"], rules, hit), { impossible }))
        const expected = oracle(rules, hit, (one) => withImpossible && one.危 === "否" && one.层 === "县")
        const codes = new Set(findings.map((finding) => finding.code))
        expect(codes.has("V201")).toBe(expected.gap)
        expect(codes.has("V202")).toBe(expected.clashes.size > 0)
        const unreachable = findings
          .filter(({ code }) => code === "V203")
          .map(({ en }) => /rule "(\d)"/.exec(en)?.[1])
        expect(unreachable.sort()).toEqual(
          rules
            .map((rule) => rule.id)
            .filter((id) => !expected.reached.has(id) && !unreported(expected, id))
            .sort(),
        )
      }),
      { numRuns: 300 },
    )
  })
})

/** A rule that only ever clashes counts as reached: the clash is the cause and is reported. */
const unreported = (verdict: Verdict, id: string) =>
  [...verdict.clashes].some((pair) => pair.split(",").includes(id))

describe("hit policies", () => {
  const dates = { accepted: "2026-01-01", step: "2026-01-01" }
  const overlap: SmallRule[] = [
    { id: "甲", when: ["是"], gives: ["平"] },
    { id: "乙", when: ["-"], gives: ["急"] },
  ]

  test("首条 takes the first row that matches", () => {
    const { policy, findings } = loadSmall(
      smallModel([smallTable("判", ["危"], ["判"], overlap, { policy: "first" })]),
    )
    expect(findings).toEqual([])
    expect(policy.decideBare("triage", { danger: "yes" }, dates)).toEqual({ triage: "ordinary" })
    expect(policy.decideBare("triage", { danger: "no" }, dates)).toEqual({ triage: "emergency" })
  })

  test("任一 names every row that agrees", () => {
    const rules = overlap.map((rule) => ({ ...rule, gives: ["急"] }))
    const { policy, findings } = loadSmall(
      smallModel([smallTable("判", ["危"], ["判"], rules, { policy: "any" })]),
    )
    expect(findings).toEqual([])
    const outcome = policy.decide("triage", { danger: "yes" }, dates)
    expect(outcome.because.rules.map(({ rule }) => rule)).toEqual(["甲", "乙"])
  })

  test.each([
    ["合计", 12],
    ["最大", 7],
    ["最小", 5],
    ["计数", 2],
  ] as const)("汇总 %s of two rows is %d, of none 0", (by, expected) => {
    const rules: SmallRule[] = [
      { id: "1", when: ["是", "-"], gives: ["5"] },
      { id: "2", when: ["-", "是"], gives: ["7"] },
    ]
    const table = smallTable("得分", ["危", "续"], ["得分"], rules, { policy: "collect", by })
    const { policy, findings } = loadSmall(smallModel([table]))
    expect(findings).toEqual([])
    expect(policy.decideBare("selection", { danger: "yes", ongoing: "yes" }, dates)).toEqual({
      selectionScore: expected,
    })
    expect(policy.decideBare("selection", { danger: "no", ongoing: "no" }, dates)).toEqual({
      selectionScore: 0,
    })
  })

  test.each([
    ["<5", [1, 2, 3, 4]],
    ["<=5", [1, 2, 3, 4, 5]],
    [">5", [6, 7, 8, 9]],
    [">=5", [5, 6, 7, 8, 9]],
    ["5", [5]],
    ["非 5", [1, 2, 3, 4, 6, 7, 8, 9]],
    ["3..5", [3, 4, 5]],
  ])("the bound %s falls exactly where it is written", (cell, inside) => {
    const rules: SmallRule[] = [
      { id: "甲", when: [cell], gives: ["急"] },
      { id: "乙", when: ["-"], gives: ["平"] },
    ]
    const { policy } = loadSmall(smallModel([smallTable("判", ["序"], ["判"], rules, { policy: "first" })]))
    const found = [1, 2, 3, 4, 5, 6, 7, 8, 9].filter(
      (nth) => policy.decideBare("triage", { nth }, dates)?.triage === "emergency",
    )
    expect(found).toEqual(inside)
  })

  test("其余 takes exactly what no other row takes, unknown included", () => {
    const rules: SmallRule[] = [
      { id: "甲", when: ["是"], gives: ["急"] },
      { id: "其余", when: ["-"], gives: ["平"], rest: true },
    ]
    const { policy, findings } = loadSmall(smallModel([smallTable("判", ["危"], ["判"], rules)]))
    expect(findings).toEqual([])
    const outcome = policy.decide("triage", {}, dates)
    expect(outcome.status === "decided" && outcome.conclusions).toEqual({ triage: "ordinary" })
    expect(outcome.because.rules.map(({ rule }) => rule)).toEqual(["其余"])
  })

  test("a table too large to exhaust is refused with R404, never passed", () => {
    const facts = ["danger", "ongoing", "first", "willing", "nominated", "leave"]
    const many = facts.map((key, at) => ({
      ...(smallFacts[0] as (typeof smallFacts)[0]),
      name: `实${at}`,
      key,
      unknown: "pending" as const,
    }))
    const numbers = ["age", "idle", "falseCount", "noticeDays", "appealDays", "yearPoints"].map(
      (key, at) => ({
        ...(smallFacts[3] as (typeof smallFacts)[0]),
        name: `数${at}`,
        key,
        low: 0,
        high: 100,
      }),
    )
    const columns = [...many, ...numbers].map(({ name }) => name)
    const rules = Array.from(
      { length: 60 },
      (_, at): SmallRule => ({
        id: `${at}`,
        when: columns.map((name, column) =>
          name.startsWith("数") ? `>=${(at * 37 + column * 11) % 97}` : "-",
        ),
        gives: [at % 2 === 0 ? "急" : "平"],
      }),
    )
    const table = smallTable("判", columns, ["判"], rules, { policy: "first" })
    const findings = check(smallModel([table], { facts: [...many, ...numbers] }))
    expect(findings.map(({ code }) => code)).toContain("R404")
  })
})
