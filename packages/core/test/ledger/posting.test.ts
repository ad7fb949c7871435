import { chartOfAccounts, kindOf } from "@yingshao/core/ledger/chart-of-accounts"
import { posting, postingOf, reverse } from "@yingshao/core/ledger/posting"
import { register, trialBalance } from "@yingshao/core/ledger/trial-balance"
import fc from "fast-check"
import { describe, expect, test } from "vitest"

const grant = (amount: unknown, other: unknown = typeof amount === "number" ? -amount : 0) => ({
  id: "p-1:1",
  unit: "points",
  reason: "grant",
  ref: "r-1",
  entries: [
    { account: "issued", amount: other },
    { account: "spendable/p-1", amount },
  ],
})

describe("L1 amounts are whole, within ±10⁹, and never 0, −0 or NaN", () => {
  test.each([1, 5, 1_000_000_000])("%d is an amount", (amount) => {
    expect(posting.safeParse(grant(amount)).success).toBe(true)
  })
  test.each([0, -0, 0.5, 1_000_000_001, Number.NaN, Number.POSITIVE_INFINITY, "5", "1e3", 2 ** 53, null])(
    "%j is none",
    (amount) => {
      expect(posting.safeParse(grant(amount)).success).toBe(false)
    },
  )
  test("a rule that computes one breaks a promise", () => {
    for (const amount of [0.5, 1_000_000_001, Number.NaN]) {
      expect(() =>
        postingOf(
          { id: "p-1:1", unit: "points", reason: "grant", ref: "r-1" },
          { issued: -amount, "spendable/p-1": amount },
        ),
      ).toThrow(expect.objectContaining({ _tag: "BrokenInvariant" }))
    }
  })
})

describe("L2 a posting adds up to 0 in one unit", () => {
  test.each([
    ["does not add up", grant(5, -4)],
    ["has one entry", { ...grant(5), entries: [{ account: "issued", amount: 5 }] }],
    [
      "names an account twice",
      {
        ...grant(5),
        entries: [
          { account: "issued", amount: -5 },
          { account: "issued", amount: 5 },
        ],
      },
    ],
    ["names an account of the other unit", { ...grant(5), unit: "fen" }],
    [
      "names an account without its person",
      {
        ...grant(5),
        entries: [
          { account: "issued", amount: -5 },
          { account: "spendable", amount: 5 },
        ],
      },
    ],
    [
      "names a person where there is none",
      {
        ...grant(5),
        entries: [
          { account: "issued/p-1", amount: -5 },
          { account: "spendable/p-1", amount: 5 },
        ],
      },
    ],
    ["has an unknown key", { ...grant(5), note: "" }],
  ])("what %s is refused", (_, made) => {
    expect(posting.safeParse(made).success).toBe(false)
  })
})

test("every account has a name in both languages and belongs to its unit", () => {
  for (const { unit, control, per, nameZh, nameEn } of chartOfAccounts) {
    const account = per === undefined ? control : `${control}/${per === "year" ? "2026" : "p-1"}`
    expect(kindOf(unit, account)?.control).toBe(control)
    expect(nameZh).toMatch(/\p{Script=Han}/u)
    expect(nameEn).toMatch(/^[a-z -]+$/)
  }
})

const anyPosting = fc
  .tuple(
    fc.integer({ min: 1, max: 1_000_000 }),
    fc.constantFrom("p-1", "p-2"),
    fc.nat(1000),
    fc.constantFrom("grant", "redeem", "award", "pay"),
  )
  .map(([amount, person, n, what]) => {
    const head = { id: `${person}:${n}`, reason: "grant" as const, ref: "r-1" }
    if (what === "grant")
      return postingOf({ ...head, unit: "points" }, { issued: -amount, [`spendable/${person}`]: amount })
    if (what === "redeem")
      return postingOf({ ...head, unit: "points" }, { [`held/${person}`]: -amount, redeemed: amount })
    if (what === "award")
      return postingOf({ ...head, unit: "fen" }, { "budget/2026": -amount, [`payable/${person}`]: amount })
    return postingOf({ ...head, unit: "fen" }, { [`payable/${person}`]: -amount, paid: amount })
  })

test("L6 a posting and its reversal leave every account as it was", () => {
  fc.assert(
    fc.property(fc.array(anyPosting, { maxLength: 20 }), anyPosting, (before, undone) => {
      const back = reverse(undone, "p-1:9999")
      expect(posting.parse(back)).toEqual(back)
      const plain = trialBalance(before)
      const after = trialBalance([...before, undone, back])
      for (const unit of ["fen", "points"] as const) {
        for (const [account, balance] of after[unit].accounts)
          expect(plain[unit].accounts.get(account) ?? 0).toBe(balance)
      }
    }),
  )
})

test("L3 the trial balance, its control accounts and the registers agree, in any order of the postings", () => {
  fc.assert(
    fc.property(fc.array(anyPosting, { maxLength: 30 }), (postings) => {
      const balance = trialBalance(postings)
      expect(trialBalance(postings.toReversed())).toEqual(balance)
      for (const unit of ["fen", "points"] as const) {
        expect(balance[unit].total).toBe(0)
        expect(balance[unit].issued).toBe(balance[unit].accountedFor)
        const controls = new Map<string, number>()
        for (const [account, sum] of balance[unit].accounts) {
          expect(register(unit, account, postings).at(-1)?.balance).toBe(sum)
          const control = account.split("/")[0] ?? ""
          controls.set(control, (controls.get(control) ?? 0) + sum)
        }
        for (const [control, sum] of balance[unit].controls) expect(controls.get(control) ?? 0).toBe(sum)
      }
    }),
  )
})
