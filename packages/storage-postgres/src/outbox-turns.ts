/**
 * Settlements and leases of one programme that wait together share a call: one transaction and one round trip
 * instead of two, and what a settlement makes due can be leased in the same call.
 *
 * A call takes one batch of settlements and one lease at most, whichever came first; the settlements are worked
 * first. What it does not do: it does not put several batches of settlements into one.
 */
import type { LeasedMessage, LeaseRequest, Settlement, SettleResult } from "@yingshao/ports/storage"

export interface OutboxTurns {
  settle(settlements: readonly Settlement[]): Promise<readonly SettleResult[]>
  lease(request: LeaseRequest): Promise<readonly LeasedMessage[]>
}

/** What one call is to do; at least one of both. */
export interface Turn {
  settlements?: readonly Settlement[]
  request?: LeaseRequest
}

export interface Turned {
  readonly results: readonly SettleResult[]
  readonly leased: readonly LeasedMessage[]
}

/** @param call does its work when its turn in the queue comes. @param send makes the one call. */
export const outboxTurns = (
  call: (work: () => Promise<Turned>) => Promise<Turned>,
  send: (turn: Turn) => Promise<Turned>,
): OutboxTurns => {
  let waiting: Waiting[] = []

  const join = (part: "settlements" | "request", add: (turn: Turn) => void): Promise<Turned> => {
    const open = waiting.find(({ turn }) => turn[part] === undefined)
    if (open !== undefined) {
      add(open.turn)
      return open.turned
    }
    const turn: Turn = {}
    add(turn)
    const turned = call(() => {
      waiting = waiting.filter((one) => one.turn !== turn)
      return send(turn)
    })
    // A full queue refuses at once, and nothing may join what never comes.
    turned.catch(() => {
      waiting = waiting.filter((one) => one.turn !== turn)
    })
    waiting.push({ turn, turned })
    return turned
  }

  return {
    settle: async (settlements) =>
      (await join("settlements", (turn) => Object.assign(turn, { settlements }))).results,
    lease: async (request) => (await join("request", (turn) => Object.assign(turn, { request }))).leased,
  }
}

// internal

interface Waiting {
  readonly turn: Turn
  readonly turned: Promise<Turned>
}
