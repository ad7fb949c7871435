/**
 * The storage port, `store/1`: everything that one command produced goes in with one atomic `commit`.
 *
 * An adapter never learns what an event means: it keeps texts, integers and keys. It does not parse
 * `entry` or `document`. Every method takes the programme; programmes never wait for each other and never
 * see each other. All lists are bounded by the `limit` asked for.
 *
 * Texts. Sizes are in `storage-limits.ts`, and every store refuses the same ones. All texts are well-formed
 * Unicode without NUL. "Byte order" is the order of UTF-8 bytes (`byte-order.ts`). Programmes and stream
 * keys are printable ASCII without blanks; every other key is 1 to 200 bytes without control characters.
 *
 * Objects handed over may be changed by the caller once the method has returned its promise; objects given
 * back are the caller's own.
 *
 * What it does not do: it does not decide, does not retry, does not know the time. Instants come from the
 * caller as ISO 8601 UTC texts of equal length (`2026-01-01T00:00:00.000Z`), so that they sort as texts.
 *
 * Failures. A commit that lost a race returns a result that is data. An outage rejects with
 * `StorageFailure`. When the connection was lost while committing, the failure says `outcome: "unknown"`:
 * the caller asks again with the same command id and gets either the stored entry or a fresh attempt.
 */

export const storageContract = "store/1"

/** Name of a stream: `report/r-…`, `incident/i-…`. At most 200 bytes, printable ASCII without blanks. */
export type StreamKey = string

/**
 * One stream touched by a commit. The stream must stand at `expectedVersion` (0: it must not exist); afterwards it
 * stands at `expectedVersion + events`.
 */
export interface Append {
  readonly stream: StreamKey
  readonly expectedVersion: number
  /** How many events of `entry` belong to this stream, 1 to 1,000. */
  readonly events: number
  readonly state: StateDocument
}

/** The cache of fold(events) of one stream, replaced as a whole, with its index entries. */
export interface StateDocument {
  /** Version of the fold that made it. */
  readonly foldVersion: number
  /** At most 64 KB of text. */
  readonly document: string
  /** At most 16. They replace all earlier entries of this stream; identical ones count once. */
  readonly indexes: readonly IndexEntry[]
}

/** `range` sorts in byte order; `""` where only equality matters. `equals` and `range` may be empty. */
export interface IndexEntry {
  readonly index: string
  readonly equals: string
  readonly range: string
}

/** A stream that was read and must still stand at this version (0: must still not exist). */
export interface Guard {
  readonly stream: StreamKey
  readonly version: number
}

/**
 * A unique key. `take` fails when anybody holds it, the same holder included; `release` fails when `holder`
 * does not hold it. The claims of one commit are worked in order, so that a release and a take hand over.
 */
export type Claim =
  | { readonly kind: "take"; readonly key: string; readonly holder: string }
  | { readonly kind: "release"; readonly key: string; readonly holder: string }

/** An integer that commits add to. Safe integers; a sum outside them is refused. */
export interface TallyIncrement {
  readonly key: string
  readonly by: number
}

/** A message to be delivered at least once, in order per `orderingKey` within its `topic`. */
export interface OutboxMessage {
  /** Unique in the programme; stays the same on every attempt. */
  readonly id: string
  /** `notify` or `dispatch`, or another family a host adds. */
  readonly topic: string
  readonly orderingKey: string
  /** Not before this instant. */
  readonly notBefore: string
  readonly body: string
}

/**
 * All of it or nothing. Checked in this order, the first that fails is the answer: command id, appends,
 * guards, claims, message ids, tallies. A stream may be named by one append only. A commit without appends
 * is good: that is how a refusal is remembered.
 */
export interface Commit {
  /** Unique in the programme; the engine scopes it to the actor. At most 200 bytes. */
  readonly commandId: string
  /** SHA-256, hex, of the command's canonical payload. The same id with another digest is a mismatch. */
  readonly payloadDigest: string
  /** Everything to remember: command, events, refusal, audit. Stored and given back byte for byte. */
  readonly entry: string
  /** SHA-256, 64 lower-case hex digits, of the canonical bytes of `entry`, made by the engine; the store chains it. */
  readonly leaf: string
  readonly appends: readonly Append[]
  readonly guards: readonly Guard[]
  readonly claims: readonly Claim[]
  readonly tallies: readonly TallyIncrement[]
  readonly outbox: readonly OutboxMessage[]
}

export type CommitResult =
  /** All of it is durable. */
  | { readonly kind: "committed"; readonly number: number; readonly hash: string }
  /** This command id was committed before with the same digest; nothing was written now. */
  | { readonly kind: "repeated"; readonly record: JournalRecord }
  /** This command id was committed before with another digest; nothing was written. */
  | { readonly kind: "mismatch"; readonly record: JournalRecord }
  /** An append or guard stands at another version. Nothing was written. */
  | { readonly kind: "conflict"; readonly stream: StreamKey; readonly version: number }
  /** A claim is held by somebody else, or is not held by the one who releases it. Nothing was written. */
  | { readonly kind: "claimed"; readonly key: string; readonly holder: string | undefined }
  /** An outbox id is in use already. Nothing was written. */
  | { readonly kind: "duplicate-message"; readonly id: string }

