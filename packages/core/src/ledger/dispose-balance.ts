/**
 * DisposeBalance: what becomes of the points of somebody who was removed, exactly once for each removal
 * (L23).
 *
 * `disposalOf` gives the events for a rule that removes a person, so that both happen in one commit; the
 * command is for a removal that did not. Redemptions under way are released first. Cash that was awarded
 * stays payable: a later event never changes an earlier award (L10).
 *
 * Refuses: `own-case`, `not-removed`, `already-disposed`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { type PersonId, personId } from "../kernel/ids.ts"
import type { Refused } from "../kernel/refusal.ts"
import { refuse } from "../kernel/refusal.ts"
import { type Context, type Emitted, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import type { Instant } from "../kernel/time.ts"
import { ownCase } from "../participant/participant-checks.ts"
import {
  type AccountEvent,
  type AccountState,
  accountDefinition,
  type Disposition,
  disposition,
} from "./account.ts"
import { disposeBalance } from "./points.ts"
import { releaseHold } from "./redemption-hold.ts"
import { endReservation, type StockState, stockDefinition } from "./stock.ts"

const payload = z.strictObject({ person: personId, disposition })
export type DisposeBalance = z.output<typeof payload>

export const disposeRemovedBalance = command({
  type: "DisposeBalance",
  roles: ["programme-admin"],
  payload,
  queue: ({ person }) => `account/${person}`,
  decide,
})

/**
 * The events of one disposition, on the account and for units given back to the shelf.
 *
 * @param removedAt instant of the removal: `context.at` of a rule that removes.
 * @example yield* disposalOf(person, "forfeit", context.at, context) // => { ok: true, events: […] }
 */
export function* disposalOf(
  person: PersonId,
  how: Disposition,
  removedAt: Instant,
  context: Pick<Context, "at" | "today" | "by">,
): Rule<Refused | { readonly ok: true; readonly events: readonly Emitted[] }> {
  const { at, today, by } = context
  const events: Emitted[] = []
  let account: AccountState = yield* read("account", person)
  const post = (happened: readonly AccountEvent[]) => {
    account = happened.reduce(accountDefinition.evolve, account)
    events.push(...happened.map((event) => on("account", person, event)))
  }
  if (account.disposedFor === removedAt) return refuse("already-disposed")
  const shelves = new Map<string, StockState>()
  for (const { hold, item } of account.holds) {
    const shelf: StockState = shelves.get(item) ?? (yield* read("stock", item))
    const released = releaseHold(account, { person, at, today, hold, by: by.person })
    if (!released.ok) return released
    post(released.events)
    const unit = endReservation(shelf, at, hold, "put-back")
    if (!unit.ok) return unit
    shelves.set(item, unit.events.reduce(stockDefinition.evolve, shelf))
    events.push(...unit.events.map((event) => on("stock", item, event)))
  }
  const disposed = disposeBalance(account, { person, at, today, by: by.person, removedAt, disposition: how })
  if (!disposed.ok) return disposed
  post(disposed.events)
  return { ok: true, events }
}

// internal

function* decide({ person, disposition: how }: DisposeBalance, context: Context): Rule<Outcome> {
  const participant = yield* read("participant", person)
  const refused = ownCase(person, context)
  if (refused !== undefined) return refused
  if (participant.status !== "removed" || participant.since === undefined) return refuse("not-removed")
  const disposed = yield* disposalOf(person, how, participant.since, context)
  return disposed.ok ? happen({ events: disposed.events }) : disposed
}
