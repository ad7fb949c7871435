/**
 * What each channel may send, as one relay's share: the county's plan, else what the adapter says its vendor takes.
 */
import type { ChannelPlan } from "@yingshao/core/notice/channel-plan"
import { budgetWithin, type ChannelBudget, shareOf } from "@yingshao/core/notice/message-budget"
import type { Notifier } from "@yingshao/ports/notifier"
import { CannotOpen } from "./failures.ts"

/**
 * Budgets by channel; a channel without one is not limited.
 *
 * @throws CannotOpen where there are more relays than messages to share, or an adapter declares no number.
 */
export const channelBudgets = (
  { budgets, relays }: Pick<ChannelPlan, "budgets" | "relays">,
  notifiers: Iterable<Pick<Notifier, "name" | "limits">>,
): Readonly<Record<string, ChannelBudget>> => {
  const all = new Map(Object.entries(budgets))
  for (const { name, limits } of notifiers) {
    if (limits !== undefined && !all.has(name)) all.set(name, declared(name, limits))
  }
  return Object.fromEntries([...all].map(([name, budget]) => [name, shared(name, budget, relays)]))
}

// internal

const declared = (name: string, limits: NonNullable<Notifier["limits"]>): ChannelBudget => {
  try {
    return budgetWithin(limits)
  } catch {
    throw new CannotOpen({ why: `the notifier ${name} declares limits that are no whole numbers from 1` })
  }
}

const shared = (name: string, budget: ChannelBudget, relays: number): ChannelBudget => {
  const share = shareOf(budget, relays)
  if (share !== undefined) return share
  throw new CannotOpen({
    why: `channel ${name}: ${relays} relays cannot share a budget of ${JSON.stringify(budget)}`,
  })
}
