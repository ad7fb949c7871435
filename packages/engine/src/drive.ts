/**
 * Answers a rule's questions from the store, and remembers every stream it read and at which version.
 *
 * A rule on warm streams runs to its end without waiting once. Indexed queries are not guarded; the rows
 * they bring along spare the reads that follow.
 *
 * What it does not do: it does not decide, write, or retry.
 */

import { BrokenInvariant } from "@yingshao/core/kernel/refusal"
import type { Rule } from "@yingshao/core/kernel/rule"
import type { IndexPage } from "@yingshao/ports/storage"
import { needIndex } from "./index-building.ts"
import type { StreamState } from "./state-cache.ts"
import { addressed, type StreamReader, type World } from "./stream-reader.ts"

/** Streams read by one attempt, at the version read. */
export type Reads = Map<string, StreamState>

/** Questions after which a rule is taken for one that never ends. */
export const maxAsks = 10_000

/** Streams one command may read: the store guards no more. */
export const maxReads = 990

/**
 * Runs a rule to its end.
 *
 * @param reads is filled; what stands there already is answered from there, so that one attempt sees one past.
 * @throws BrokenInvariant when the rule asks without end or reads more than can be guarded.
 */
export const drive = async <A>(
  world: World,
  reader: StreamReader,
  reads: Reads,
  rule: Rule<A>,
): Promise<A> => {
  let step = rule.next()
  for (let asks = 0; !step.done; asks += 1) {
    if (asks >= maxAsks || reads.size > maxReads) {
      throw new BrokenInvariant("C3", `a rule asked ${asks} questions about ${reads.size} streams`)
    }
    const ready = fromReads(reader, reads, step.value)
    step = rule.next((ready === notReady ? await answer(world, reader, reads, step.value) : ready) as never)
  }
  return step.value
}

/** The state of one stream for this attempt: as read before, as cached, or as stored. */
export const readState = async (reader: StreamReader, reads: Reads, stream: string): Promise<StreamState> => {
  const known = peek(reader, reads, stream)
  if (known !== undefined) return known
  const [loaded] = await reader.load([stream])
  if (loaded === undefined) throw new BrokenInvariant("S9", "a load gave no answer")
  reads.set(stream, loaded)
  return loaded
}

// internal

/** Any question, with kinds as plain texts: the engine drives more kinds than core has. */
type AnyAsk =
  | { readonly ask: "state"; readonly kind: string; readonly id: string }
  | { readonly ask: "states"; readonly kind: string; readonly ids: readonly string[] }
  | {
      readonly ask: "find"
      readonly index: string
      readonly equals: readonly string[]
      readonly from?: string
      readonly below?: string
      readonly limit: number
    }

const notReady = Symbol("not ready")

/** Answers without waiting when all that was asked for is at hand. */
const fromReads = (reader: StreamReader, reads: Reads, ask: AnyAsk): unknown => {
  if (ask.ask === "find") return notReady
  if (ask.ask === "state") return peek(reader, reads, `${ask.kind}/${ask.id}`)?.state ?? notReady
  const states: unknown[] = []
  for (const id of ask.ids) {
    const known = peek(reader, reads, `${ask.kind}/${id}`)
    if (known === undefined) return notReady
    states.push(known.state)
  }
  return states
}

const peek = (reader: StreamReader, reads: Reads, stream: string): StreamState | undefined => {
  const known = reads.get(stream)
  if (known !== undefined) return known
  const cached = reader.cached(stream)
  if (cached !== undefined) reads.set(stream, cached)
  return cached
}

const answer = async (world: World, reader: StreamReader, reads: Reads, ask: AnyAsk): Promise<unknown> => {
  switch (ask.ask) {
    case "state":
      return (await readState(reader, reads, `${ask.kind}/${ask.id}`)).state
    case "states": {
      const keys = ask.ids.map((id) => `${ask.kind}/${id}`)
      const cold = [...new Set(keys.filter((key) => peek(reader, reads, key) === undefined))]
      const loaded = await reader.load(cold)
      cold.forEach((key, at) => {
        const state = loaded[at]
        if (state !== undefined) reads.set(key, state)
      })
      return keys.map((key) => reads.get(key)?.state)
    }
    case "find":
      return found(world, reader, ask)
  }
}

const found = async (world: World, reader: StreamReader, ask: AnyAsk & { readonly ask: "find" }) => {
  if (ask.equals.length === 0) return []
  await needIndex(world, ask.index)
  const { index, equals, from, below, limit } = ask
  const page: IndexPage = await world.storage.find(world.programme, {
    index,
    equals,
    ...(from === undefined ? {} : { from }),
    ...(below === undefined ? {} : { below }),
    order: "ascending",
    limit,
  })
  await Promise.all(page.rows.map((row) => reader.take(row)))
  return page.rows.map(({ stream, range }) => {
    const { kind, id } = addressed(world.catalogue, stream)
    return { kind, id, range }
  })
}
