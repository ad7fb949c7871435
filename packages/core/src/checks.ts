/**
 * What must hold of each state, read beside its neighbours: the part of `checkWorld` that knows what the
 * states mean.
 *
 * A check is a rule that only reads: it asks for the states next to its own and answers with breaches, each
 * naming the promise by its id (`docs/properties.md`). It throws nothing and repairs nothing. What can be
 * seen without knowing the meaning (hash chain, fold, index entries, postings) is checked by the engine.
 */
import { checkOrder, checkReceipt } from "./inbox/check-inbox.ts"
import { checkIncident } from "./incident/check-incident.ts"
import type { Checked } from "./kernel/check.ts"
import type { Rule } from "./kernel/rule.ts"
import { checkAccount, checkBudget, checkStock } from "./ledger/check-ledger.ts"
import { checkParticipant } from "./participant/check-participant.ts"
import { checkReport } from "./report/check-report.ts"
import { checkReward } from "./reward/check-reward.ts"
import type { StateOf, StreamKind } from "./streams.ts"

/** By kind of stream. Kinds without neighbours or promises of their own have an empty check. */
export const checks: {
  readonly [K in StreamKind]: (state: StateOf<K>, id: string) => Rule<Checked>
} = {
  programme: nothing,
  staff: nothing,
  place: nothing,
  participant: checkParticipant,
  report: checkReport,
  incident: checkIncident,
  order: checkOrder,
  receipt: checkReceipt,
  reward: checkReward,
  account: checkAccount,
  budget: checkBudget,
  stock: checkStock,
}

// internal

function* nothing(): Rule<Checked> {
  return { breaches: [], claims: [] }
}
