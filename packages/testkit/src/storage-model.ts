/**
 * Model-based properties of the storage port: random operations on two stores give the same answers and leave
 * the same programmes, alone, beside another programme, and when every commit is delivered twice.
 *
 * Operations draw their keys from a few, so that conflicts, repeats, lost claims and fencing happen often.
 * What it does not do: the operations of one programme run one after another; races are in the contract's
 * cases.
 */
import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import type {
  Claim,
  Commit,
  IndexQuery,
  LeasedMessage,
  OutboxStatus,
  Settlement,
  Storage,
} from "@yingshao/ports/storage"
import { isStorageFailure } from "@yingshao/ports/storage"
import * as fc from "fast-check"
import { append, command, entry, everything, message, minute, sha256 } from "./storage-cases/storage-case.ts"
import type { TestRunner } from "./storage-contract.ts"
import { injectFaults } from "./storage-injection.ts"

/**
 * One call of the port, as data, so that a counterexample can be read and kept. Versions and tokens are drawn
 * as distances from the right ones, which are 0 mostly: a sequence of conflicts tests nothing.
 */
export type StorageOperation =
  | { readonly call: "commit"; readonly commit: Commit }
  | {
      readonly call: "restate"
      readonly stream: string
      readonly version: number
      readonly fold: number
      readonly under: string
    }
  | {
      readonly call: "lease"
      readonly topic: string
      readonly at: number
      readonly minutes: number
      readonly limit: number
    }
  | { readonly call: "settle"; readonly settlements: readonly Settlement[] }
  | { readonly call: "redrive"; readonly id: string; readonly at: number }
  | { readonly call: "park"; readonly id: string; readonly at: number; readonly blocking: boolean }
  | { readonly call: "find"; readonly query: IndexQuery }

/** Arbitrary operations over few keys. */
export const storageOperations = (maxLength: number): fc.Arbitrary<readonly StorageOperation[]> =>
  fc.array(operation, { minLength: 1, maxLength, size: "max" })

export interface ModelledStore {
  readonly name: string
  /** A store to run on; it may be the same one every time, programmes keep runs apart. */
  readonly open: () => Promise<Storage>
  /** Called after each run; left out: the store is left open. */
  readonly close?: (storage: Storage) => Promise<void>
}

export interface ModelOptions {
  /** Sequences for each property; left out: 100. */
  readonly runs?: number
  /** Operations in one sequence at most; left out: 60. */
  readonly length?: number
  /** Left out: another one each time. A counterexample prints its own. */
  readonly seed?: number
  /** Whether a counterexample is made as small as it goes, which takes time; left out: yes. */
  readonly shrink?: boolean
}

/**
 * Declares the model properties as tests.
 *
 * @param reference makes a fresh store that is right: `async () => memoryStorage()`.
 * @example storageModel({ name: "mine", open }, async () => memoryStorage(), { describe, it })
 */
export const storageModel = (
  store: ModelledStore,
  reference: () => Promise<Storage>,
  { describe, it }: TestRunner,
  { runs = 100, length = 60, seed, shrink = true }: ModelOptions = {},
): void => {
  const parameters = { numRuns: runs, endOnFailure: !shrink, ...(seed === undefined ? {} : { seed }) }
  const onStore = async (work: (storage: Storage) => Promise<void>): Promise<void> => {
    const storage = await store.open()
    try {
      await work(storage)
    } finally {
      await store.close?.(storage)
    }
  }
  const holds = (property: fc.IAsyncProperty<[readonly StorageOperation[]]>) =>
    fc.assert(property, parameters)
  const operations = storageOperations(length)

  describe(`storage model store/1: ${store.name}`, () => {
    it("S9 A3 O5 O7 random operations give the answers and the programme of the reference", () =>
      holds(
        fc.asyncProperty(operations, (drawn) =>
          onStore(async (storage) => sameBehaviour(await reference(), storage, randomUUID(), drawn)),
        ),
      ))
    it("A3 a programme is the same whatever happens in another one meanwhile", () =>
      holds(
        fc.asyncProperty(operations, (drawn) =>
          onStore(async (storage) => {
            await Promise.all([
              sameBehaviour(await reference(), storage, randomUUID(), drawn),
              sameBehaviour(await reference(), storage, randomUUID(), [...drawn].reverse()),
            ])
          }),
        ),
      ))
    it("I1 a programme is the same when every commit is delivered twice", () =>
      holds(
        fc.asyncProperty(operations, (drawn) =>
          onStore(async (storage) => {
            const twice = injectFaults(storage, [{ point: "commit", fault: "twice" }])
            await sameProgramme(await reference(), twice.storage, randomUUID(), drawn)
          }),
        ),
      ))
  })
}

