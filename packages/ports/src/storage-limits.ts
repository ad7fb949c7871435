/**
 * What a store refuses before it looks at its data: sizes, forms, page limits.
 *
 * Every store calls these checks first, so that all refuse the same and none is kinder than the others. A
 * check returns a copy: the caller may change its object afterwards. Breaking a limit is a fault of the
 * calling program, never of a person: `StorageFailure` with reason `invalid` and outcome `unchanged`.
 * Messages name the field and its size, never its content.
 */
import { decodeCursor } from "./index-cursor.ts"
import {
  type Append,
  type Commit,
  type Head,
  type IndexQuery,
  type LeaseRequest,
  type OutboxStatus,
  type Parking,
  type Restatement,
  type Settlement,
  type StateDocument,
  type Storage,
  storageFailure,
} from "./storage.ts"

/** Sizes in UTF-8 bytes, lists in elements. */
export const storageLimits = {
  programmeBytes: 64,
  keyBytes: 200,
  entryBytes: 1_048_576,
  documentBytes: 65_536,
  bodyBytes: 65_536,
  noteBytes: 4_096,
  eventsPerAppend: 1_000,
  indexesPerDocument: 16,
  equalsPerQuery: 32,
  appends: 256,
  guards: 1_000,
  claims: 1_000,
  tallies: 1_000,
  messages: 1_000,
  page: 1_000,
} as const

/** Refuses a commit beyond the limits; returns a copy of a good one. Identical index entries count once. */
export const checkCommit = (commit: Commit): Commit => {
  key("commandId", commit.commandId)
  digest("payloadDigest", commit.payloadDigest)
  text("entry", commit.entry, 1, storageLimits.entryBytes)
  digest("leaf", commit.leaf)
  const seen = new Set<string>()
  return {
    commandId: commit.commandId,
    payloadDigest: commit.payloadDigest,
    entry: commit.entry,
    leaf: commit.leaf,
    appends: each("appends", commit.appends, storageLimits.appends, (append, what) => {
      if (seen.has(append.stream)) refuse(what, "names a stream twice")
      seen.add(append.stream)
      return checkAppend(append, what)
    }),
    guards: each("guards", commit.guards, storageLimits.guards, (guard, what) => {
      checkStreamKey(guard.stream, what)
      integer(`${what}.version`, guard.version, 0)
      return { stream: guard.stream, version: guard.version }
    }),
    claims: each("claims", commit.claims, storageLimits.claims, (claim, what) => {
      if (claim.kind !== "take" && claim.kind !== "release") refuse(what, "is neither take nor release")
      key(`${what}.key`, claim.key)
      key(`${what}.holder`, claim.holder)
      return { kind: claim.kind, key: claim.key, holder: claim.holder }
    }),
    tallies: each("tallies", commit.tallies, storageLimits.tallies, (tally, what) => {
      key(`${what}.key`, tally.key)
      integer(`${what}.by`, tally.by, Number.MIN_SAFE_INTEGER)
      return { key: tally.key, by: tally.by }
    }),
    outbox: each("outbox", commit.outbox, storageLimits.messages, (message, what) => {
      key(`${what}.id`, message.id)
      key(`${what}.topic`, message.topic)
      key(`${what}.orderingKey`, message.orderingKey)
      instant(`${what}.notBefore`, message.notBefore)
      text(`${what}.body`, message.body, 0, storageLimits.bodyBytes)
      const { id, topic, orderingKey, notBefore, body } = message
      return { id, topic, orderingKey, notBefore, body }
    }),
  }
}

export const checkRestatements = (restatements: readonly Restatement[]): readonly Restatement[] =>
  each("restatements", restatements, storageLimits.page, (one, what) => {
    checkStreamKey(one.stream, what)
    integer(`${what}.version`, one.version, 1)
    return { stream: one.stream, version: one.version, state: checkState(one.state, what) }
  })