/**
 * One row of the journal. Numbers are 1, 2, 3, … without gaps within a programme.
 * `hash(n) = SHA-256("yingshao/journal/1\n" + n + "\n" + hash(n-1) + "\n" + leaf(n))`, hex, UTF-8;
 * `hash(0)` is 64 zeros. See `chainHash`.
 */
export interface JournalRecord {
  readonly number: number
  readonly commandId: string
  readonly payloadDigest: string
  readonly entry: string
  readonly leaf: string
  readonly hash: string
}

export interface LoadedState {
  readonly stream: StreamKey
  readonly version: number
  readonly foldVersion: number
  readonly document: string
}

export interface IndexQuery {
  readonly index: string
  /** One equality key or a few, 1 to 32; results are merged in order. */
  readonly equals: readonly string[]
  /** Inclusive lower and exclusive upper bound of the range key. */
  readonly from?: string
  readonly below?: string
  readonly order: "ascending" | "descending"
  /** 1 to 1,000. */
  readonly limit: number
  /** From the page before. */
  readonly cursor?: string
}

/**
 * Ordered by (range, stream, equals) in byte order, or the reverse of it; a stream appears once for every
 * entry that matches. The cursor is the place of the last row: rows written behind it meanwhile are not
 * seen, rows that stay where they are come exactly once.
 */
export interface IndexPage {
  readonly rows: readonly (LoadedState & { readonly equals: string; readonly range: string })[]
  readonly cursor: string | undefined
}

export interface Head {
  readonly number: number
  readonly hash: string
}

export interface Tally {
  readonly key: string
  readonly value: number
}

export interface LeaseRequest {
  readonly topic: string
  readonly worker: string
  readonly now: string
  readonly leaseUntil: string
  /**
   * 1 to 1,000 rows, at most one per ordering key: the oldest that is neither delivered nor given up without
   * blocking, and only when it is due and in nobody's lease. A lease is over at its `leaseUntil`. The row that
   * has been due longest comes first, so that a message tried again does not go before others.
   */
  readonly limit: number
}

export interface LeasedMessage extends OutboxMessage {
  /** Grows with every lease of the row; settling needs the newest. */
  readonly token: number
  /** Attempts that were counted before this one, since the row was last redriven. */
  readonly attempts: number
  /** Note of the last settlement, also across a redrive; `""` before the first. */
  readonly note: string
}

export type Settlement = { readonly id: string; readonly token: number } & (
  | { readonly kind: "delivered"; readonly at: string; readonly receipt: string }
  /** Try again not before `notBefore`; `counted` adds one to `attempts`. */
  | { readonly kind: "retry"; readonly notBefore: string; readonly counted: boolean; readonly note: string }
  /** Given up: listed, counted, re-drivable. `blocking` keeps its ordering key closed. */
  | { readonly kind: "dead"; readonly at: string; readonly blocking: boolean; readonly note: string }
)

/** `fenced`: another worker leased the row since, or it is settled, or there is no such row; nothing changed. */
export type SettleResult = "settled" | "fenced"

export type OutboxStatus = "pending" | "delivered" | "dead"

export interface OutboxRow extends OutboxMessage {
  /** Place in the queue: journal number of its commit, then position within the commit. */
  readonly number: number
  readonly position: number
  readonly status: OutboxStatus
  readonly attempts: number
  /** Of the last settlement: its note, or the receipt when delivered. */
  readonly note: string
  readonly leasedUntil: string | undefined
  /** When it was delivered or given up. */
  readonly settledAt: string | undefined
}

/** How a person takes a message out of the queue. */
export interface Parking {
  readonly at: string
  readonly blocking: boolean
  readonly note: string
}

export interface OutboxCounts {
  readonly pending: number
  readonly delivered: number
  readonly dead: number
}

/**
 * A document refolded at an unchanged version. Ignored when the stream stands at another version or the
 * stored fold is newer. (A commit always stores the document it brings: an older server that appends leaves a
 * document of the older fold, and a newer one refolds it.)
 */
export interface Restatement {
  readonly stream: StreamKey
  readonly version: number
  readonly state: StateDocument
}

/**
 * What the doctor shows: one line a setting, `ok: false` where durability is less than promised.
 *
 * A line `clock offset ms` says how far the database's clock is off this machine's.
 */
export interface StorageSetting {
  readonly name: string
  readonly value: string
  readonly wanted: string
  readonly ok: boolean
}

