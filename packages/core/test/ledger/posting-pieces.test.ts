/** The chart of accounts, what a posting refuses in words, and what the trial balance and a register show. */
import { chartOfAccounts, controlOf, kindOf } from "@yingshao/core/ledger/chart-of-accounts"
import { movedOn, type Posting, posting, postingOf, reverse } from "@yingshao/core/ledger/posting"
import { register, trialBalance } from "@yingshao/core/ledger/trial-balance"
import { describe, expect, test } from "vitest"

const head = { id: "p-1:1", unit: "points", reason: "grant", ref: "r-1" } as const
const made = (amounts: { readonly [account: string]: number }, more: object = {}) => ({
  ...head,
  entries: Object.entries(amounts).map(([account, amount]) => ({ account, amount })),
  ...more,
})
const grant = { issued: -5, "spendable/p-1": 5 }
const faults = (value: object) => posting.safeParse(value).error?.issues.map(({ message }) => message)

describe("the chart of accounts", () => {
  test("L5 which accounts there are, whose they are, and what they are in the sum", () => {
    const lines = chartOfAccounts.map(({ unit, control, per, role }) =>
      [unit, control, per ?? "all", role].join(" "),
    )
    expect(lines).toEqual([
      "points issued all source",
      "points spendable person standing",
      "points held person standing",
      "points redeemed all end",
      "points expired all end",
      "points forfeited all end",
      "points clawed-back all end",
      "points receivable person memo",
      "points receivable-contra all memo",
      "fen budget year source",
      "fen payable person standing",
      "fen paid all end",
      "fen forfeited all end",
      "fen clawed-back all end",
      "fen receivable person memo",
      "fen receivable-contra all memo",
    ])
  })

  test.each<readonly ["fen" | "points", string, string | undefined]>([
    ["points", "issued", "issued"],
    ["fen", "issued", undefined],
    ["points", "issued/p-1", undefined],
    ["points", "issued/", undefined],
    ["points", "spendable", undefined],
    ["points", "spendable/", undefined],
    ["points", "spendable/p-1", "spendable"],
    ["points", `spendable/${"p".repeat(64)}`, "spendable"],
    ["points", `spendable/${"p".repeat(65)}`, undefined],
    ["points", "spendable/-p", undefined],
    ["points", "spendable/p 1", undefined],
    ["points", "spendable/ p", undefined],
    ["fen", "budget/2026", "budget"],
    ["fen", "budget/20267", undefined],
    ["fen", "budget/x2026", undefined],
    ["fen", "budget/year", undefined],
    ["points", "/p-1", undefined],
  ])("L2 in %s, %s", (unit, account, control) => {
    expect(kindOf(unit, account)?.control).toBe(control)
  })

  test("the control account is what stands before the slash", () => {
    expect(["issued", "spendable/p-1", "/p-1"].map(controlOf)).toEqual(["issued", "spendable", ""])
  })
})

describe("L1 L2 a posting says what is wrong with it", () => {
  const eight = Object.fromEntries(Array.from({ length: 7 }, (_, n) => [`spendable/p-${n}`, 1]))
  test.each<readonly [object, readonly string[] | undefined]>([
    [made(grant), undefined],
    [made({ ...grant, "spendable/p-1": 4 }), ["the entries do not add up to 0"]],
    [made({ "spendable/p-1": 5, payable: -5 }), ["no account payable in points"]],
    [
      {
        ...made(grant),
        entries: [
          { account: "issued", amount: -5 },
          { account: "issued", amount: 5 },
        ],
      },
      ["an account twice"],
    ],
    [made({ issued: -7, ...eight }), undefined],
    [made(grant, { ref: "r".repeat(64) }), undefined],
    [made(grant, { id: `p${"-".repeat(99)}` }), undefined],
    [made({ issued: -1_000_000_000, "spendable/p-1": 1_000_000_000 }), undefined],
  ])("%j", (value, expected) => {
    expect(faults(value)).toEqual(expected)
  })

  test.each<readonly [string, object]>([
    ["nine entries", made({ issued: -8, ...eight, "spendable/p-8": 1 })],
    [
      "an entry with more",
      {
        ...made(grant),
        entries: [
          { account: "issued", amount: -5, more: 1 },
          { account: "spendable/p-1", amount: 5 },
        ],
      },
    ],
    ["an account of no name", made({ "": -5, "spendable/p-1": 5 })],
    ["an account of 81", made({ [`held/${"p".repeat(76)}`]: -5, "spendable/p-1": 5 })],
    ["an unknown unit", made(grant, { unit: "" })],
    ["an unknown reason", made(grant, { reason: "" })],
    ["a reference to nothing", made(grant, { ref: "" })],
    ["a reference of 65", made(grant, { ref: "r".repeat(65) })],
    ["no id", made(grant, { id: "" })],
    ["an id that starts wrong", made(grant, { id: ":1" })],
    ["an id that ends wrong", made(grant, { id: "p-1:1 " })],
    ["an id of 101", made(grant, { id: `p${"-".repeat(100)}` })],
    ["too little", made({ issued: -1_000_000_001, "spendable/p-1": 1_000_000_001 })],
  ])("%s is refused", (_name, value) => {
    expect(posting.safeParse(value).success).toBe(false)
  })

  test("0 is no amount, and says so", () => {
    expect(faults(made({ issued: 0, "spendable/p-1": 0 }))).toContain("not zero")
  })

  test("every reason that a rule gives is one", () => {
    const reasons =
      "grant award payment forfeiture clawback restoration settlement hold redemption release expiry reversal"
    for (const reason of reasons.split(" ")) expect(faults(made(grant, { reason }))).toBeUndefined()
  })

  test("a rule may write down what does not move; what it computes wrongly is a broken promise", () => {
    expect(postingOf(head, { ...grant, "held/p-1": 0, redeemed: -0 })).toEqual(made(grant))
    const broken = (amounts: { readonly [account: string]: number }) => () => postingOf(head, amounts)
    expect(broken({ issued: -5 })).toThrow("L2: posting p-1:1: fewer than two entries")
    expect(broken({})).toThrow("L2: posting p-1:1: fewer than two entries")
    expect(broken({ ...grant, issued: -4 })).toThrow("L2: posting p-1:1: the entries do not add up to 0")
    expect(broken({ ...grant, paid: 1 })).toThrow("L2: posting p-1:1: no account paid in points")
    expect(broken({ issued: -0.5, "spendable/p-1": 0.5 })).toThrow("L2: posting p-1:1: -0.5 is no amount")
    expect(broken({ issued: -1_000_000_001, "spendable/p-1": 1_000_000_001 })).toThrow("is no amount")
    expect(broken({ issued: -1_000_000_000, "spendable/p-1": 1_000_000_000 })).not.toThrow()
  })

  test("L6 its reversal moves the same back, by an id of its own", () => {
    expect(reverse(postingOf(head, grant), "p-1:2")).toEqual(
      made({ issued: 5, "spendable/p-1": -5 }, { id: "p-1:2", reason: "reversal" }),
    )
  })

  test("what moved under a control account is summed over its people", () => {
    const two = postingOf(head, { issued: -9, "spendable/p-1": 5, "spendable/p-2": 4 })
    expect([movedOn(two, "spendable"), movedOn(two, "issued"), movedOn(two, "held")]).toEqual([9, -9, 0])
  })
})