/** Returns a copy whose `equals` holds each key once. */
export const checkQuery = (query: IndexQuery): IndexQuery => {
  key("index", query.index)
  if (query.equals.length === 0) refuse("equals", "is empty")
  each("equals", query.equals, storageLimits.equalsPerQuery, (one, what) =>
    text(what, one, 0, storageLimits.keyBytes),
  )
  if (query.from !== undefined) text("from", query.from, 0, storageLimits.keyBytes)
  if (query.below !== undefined) text("below", query.below, 0, storageLimits.keyBytes)
  if (query.order !== "ascending" && query.order !== "descending") refuse("order", "is unknown")
  checkLimit(query.limit)
  if (query.cursor !== undefined) decodeCursor(query.cursor)
  return { ...query, equals: [...new Set(query.equals)] }
}

export const checkLease = (request: LeaseRequest): LeaseRequest => {
  key("topic", request.topic)
  key("worker", request.worker)
  instant("now", request.now)
  instant("leaseUntil", request.leaseUntil)
  if (request.leaseUntil <= request.now) refuse("leaseUntil", "is not after now")
  checkLimit(request.limit)
  return { ...request }
}

export const checkSettlements = (settlements: readonly Settlement[]): readonly Settlement[] =>
  each("settlements", settlements, storageLimits.page, (one, what) => {
    key(`${what}.id`, one.id)
    integer(`${what}.token`, one.token, 0)
    if (one.kind === "retry") instant(`${what}.notBefore`, one.notBefore)
    else if (one.kind === "delivered" || one.kind === "dead") instant(`${what}.at`, one.at)
    else refuse(what, "is neither delivered nor retry nor dead")
    text(`${what} note`, one.kind === "delivered" ? one.receipt : one.note, 0, storageLimits.noteBytes)
    return { ...one }
  })

export const checkParking = (id: string, { at, blocking, note }: Parking): Parking => {
  key("message id", id)
  instant("at", at)
  text("note", note, 0, storageLimits.noteBytes)
  return { at, blocking: blocking === true, note }
}

export const checkProgramme = (programme: string): void =>
  ascii("programme", programme, 1, storageLimits.programmeBytes)

export const checkStreamKey = (stream: string, what = "stream"): void =>
  ascii(`${what} key`, stream, 1, storageLimits.keyBytes)

export const checkStreamKeys = (streams: readonly string[]): readonly string[] =>
  each("streams", streams, storageLimits.page, (stream, what) => {
    checkStreamKey(stream, what)
    return stream
  })

/** Any key: command, claim, tally, message. 1 to 200 bytes without control characters. */
export const checkKey = (what: string, value: string): void => key(what, value)

/** A prefix or the key after which a page starts: like a key, and may be empty. */
export const checkKeyPart = (what: string, value: string | undefined): void => {
  if (value !== undefined) text(what, value, 0, storageLimits.keyBytes)
}

export const checkInstant = (what: string, value: string): void => instant(what, value)

/** A page limit, 1 to 1,000. */
export const checkLimit = (limit: number): void => {
  integer("limit", limit, 1)
  if (limit > storageLimits.page) refuse("limit", `is ${limit}, at most ${storageLimits.page}`)
}

/** A page of the journal or of a history: limit, and a number of 0 or more to start after. */
export const checkPage = (page: { readonly after: number; readonly limit: number }): void => {
  integer("after", page.after, 0)
  checkLimit(page.limit)
}

/** A place of the chain: a number of 1 or more and a hash. */
export const checkPlace = ({ number, hash }: Head): void => {
  integer("number", number, 1)
  digest("hash", hash)
}

/** A page of the outbox: a known status, and a place to start after. */
export const checkOutboxPage = (page: Parameters<Storage["outbox"]>[1]): void => {
  if (!outboxStatuses.includes(page.status)) refuse("status", "is unknown")
  if (page.after !== undefined) {
    integer("after.number", page.after.number, 0)
    integer("after.position", page.after.position, 0)
  }
  checkLimit(page.limit)
}