/**
 * Lets the entries of old records leave the store, once somebody keeps them in a sealed file.
 *
 * Everything else of a record stays: number, command id, payload digest, leaf, hash, and which streams it
 * touched. So the chain is whole and a repeated command is recognised. The record is given back with the entry
 * `""`, which no commit can bring; whoever has the file puts the text back in and checks it by its leaf.
 */
export interface Archiving {
  /** Up to which number entries have left; 0: none. */
  archivedTo(programme: string): Promise<number>
  /**
   * Lets the entries up to and including a place of the chain leave. May be done in steps; an interrupted call is
   * called again.
   *
   * @returns up to which number entries have left now: unchanged when the record there has another hash, when
   *   there is none, or when more had left before.
   */
  archive(programme: string, upTo: Head): Promise<number>
}

export interface Storage {
  readonly contract: typeof storageContract
  /** For people: `memory`, `sqlite 3.53.0`. */
  readonly name: string
  /**
   * Says that this thread does the reading itself. Commands that read side by side then gain nothing by it, and
   * the engine decides a few at a time, so that the first of them are written while others are decided. Left
   * out: reads wait for somebody else.
   */
  readonly reads?: "in-this-thread"
  commit(programme: string, commit: Commit): Promise<CommitResult>
  /** In the order asked; `undefined` where a stream does not exist. 0 to 1,000 keys. */
  load(programme: string, streams: readonly StreamKey[]): Promise<readonly (LoadedState | undefined)[]>
  find(programme: string, query: IndexQuery): Promise<IndexPage>
  /** All streams whose key starts with `prefix`, in byte order, after the key `after`. */
  streams(
    programme: string,
    page: { readonly prefix: string; readonly after: StreamKey | undefined; readonly limit: number },
  ): Promise<readonly LoadedState[]>
  /** Journal records that touched the stream, oldest first, with a number above `after`. */
  history(
    programme: string,
    stream: StreamKey,
    page: { readonly after: number; readonly limit: number },
  ): Promise<readonly JournalRecord[]>
  journal(
    programme: string,
    page: { readonly after: number; readonly limit: number },
  ): Promise<readonly JournalRecord[]>
  /** The stored record of a command, or `undefined`. */
  command(programme: string, commandId: string): Promise<JournalRecord | undefined>
  head(programme: string): Promise<Head>
  /** In byte order of the key. */
  tallies(
    programme: string,
    page: { readonly prefix: string; readonly after: string | undefined; readonly limit: number },
  ): Promise<readonly Tally[]>
  /** Who holds a claim. */
  holder(programme: string, key: string): Promise<string | undefined>
  /** How many were replaced. 0 to 1,000 restatements. */
  restate(programme: string, restatements: readonly Restatement[]): Promise<number>
  lease(programme: string, request: LeaseRequest): Promise<readonly LeasedMessage[]>
  /** One answer each, in order. 0 to 1,000 settlements. */
  settle(programme: string, settlements: readonly Settlement[]): Promise<readonly SettleResult[]>
  /** Rows of one status in their place in the queue. */
  outbox(
    programme: string,
    page: {
      readonly status: OutboxStatus
      readonly after: { readonly number: number; readonly position: number } | undefined
      readonly limit: number
    },
  ): Promise<readonly OutboxRow[]>
  outboxCounts(programme: string): Promise<OutboxCounts>
  /** Puts a dead row back in its place in the queue, with no attempts counted. False when it is not dead. */
  redrive(programme: string, id: string, notBefore: string): Promise<boolean>
  /**
   * A person takes a message out: a pending row that is in nobody's lease at `at` is given up, a dead one gets
   * another note, and `blocking` says anew whether its key stays closed. False for any other row.
   */
  park(programme: string, id: string, parking: Parking): Promise<boolean>
  settings(): Promise<readonly StorageSetting[]>
  /** Only in stores that can do it. */
  readonly archiving?: Archiving
  /** Finishes what was accepted; afterwards every method but this rejects with `closed`. */
  close(): Promise<void>
}

/** The port could not do its work. Never a refusal of the rules. */
export interface StorageFailure extends Error {
  readonly _tag: "StorageFailure"
  /** `unchanged`: certainly nothing was written. `unknown`: it may have been; ask by command id. */
  readonly outcome: "unchanged" | "unknown"
  readonly reason:
    | "unavailable"
    | "full"
    | "busy"
    | "newer-schema"
    | "foreign-file"
    | "corrupt"
    | "invalid"
    | "closed"
  /** For staff, without data of the command: what is wrong and where. */
  readonly message: string
}

/** Makes a `StorageFailure`. `_tag` is compared, never the class. */
export const storageFailure = (
  reason: StorageFailure["reason"],
  outcome: StorageFailure["outcome"],
  message: string,
  cause?: unknown,
): StorageFailure =>
  Object.assign(new Error(message, cause === undefined ? undefined : { cause }), {
    _tag: "StorageFailure" as const,
    reason,
    outcome,
  })

/** Is this failure one of the storage port? */
export const isStorageFailure = (error: unknown): error is StorageFailure =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "StorageFailure"
