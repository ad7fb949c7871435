/**
 * Opens the programme of a day under simulated time, with notifiers and a dispatcher that only count.
 */
import { createHash } from "node:crypto"
import { chinaYears } from "@yingshao/core/calendar/china-years"
import type { Policy } from "@yingshao/core/decisions"
import { unitId } from "@yingshao/core/kernel/ids"
import { type Instant, toMs } from "@yingshao/core/kernel/time"
import { openYingshao, type Yingshao } from "@yingshao/engine"
import { type Notifier, notifierContract } from "@yingshao/ports/notifier"
import type { Storage } from "@yingshao/ports/storage"
import type { County } from "../county/people.ts"
import { type SimulatedClock, simulatedClock } from "./clock.ts"

export interface OpenDay {
  readonly yingshao: Yingshao
  readonly clock: SimulatedClock
}

/** @param openedAt simulated instant at which the programme opens; an open one goes on where it ended. */
export const openDay = async (
  storage: Storage,
  programme: string,
  policy: Policy,
  county: County,
  openedAt: Instant,
): Promise<OpenDay> => {
  const clock = simulatedClock(toMs(openedAt))
  const yingshao = await openYingshao({
    programme,
    policy,
    storage,
    clock,
    // A simulation is repeatable, so its ids may be foreseen. A real programme never gives a seed.
    seed: createHash("sha256").update(`simulation of ${programme}`).digest("hex"),
    random: () => 0,
    opening: {
      admin: county.staff.admins[0],
      units: county.units.map((one) => ({ ...one, id: unitId.parse(one.id) })),
      calendarYears: chinaYears,
    },
    notifiers: [countingNotifier("app"), countingNotifier("phone")],
    recipients: async (to) => {
      const person =
        to.kind === "person" ? to.person : to.kind === "unit" ? `unit-${to.unit}` : `role-${to.role}`
      return [{ person, addresses: ["app", "phone"].map((channel) => ({ channel, address: person })) }]
    },
    // The notifiers only count, so as many at once as share a commit well.
    sendsAtOnce: 500,
    cacheBytes: 8_000_000,
  })
  clock.moveTo(toMs(yingshao.now()))
  return { yingshao, clock }
}

// internal

/** Takes everything and keeps nothing: the outbox in the store counts. */
const countingNotifier = (name: string): Notifier => ({
  contract: notifierContract,
  name,
  audience: "one-person",
  send: async (_to, { deliveryId }) => ({ deliveryId, grade: "accepted" }),
  close: async () => {},
})