/** Adds to a tally; refuses a sum outside the safe integers. */
export const addToTally = (value: number, by: number): number => {
  const sum = value + by
  if (!Number.isSafeInteger(sum)) refuse("tally", "would leave the safe integers")
  return sum
}

// internal

const outboxStatuses: readonly OutboxStatus[] = ["pending", "delivered", "dead"]

const checkAppend = (append: Append, what: string): Append => {
  checkStreamKey(append.stream, what)
  integer(`${what}.expectedVersion`, append.expectedVersion, 0)
  integer(`${what}.events`, append.events, 1)
  if (append.events > storageLimits.eventsPerAppend) refuse(`${what}.events`, `is ${append.events}`)
  return {
    stream: append.stream,
    expectedVersion: append.expectedVersion,
    events: append.events,
    state: checkState(append.state, what),
  }
}

const checkState = (state: StateDocument, what: string): StateDocument => {
  integer(`${what}.foldVersion`, state.foldVersion, 0)
  text(`${what}.document`, state.document, 0, storageLimits.documentBytes)
  const seen = new Set<string>()
  const indexes = each(`${what}.indexes`, state.indexes, storageLimits.indexesPerDocument, (entry, place) => {
    key(`${place}.index`, entry.index)
    text(`${place}.equals`, entry.equals, 0, storageLimits.keyBytes)
    text(`${place}.range`, entry.range, 0, storageLimits.keyBytes)
    return { index: entry.index, equals: entry.equals, range: entry.range }
  }).filter(({ index, equals, range }) => {
    const identity = `${index}\0${equals}\0${range}`
    return !seen.has(identity) && seen.add(identity)
  })
  return { foldVersion: state.foldVersion, document: state.document, indexes }
}

const refuse = (what: string, why: string): never => {
  throw storageFailure("invalid", "unchanged", `storage: ${what} ${why}`)
}

const each = <A, B>(
  what: string,
  values: readonly A[],
  most: number,
  check: (value: A, what: string) => B,
): readonly B[] => {
  if (!Array.isArray(values)) return refuse(what, "is not a list")
  if (values.length > most) refuse(what, `has ${values.length} elements, at most ${most}`)
  return values.map((value, at) => check(value, `${what}[${at}]`))
}

const text = (what: string, value: string, least: number, most: number): string => {
  if (typeof value !== "string") return refuse(what, "is not a text")
  const bytes = value.length * 3 <= most ? value.length : Buffer.byteLength(value)
  if (bytes < least) refuse(what, "is empty")
  if (bytes > most) refuse(what, `has ${bytes} bytes, at most ${most}`)
  if (!value.isWellFormed()) refuse(what, "is not well-formed Unicode")
  if (value.includes("\0")) refuse(what, "holds a NUL character")
  return value
}

const key = (what: string, value: string): void => {
  text(what, value, 1, storageLimits.keyBytes)
  for (let at = 0; at < value.length; at += 1) {
    const unit = value.charCodeAt(at)
    if (unit < 0x20 || unit === 0x7f) refuse(what, "holds a control character")
  }
}

const ascii = (what: string, value: string, least: number, most: number): void => {
  if (typeof value !== "string") refuse(what, "is not a text")
  if (value.length < least) refuse(what, "is empty")
  if (value.length > most) refuse(what, `has ${value.length} bytes, at most ${most}`)
  if (!/^[!-~]*$/.test(value)) refuse(what, "is not printable ASCII without blanks")
}

const integer = (what: string, value: number, least: number): void => {
  if (!Number.isSafeInteger(value)) refuse(what, "is not a safe integer")
  if (value < least) refuse(what, `is below ${least}`)
}

const digest = (what: string, value: string): void => {
  if (typeof value !== "string" || !/^[0-9a-f]{64}$/.test(value))
    refuse(what, "is not 64 lower-case hex digits")
}

const instant = (what: string, value: string): void => {
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)) {
    refuse(what, "is not an instant like 2026-01-01T00:00:00.000Z")
  }
}
