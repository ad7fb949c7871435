/**
 * HoldRedemption, CommitRedemption, ReleaseRedemption: points for a thing of the catalogue.
 *
 * The reporter reserves in person; who hands it out commits; either gives up. Points and the unit on the
 * shelf move in one commit, and each hold ends exactly once (L19). Whether points can be redeemed is the
 * policy's decision (积分用途), asked when reserving; whoever is suspended or removed by the time of the
 * handing out gets nothing (S4) and the hold stays to be released.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { type PersonId, personId } from "../kernel/ids.ts"
import type { Notice } from "../kernel/message.ts"
import { type Refused, refuse } from "../kernel/refusal.ts"
import { type Context, type Emitted, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { barredFromReward, type ParticipantState, rosterStatusAt } from "../participant/participant.ts"
import { firstOf, notYourself, ownCase } from "../participant/participant-checks.ts"
import { type AccountState, holdId, itemId, yearPoints } from "./account.ts"
import { commitHold, holdPoints, releaseHold } from "./redemption-hold.ts"
import { endReservation, reserveUnit } from "./stock.ts"

const holdPayload = z.strictObject({ item: itemId })
export type HoldRedemption = z.output<typeof holdPayload>

/**
 * Refuses: `not-redeemable`, `no-such-item`, `insufficient-stock`, `insufficient-points`,
 * `too-many-holds`.
 */
export const holdRedemption = command({
  type: "HoldRedemption",
  roles: ["reporter"],
  payload: holdPayload,
  queue: ({ item }) => `stock/${item}`,
  decide: hold,
})

const endPayload = z.strictObject({ person: personId, hold: holdId })
export type EndRedemption = z.output<typeof endPayload>

/** Refuses: `own-case`, `not-redeemable`, `no-such-hold`, `already-ended`. */
export const commitRedemption = command({
  type: "CommitRedemption",
  roles: ["duty-officer", "programme-admin", "payer"],
  payload: endPayload,
  queue: ({ person }) => `account/${person}`,
  decide: commit,
})

/** Refuses: `not-yourself` for another reporter's hold, `no-such-hold`, `already-ended`. */
export const releaseRedemption = command({
  type: "ReleaseRedemption",
  roles: ["reporter", "duty-officer", "programme-admin", "payer"],
  payload: endPayload,
  queue: ({ person }) => `account/${person}`,
  *decide(payload, context): Rule<Outcome> {
    const refused = notYourself(payload.person, context)
    if (refused !== undefined) return refused
    const released = yield* releaseOne(payload, context)
    if (!released.ok) return released
    return happen({ events: released.events, notices: [tell(payload, "redemption-released")] })
  },
})

/**
 * The events that give up one hold, on the account and on the shelf; also what a removal needs.
 *
 * Refuses: `no-such-hold`, `already-ended`.
 */
export function* releaseOne(
  { person, hold }: EndRedemption,
  { at, today, by }: Pick<Context, "at" | "today" | "by">,
): Rule<Refused | { readonly ok: true; readonly events: readonly Emitted[] }> {
  const account = yield* read("account", person)
  const points = releaseHold(account, { person, at, today, hold, by: by.person })
  return points.ok ? yield* withUnit(account, person, hold, points.events, at, "put-back") : points
}

// internal

function* hold({ item }: HoldRedemption, context: Context): Rule<Outcome> {
  const { at, today } = context
  const { person } = context.by
  const participant = yield* read("participant", person)
  const account = yield* read("account", person)
  const stock = yield* read("stock", item)
  const refused = unlessRedeemable(participant, account, context)
  if (refused !== undefined) return refused
  const id = holdId.parse(context.freshId("h"))
  const unit = reserveUnit(stock, at, item, id)
  if (!unit.ok || stock.entry === undefined) return unit.ok ? refuse("no-such-item", { item }) : unit
  const points = holdPoints(account, { person, at, today, hold: id, item, points: stock.entry.points })
  if (!points.ok) return points
  return happen({
    events: [
      ...points.events.map((event) => on("account", person, event)),
      ...unit.events.map((event) => on("stock", item, event)),
    ],
    notices: [tell({ person, hold: id }, "redemption-held")],
  })
}

function* commit(payload: EndRedemption, context: Context): Rule<Outcome> {
  const { person, hold } = payload
  const { at, today } = context
  const participant = yield* read("participant", person)
  const account = yield* read("account", person)
  const barred = barredFromReward(participant) ? refuse("not-redeemable") : undefined
  const refused = firstOf(ownCase(person, context), barred)
  if (refused !== undefined) return refused
  const points = commitHold(account, { person, at, today, hold, by: context.by.person })
  if (!points.ok) return points
  const ended = yield* withUnit(account, person, hold, points.events, at, "handed-out")
  if (!ended.ok) return ended
  return happen({ events: ended.events, notices: [tell(payload, "redemption-committed")] })
}

/** The account's events with the end of the unit's reservation beside them. */
function* withUnit(
  account: AccountState,
  person: PersonId,
  hold: EndRedemption["hold"],
  events: readonly Parameters<typeof on<"account">>[2][],
  at: Context["at"],
  how: "handed-out" | "put-back",
): Rule<Refused | { readonly ok: true; readonly events: readonly Emitted[] }> {
  const open = account.holds.find((one) => one.hold === hold)
  if (open === undefined) return refuse("no-such-hold", { hold })
  const unit = endReservation(yield* read("stock", open.item), at, hold, how)
  if (!unit.ok) return unit
  return {
    ok: true,
    events: [
      ...events.map((event) => on("account", person, event)),
      ...unit.events.map((event) => on("stock", open.item, event)),
    ],
  }
}

/** 积分用途: the policy says who may redeem, by standing and by the points of the year. */
const unlessRedeemable = (
  participant: ParticipantState,
  account: AccountState,
  { book, today }: Context,
): Refused | undefined => {
  const outcome = book.decide(
    "privileges",
    {
      rosterStatus: rosterStatusAt(participant),
      yearPoints: Math.min(100_000, Math.max(0, yearPoints(account, today))),
    },
    { accepted: today, step: today },
  )
  const may = outcome.status === "decided" && outcome.conclusions.redeemable === "yes"
  return may && !barredFromReward(participant) ? undefined : refuse("not-redeemable")
}

const tell = ({ person, hold }: EndRedemption, kind: string): Notice => ({
  kind,
  to: { kind: "person", person },
  urgent: false,
  orderingKey: `account/${person}`,
  data: { hold },
})