/** Runs the operations on both stores and compares only what can be read afterwards. */
export const sameProgramme = async (
  left: Storage,
  right: Storage,
  programme: string,
  operations: readonly StorageOperation[],
): Promise<void> => {
  await bothDo(left, right, programme, operations, () => {})
  assert.deepEqual(await everythingFound(right, programme), await everythingFound(left, programme))
}

/**
 * Runs the operations on both stores and compares every answer, then everything that can be read.
 *
 * @throws AssertionError naming the first operation whose answers differ.
 */
export const sameBehaviour = async (
  left: Storage,
  right: Storage,
  programme: string,
  operations: readonly StorageOperation[],
): Promise<void> => {
  await bothDo(left, right, programme, operations, (at, one, a, b) => {
    assert.deepEqual(b, a, `operation ${at}, ${one.call}: ${right.name} differs from ${left.name}`)
  })
  assert.deepEqual(await everythingFound(right, programme), await everythingFound(left, programme))
}

// internal

const bothDo = async (
  left: Storage,
  right: Storage,
  programme: string,
  operations: readonly StorageOperation[],
  compare: (at: number, one: StorageOperation, a: unknown, b: unknown) => void,
): Promise<void> => {
  const tokens = new Map<string, number>()
  for (const [at, drawn] of operations.entries()) {
    const one = await resolved(left, programme, tokens, drawn)
    const [a, b] = [await answer(left, programme, one), await answer(right, programme, one)]
    compare(at, one, a, b)
    if (one.call === "lease" && Array.isArray(a)) {
      for (const { id, token } of a as readonly LeasedMessage[]) {
        tokens.delete(id)
        tokens.set(id, token)
      }
    }
  }
}

const streams = ["r/1", "r/2", "i/1"]
const keys = ["a", "b", "é", "🚨"]
const ranges = ["", "1", "2", "￥", "🚨"]

const oneOf = <A>(values: readonly A[]): fc.Arbitrary<A> => fc.constantFrom(...values)
const index = fc.record({ index: oneOf(["i", "j"]), equals: oneOf(keys), range: oneOf(ranges) })

/** How far from the right number: mostly not at all. */
const distance = fc.oneof({ weight: 7, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) })

const few = <A>(one: fc.Arbitrary<A>): fc.Arbitrary<A[]> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant<A[]>([]) },
    { weight: 1, arbitrary: fc.array(one, { maxLength: 2 }) },
  )