const book = (): readonly Posting[] => [
  postingOf(head, { issued: -9, "spendable/p-2": 4, "spendable/p-1": 5 }),
  postingOf(
    { ...head, id: "p-1:2", reason: "clawback", ref: "r-2" },
    { "spendable/p-1": -5, "clawed-back": 5, "receivable/p-1": 2, "receivable-contra": -2 },
  ),
  postingOf(
    { ...head, id: "p-1:3", unit: "fen", reason: "award" },
    { "budget/2025": -10, "payable/p-1": 10 },
  ),
  postingOf(
    { ...head, id: "p-1:4", unit: "fen", reason: "award" },
    { "budget/2026": -20, "payable/p-1": 20 },
  ),
  postingOf(
    { ...head, id: "p-1:5", unit: "fen", reason: "clawback" },
    { "receivable/p-1": 7, "receivable-contra": -7 },
  ),
]

describe("L3 L5 the trial balance", () => {
  const points = () => trialBalance(book()).points
  const fen = () => trialBalance(book()).fen
  test("every account by its name, every control account of the chart in its order, years and people together", () => {
    expect([...points().accounts]).toEqual([
      ["clawed-back", 5],
      ["issued", -9],
      ["receivable-contra", -2],
      ["receivable/p-1", 2],
      ["spendable/p-1", 0],
      ["spendable/p-2", 4],
    ])
    expect([...points().controls]).toEqual([
      ["issued", -9],
      ["spendable", 4],
      ["held", 0],
      ["redeemed", 0],
      ["expired", 0],
      ["forfeited", 0],
      ["clawed-back", 5],
      ["receivable", 2],
      ["receivable-contra", -2],
    ])
    expect(points()).toMatchObject({ total: 0, issued: 9, accountedFor: 9 })
    expect([...fen().controls]).toEqual([
      ["budget", -30],
      ["payable", 30],
      ["paid", 0],
      ["forfeited", 0],
      ["clawed-back", 0],
      ["receivable", 7],
      ["receivable-contra", -7],
    ])
    expect(fen()).toMatchObject({ total: 0, issued: 30, accountedFor: 30 })
  })

  test("of nothing is 0, not −0", () => {
    const { total, issued, accountedFor } = trialBalance([]).points
    expect([total, issued, accountedFor].every((sum) => Object.is(sum, 0))).toBe(true)
  })

  test("what is on an account that the chart has no more is not lost", () => {
    const old = {
      ...head,
      entries: [
        { account: "issued", amount: -3 },
        { account: "gone/p-1", amount: 3 },
      ],
    }
    const balance = trialBalance([old]).points
    expect([balance.controls.get("gone"), balance.accountedFor, balance.issued]).toEqual([3, 3, 3])
  })

  test("what does not add up shows", () => {
    expect(trialBalance([{ ...head, entries: [{ account: "issued", amount: -3 }] }]).points.total).toBe(-3)
  })
})

test("L3 a register has its own account and unit only, with the balance after each line", () => {
  expect(register("points", "spendable/p-1", book())).toEqual([
    { posting: "p-1:1", reason: "grant", ref: "r-1", amount: 5, balance: 5 },
    { posting: "p-1:2", reason: "clawback", ref: "r-2", amount: -5, balance: 0 },
  ])
  expect(register("fen", "receivable/p-1", book()).map(({ amount }) => amount)).toEqual([7])
  expect(register("points", "receivable/p-1", book()).map(({ amount }) => amount)).toEqual([2])
  expect(register("points", "held/p-1", book())).toEqual([])
})
