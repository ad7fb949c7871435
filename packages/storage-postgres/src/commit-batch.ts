/**
 * Several commits as the arguments of one call, in waves.
 *
 * Within a wave no commit reads or writes what another one writes, tallies excepted, so that the database
 * checks and writes a wave as a whole. A commit that meets one of its wave begins the next; a call has a few
 * waves at most, and what does not fit is left for the next call.
 */
import type { Commit, CommitResult, IndexEntry } from "@yingshao/ports/storage"
import type { PostgresAnswer } from "./postgres-pool.ts"

export interface Batch {
  /** How many of the commits, from the first, are in it. */
  readonly count: number
  /** For the function `commit_batch`, behind the programme. */
  readonly values: readonly (readonly unknown[])[]
}

/** A commit's result, or: send it once more by itself; its tally would leave the safe integers. */
export type Answer = CommitResult | { readonly kind: "again" } | { readonly kind: "overflow" }

/** How many arguments `values` has. */
export const batchArguments = 30

/** @param commits at least one. */
export const batchOf = (commits: readonly Commit[]): Batch => {
  const ends = wavesOf(commits)
  const count = ends.at(-1) ?? 0
  const taken = commits.slice(0, count)
  const appends = flat(taken, ({ appends }) => appends)
  const guards = flat(taken, ({ guards }) => guards)
  const claims = flat(taken, ({ claims }) => claims)
  const tallies = flat(taken, ({ tallies }) => tallies)
  const outbox = flat(taken, ({ outbox }) => outbox)
  const values = [
    ends,
    taken.map(({ commandId }) => commandId),
    taken.map(({ payloadDigest }) => payloadDigest),
    taken.map(({ entry }) => entry),
    taken.map(({ leaf }) => leaf),
    appends.map(({ at }) => at),
    appends.map(({ place }) => place),
    appends.map(({ one }) => one.stream),
    appends.map(({ one }) => one.expectedVersion),
    appends.map(({ one }) => one.events),
    appends.map(({ one }) => one.state.foldVersion),
    appends.map(({ one }) => packEntries(one.state.indexes)),
    appends.map(({ one }) => one.state.document),
    guards.map(({ at }) => at),
    guards.map(({ one }) => one.stream),
    guards.map(({ one }) => one.version),
    claims.map(({ at }) => at),
    claims.map(({ one }) => one.kind === "take"),
    claims.map(({ one }) => one.key),
    claims.map(({ one }) => one.holder),
    tallies.map(({ at }) => at),
    tallies.map(({ one }) => one.key),
    tallies.map(({ one }) => one.by),
    outbox.map(({ at }) => at),
    outbox.map(({ place }) => place),
    outbox.map(({ one }) => one.id),
    outbox.map(({ one }) => one.topic),
    outbox.map(({ one }) => one.orderingKey),
    outbox.map(({ one }) => one.notBefore),
    outbox.map(({ one }) => one.body),
  ]
  return { count, values }
}

/** One answer for each commit of the batch, from the rows of `commit_batch`. */
export const answersOf = (count: number, rows: PostgresAnswer["rows"]): readonly Answer[] => {
  const answers = Array<Answer | undefined>(count).fill(undefined)
  for (const row of rows) answers[Number(row[0]) - 1] = answerOf(row)
  if (answers.includes(undefined)) throw new Error("the database answered for some commits only")
  return answers as readonly Answer[]
}

/** Index entries as text, kept with the document. */
export const packEntries = (entries: readonly IndexEntry[]): string =>
  entries.length === 0
    ? "[]"
    : JSON.stringify(entries.map(({ index, equals, range }) => [index, equals, range]))

// internal

const mostWaves = 16

/** Where each wave ends: the number of commits up to and with its last one. */
const wavesOf = (commits: readonly Commit[]): readonly number[] => {
  const ends: number[] = []
  let written = new Set<string>()
  for (const [at, commit] of commits.entries()) {
    const writes = writtenBy(commit)
    if (
      writes.some((key) => written.has(key)) ||
      commit.guards.some(({ stream }) => written.has(`s${stream}`))
    ) {
      ends.push(at)
      if (ends.length === mostWaves) return ends
      written = new Set()
    }
    for (const key of writes) written.add(key)
  }
  ends.push(commits.length)
  return ends
}

/** Everything of which a commit must be the only writer in its wave, and no other may read it. */
const writtenBy = ({ commandId, appends, claims, outbox }: Commit): readonly string[] => [
  `c${commandId}`,
  ...appends.map(({ stream }) => `s${stream}`),
  ...claims.map(({ key }) => `k${key}`),
  ...outbox.map(({ id }) => `m${id}`),
]

interface Flat<A> {
  /** Which commit, from 1. */
  readonly at: number
  /** Place within the commit, from 0. */
  readonly place: number
  readonly one: A
}

const flat = <A>(commits: readonly Commit[], of: (commit: Commit) => readonly A[]): readonly Flat<A>[] =>
  commits.flatMap((commit, at) => of(commit).map((one, place) => ({ at: at + 1, place, one })))

/** at, kind, subject, holder, number, hash, command, digest, entry, leaf */
const answerOf = (row: PostgresAnswer["rows"][number]): Answer => {
  const [, kind, subject, holder, number, hash, commandId, payloadDigest, entry, leaf] = row
  switch (kind as Answer["kind"]) {
    case "committed":
      return { kind: "committed", number: Number(number), hash }
    case "repeated":
    case "mismatch": {
      const record = { number: Number(number), commandId, payloadDigest, entry, leaf, hash }
      return { kind, record } as CommitResult
    }
    case "conflict":
      return { kind: "conflict", stream: subject, version: Number(number) }
    case "claimed":
      return { kind: "claimed", key: subject, holder: holder ?? undefined }
    case "duplicate-message":
      return { kind: "duplicate-message", id: subject }
    case "again":
      return { kind: "again" }
    case "overflow":
      return { kind: "overflow" }
  }
}