const commit: fc.Arbitrary<Commit> = fc
  .record({
    id: fc.integer({ min: 0, max: 40 }),
    payload: fc.integer({ min: 0, max: 5 }),
    appends: fc.uniqueArray(
      fc.record({
        stream: oneOf(streams),
        version: distance,
        events: fc.integer({ min: 1, max: 2 }),
        fold: fc.integer({ min: 1, max: 3 }),
        indexes: fc.array(index, { maxLength: 4 }),
      }),
      { selector: ({ stream }) => stream, maxLength: 2 },
    ),
    guards: fc.array(fc.record({ stream: oneOf(streams), version: distance }), {
      maxLength: 1,
    }),
    claims: few(
      fc.record({
        kind: oneOf<Claim["kind"]>(["take", "release"]),
        key: oneOf(keys),
        holder: oneOf(["h1", "h2"]),
      }),
    ),
    tallies: few(
      fc.record({
        key: oneOf(keys),
        by: oneOf([1, -1, 7, 8, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]),
      }),
    ),
    outbox: fc.uniqueArray(
      fc.record({
        id: oneOf(messages()),
        key: oneOf(["k", "l"]),
        topic: oneOf(["notify", "dispatch"]),
        at: fc.integer({ min: 0, max: 9 }),
      }),
      { maxLength: 2, selector: ({ id }) => id },
    ),
  })
  .map(({ id, payload, appends, guards, claims, tallies, outbox }) =>
    command(`c${id}`, {
      entry: `entry ${id} ${payload}`,
      payloadDigest: sha256(payload === 0 ? "another payload" : `payload of c${id}`),
      appends: appends.map(({ stream, version, events, fold, indexes }) =>
        append(stream, version, { foldVersion: fold, document: `${stream} by c${id}`, indexes }, events),
      ),
      guards,
      claims,
      tallies,
      outbox: outbox.map(({ id, key, topic, at }) => message(id, key, { topic, notBefore: minute(at) })),
    }),
  )

const settlement: fc.Arbitrary<Settlement> = fc
  .record({
    // "#0" stands for the row leased last, "#1" for the one before it.
    id: oneOf(["#0", "#0", "#1", "#2", "m1"]),
    token: distance,
    kind: oneOf<Settlement["kind"]>(["delivered", "retry", "dead"]),
    at: fc.integer({ min: 0, max: 20 }),
    flag: fc.boolean(),
  })
  .map(({ id, token, kind, at, flag }): Settlement => {
    if (kind === "delivered") return { id, token, kind, at: minute(at), receipt: `receipt ${at}` }
    if (kind === "retry") return { id, token, kind, notBefore: minute(at), counted: flag, note: `note ${at}` }
    return { id, token, kind, at: minute(at), blocking: flag, note: `note ${at}` }
  })

const query: fc.Arbitrary<IndexQuery> = fc
  .record({
    index: oneOf(["i", "j"]),
    equals: fc.array(oneOf(keys), { minLength: 1, maxLength: 4 }),
    order: oneOf<IndexQuery["order"]>(["ascending", "descending"]),
    limit: fc.integer({ min: 1, max: 4 }),
    from: fc.option(oneOf(ranges), { nil: undefined }),
    below: fc.option(oneOf(ranges), { nil: undefined }),
  })
  .map(({ from, below, ...rest }) => ({
    ...rest,
    ...(from === undefined ? {} : { from }),
    ...(below === undefined ? {} : { below }),
  }))

