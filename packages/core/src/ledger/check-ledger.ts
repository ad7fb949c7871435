/**
 * What must hold of an account, a year's budget and a thing of the catalogue, each by itself.
 */
import { breachesOf, type Checked } from "../kernel/check.ts"
import type { Rule } from "../kernel/rule.ts"
import { type AccountState, mostHolds, mostPayables } from "./account.ts"
import type { BudgetState } from "./budget.ts"
import { type Lot, pointsIn } from "./lots.ts"
import { amountLimit } from "./posting.ts"
import type { StockState } from "./stock.ts"

export function* checkAccount(state: AccountState, _id: string): Rule<Checked> {
  const { balances, lots, holds, payables } = state
  const { spendable, held, pointsReceivable, payable } = balances
  const amounts = Object.values(balances)
  const heldParts = holds.flatMap(({ parts }) => parts)
  return {
    breaches: breachesOf(
      ["L1", amounts.every(isBalance), "余额不是有效整数", "a balance is no whole amount in range"],
      ["L4", amounts.every((amount) => amount >= 0), "余额为负", "a balance is negative"],
      [
        "L20",
        pointsIn(lots) === spendable,
        "批次之和不等于可用积分",
        "the lots do not add up to the balance",
      ],
      ["L20", inOrder(lots), "批次次序有误或为零", "the lots are out of order or hold 0"],
      [
        "L19",
        pointsIn(heldParts) === held,
        "冻结之和不等于冻结积分",
        "the holds do not add up to what is held",
      ],
      [
        "L19",
        holds.every(({ hold }) => !state.endedHolds.includes(hold)),
        "已结束的冻结仍未结",
        "an ended hold is open",
      ],
      [
        "L18",
        pointsReceivable === 0 || spendable === 0,
        "有应退积分却有可用积分",
        "points are owed and could be given back",
      ],
      [
        "L3",
        payables.reduce((sum, { fen }) => sum + fen, 0) === payable,
        "应付明细不等于应付余额",
        "the payables do not add up to the balance",
      ],
      [
        "L21",
        holds.length <= mostHolds && payables.length <= mostPayables,
        "未结笔数超过上限",
        "more holds or payables are open than allowed",
      ],
    ),
    claims: [],
  }
}

export function* checkBudget(state: BudgetState, _id: string): Rule<Checked> {
  return {
    breaches: breachesOf(
      ["L4", state.committedFen >= 0, "已占用预算为负", "less than nothing of the budget is committed"],
      [
        "L21",
        state.committedFen <= amountLimit,
        "已占用预算超限",
        "more is committed than any budget may hold",
      ],
    ),
    claims: [],
  }
}

export function* checkStock(state: StockState, _id: string): Rule<Checked> {
  const { units, reserved, handedOut } = state
  return {
    breaches: breachesOf(
      ["L19", units >= 0 && reserved >= 0 && handedOut >= 0, "库存为负", "a number of units is negative"],
      [
        "L19",
        state.entry !== undefined || units + reserved + handedOut === 0,
        "未登记却有库存",
        "an unlisted thing has stock",
      ],
    ),
    claims: [],
  }
}

// internal

const isBalance = (amount: number): boolean =>
  Number.isSafeInteger(amount) && !Object.is(amount, -0) && Math.abs(amount) <= amountLimit * mostPayables

const inOrder = (lots: readonly Lot[]): boolean =>
  lots.every(
    ({ expiresOn, points }, at) => points > 0 && (at === 0 || (lots[at - 1]?.expiresOn ?? "") < expiresOn),
  )
