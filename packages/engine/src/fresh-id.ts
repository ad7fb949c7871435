/**
 * Ids that the same command gets again and nobody can guess.
 *
 * Keyed by the engine's secret over programme, command and a counter: a retry makes the same
 * ids, another command never does, and an id tells neither time nor number (P4).
 */
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

/** The id of an outbox row: its command and its place, and nothing that names the actor (O6, O10). */
export const messageId = (secret: string, programme: string, scoped: string, position: number): string =>
  `m-${digest(secret, `message\n${programme}\n${scoped}\n${position}`)}`

// internal

/**
 * Nested as in HMAC, with the one-shot hash that costs a third of it: who knows ids learns nothing about the
 * inner digest, and 128 bits of the outer one cannot be extended.
 */
const digest = (secret: string, text: string): string =>
  sha256(`${secret}\n${sha256(`${secret}\n${text}`)}`).slice(0, 32)