const operation: fc.Arbitrary<StorageOperation> = fc.oneof(
  { weight: 8, arbitrary: commit.map((one) => ({ call: "commit" as const, commit: one })) },
  {
    weight: 1,
    arbitrary: fc.record({
      call: fc.constant("restate" as const),
      stream: oneOf(streams),
      version: distance,
      fold: fc.integer({ min: 1, max: 4 }),
      under: oneOf(keys),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      call: fc.constant("lease" as const),
      topic: oneOf(["notify", "dispatch"]),
      at: fc.integer({ min: 0, max: 20 }),
      minutes: fc.integer({ min: 1, max: 9 }),
      limit: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc
      .array(settlement, { minLength: 1, maxLength: 3 })
      .map((settlements) => ({ call: "settle" as const, settlements })),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      call: fc.constant("redrive" as const),
      id: oneOf(messages()),
      at: fc.integer({ min: 0, max: 20 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      call: fc.constant("park" as const),
      id: oneOf(messages()),
      at: fc.integer({ min: 0, max: 20 }),
      blocking: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: query.map((one) => ({ call: "find" as const, query: one })) },
)

function messages(): readonly string[] {
  return ["m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9"]
}

/** The operation with the numbers that are right now, moved by the distances that were drawn. */
const resolved = async (
  storage: Storage,
  programme: string,
  tokens: ReadonlyMap<string, number>,
  one: StorageOperation,
): Promise<StorageOperation> => {
  if (one.call === "settle") {
    const recent = [...tokens.keys()].reverse()
    const settlements = one.settlements.map((each) => {
      const id = each.id.startsWith("#") ? (recent[Number(each.id.slice(1))] ?? "m1") : each.id
      return { ...each, id, token: (tokens.get(id) ?? 0) + each.token }
    })
    return { ...one, settlements }
  }
  if (one.call !== "commit" && one.call !== "restate") return one
  const stored = new Map(
    (await storage.load(programme, streams)).map((each) => [each?.stream, each?.version]),
  )
  const version = (stream: string, away: number): number => (stored.get(stream) ?? 0) + away
  if (one.call === "restate") return { ...one, version: Math.max(1, version(one.stream, one.version)) }
  const appends = one.commit.appends.map((each) => ({
    ...each,
    expectedVersion: version(each.stream, each.expectedVersion),
  }))
  const guards = one.commit.guards.map((each) => ({ ...each, version: version(each.stream, each.version) }))
  return { ...one, commit: { ...one.commit, appends, guards } }
}

/** What the store answers; a failure as its reason and outcome. */
const answer = async (storage: Storage, programme: string, one: StorageOperation): Promise<unknown> => {
  try {
    return await call(storage, programme, one)
  } catch (error) {
    if (isStorageFailure(error)) return { failed: error.reason, outcome: error.outcome }
    throw error
  }
}

const call = (storage: Storage, programme: string, one: StorageOperation): Promise<unknown> => {
  switch (one.call) {
    case "commit":
      return storage.commit(programme, one.commit)
    case "restate": {
      const { stream, version, fold, under } = one
      const state = { foldVersion: fold, document: `refolded ${fold}`, indexes: [entry("i", under, "2")] }
      return storage.restate(programme, [{ stream, version, state }])
    }
    case "lease": {
      const { topic, at, minutes, limit } = one
      return storage.lease(programme, {
        topic,
        worker: "w",
        now: minute(at),
        leaseUntil: minute(at + minutes),
        limit,
      })
    }
    case "settle":
      return storage.settle(programme, one.settlements)
    case "redrive":
      return storage.redrive(programme, one.id, minute(one.at))
    case "park": {
      const { id, at, blocking } = one
      return storage.park(programme, id, { at: minute(at), blocking, note: `parked ${at}` })
    }
    case "find":
      return walk(storage, programme, one.query)
  }
}

const walk = async (storage: Storage, programme: string, wanted: IndexQuery): Promise<unknown> => {
  const pages: unknown[] = []
  let cursor: string | undefined
  do {
    const page = await storage.find(programme, cursor === undefined ? wanted : { ...wanted, cursor })
    pages.push(page.rows)
    cursor = page.cursor
  } while (cursor !== undefined && pages.length < 100)
  return pages
}

const everythingFound = async (storage: Storage, programme: string) => ({
  ...(await everything(storage, programme)),
  indexes: await Promise.all(
    ["i", "j"].map((name) =>
      storage.find(programme, { index: name, equals: keys, order: "ascending", limit: 1_000 }),
    ),
  ),
  holders: await Promise.all(keys.map((key) => storage.holder(programme, key))),
  histories: await Promise.all(
    streams.map((stream) => storage.history(programme, stream, { after: 0, limit: 1_000 })),
  ),
  statuses: await Promise.all(
    (["pending", "delivered", "dead"] as const).map((status: OutboxStatus) =>
      storage.outbox(programme, { status, after: undefined, limit: 1_000 }),
    ),
  ),
})
