/**
 * Ids that the same command gets again and nobody can guess.
 *
 * Keyed by the engine's secret over programme, command and a counter: a retry makes the same
 * ids, another command never does, and the id of a stream tells neither time nor number (P4).
 */
import { type Instant, toMs } from "@yingshao/core/kernel/time"
import { sha256 } from "./canonical.ts"

/** Ids for one attempt of one command; each call gives the next. */
export interface FreshIds {
  next(prefix: string): string
  /** Was this id given out by this attempt? Then no stream of that name exists, but by a repeat. */
  gave(id: string): boolean
}

/**
 * @param scoped the command's id, scoped to its actor.
 * @example freshIds(secret, "522731", "p-1:c-1").next("r") // => "r-5f0c…", 32 hex digits
 */
export const freshIds = (secret: string, programme: string, scoped: string): FreshIds => {
  const given = new Set<string>()
  return {
    gave: (id) => given.has(id),
    next(prefix) {
      const id = `${prefix}-${digest(secret, `id\n${programme}\n${scoped}\n${given.size + 1}`)}`
      given.add(id)
      return id
    },
  }
}

/**
 * Ids of the outbox rows of one command, by their place: nothing in them names the actor (O6, O10).
 *
 * They begin with the second of acceptance, which the row's body says as well, so that a store's index of them
 * grows at its end; a random key falls behind as the index grows. The rest is 96 bits that nobody can guess.
 *
 * @example messageIds(secret, "522731", "p-1:c-1", at)(1) // => "m-69a4e3d5…", 32 hex digits
 */
export const messageIds = (
  secret: string,
  programme: string,
  scoped: string,
  at: Instant,
): ((position: number) => string) => {
  const seconds = Math.floor(toMs(at) / 1_000)
    .toString(16)
    .padStart(8, "0")
  const key = digest(secret, `message\n${programme}\n${scoped}`)
  return (position) => `m-${seconds}${sha256(`${key}\n${position}`).slice(0, 24)}`
}

// internal

/**
 * Nested as in HMAC, with the one-shot hash that costs a third of it: who knows ids learns nothing about the
 * inner digest, and 128 bits of the outer one cannot be extended.
 */
const digest = (secret: string, text: string): string =>
  sha256(`${secret}\n${sha256(`${secret}\n${text}`)}`).slice(0, 32)
