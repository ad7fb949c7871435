/**
 * The script of those who have points, and of those who owe cash: whoever has enough points for what is in
 * the catalogue redeems once, and whoever was paid too much gives it back.
 */

import { toMs } from "@yingshao/core/kernel/time"
import type { AccountState } from "@yingshao/core/ledger/account"
import { redeemable } from "../county/setup.ts"
import { type Action, open, planner, type Script } from "./script.ts"

const day = 86_400_000

/** What is done about a person's account. */
export const planAccount = (
  script: Script,
  nowMs: number,
  person: string,
  account: AccountState,
): readonly Action[] => {
  const plan = planner(script, nowMs, `account/${person}`)
  const payer = script.chance.pick(`${person}/hands-out`, script.staff.payers)
  const { spendable, fenReceivable } = account.balances
  const settles = { person, fen: fenReceivable }
  const [held] = account.holds
  return plan(
    ...(fenReceivable > 0
      ? [
          [
            open(script, nowMs + 5 * day),
            "SettleReceivable",
            `act:settle:${person}:${account.postings}`,
            payer,
            "payer",
            settles,
          ] as const,
        ]
      : []),
    ...(held !== undefined
      ? [
          [
            open(script, toMs(held.since) + day),
            "CommitRedemption",
            `act:hand-out:${held.hold}`,
            payer,
            "payer",
            { person, hold: held.hold },
          ] as const,
        ]
      : spendable >= redeemable.entry.points && account.endedHolds.length === 0
        ? [
            [
              open(script, nowMs + 2 * day),
              "HoldRedemption",
              `act:redeem:${person}`,
              person,
              "reporter",
              { item: redeemable.item },
            ] as const,
          ]
        : []),
  )
}
