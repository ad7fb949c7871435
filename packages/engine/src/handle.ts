/**
 * From command to commit: the only place that reads, decides and commits.
 *
 * A command is parsed at the edge, waits for its key, is decided by a rule on states that are all guarded,
 * and is committed whole. A lost race is decided again on what is true now; a refusal by the rules is
 * stored and given again on a repeat (I6); an outage is not. The stored command id is scoped to its actor
 * (I3), so the same id again gets the stored answer (I1).
 *
 * What it does not do: it does not authenticate, render, deliver or wait for timers. Rules and folds run
 * as plain code; Effect wraps this once, in `yingshao-layer.ts`.
 */

import { type Refusal, type Refused, refuse } from "@yingshao/core/kernel/refusal"
import type { Context, Outcome } from "@yingshao/core/kernel/rule"
import type { Instant } from "@yingshao/core/kernel/time"
import type { CommitResult, JournalRecord } from "@yingshao/ports/storage"
import { makeTurnstile, openDoor, type Turnstile } from "@yingshao/ports/turnstile"
import { type Assembled, assemble, streamsWritten } from "./assemble.ts"
import { drive, type Reads, readState } from "./drive.ts"
import type { EngineClock } from "./engine-clock.ts"
import { decodeEntry, parsedEvents, type StoredEvent } from "./entry.ts"
import { type CommandInput, type Envelope, isRefused, parseEnvelope, parseParts } from "./envelope.ts"
import { Busy, Defect, Moved, tagOf } from "./failures.ts"
import { freshIds } from "./fresh-id.ts"
import { makeKeyedQueue } from "./keyed-queue.ts"
import { type PolicyShelf, programmeKey } from "./policy-shelf.ts"
import { type Footprint, makeRivalOrder, type Rival } from "./rival-order.ts"
import { addressed, type StreamReader, type World } from "./stream-reader.ts"

/** What a command gets back. `number` is its place in the journal; a bad command has none. */
export type Answer =
  | {
      readonly ok: true
      readonly number: number
      readonly at: Instant
      readonly events: readonly StoredEvent[]
    }
  | { readonly ok: false; readonly refusal: Refusal; readonly number?: number }

/** The case that the asker looked at, `report/{id}` for instance, and its version then. */
export interface Seen {
  readonly stream: string
  readonly version: number
}

/**
 * Runs each command within something of the host's, a span for instance: those of callers, of partners' receipts and
 * of the scheduler alike. It is told the type, which is one of the catalogue's, and must give back what `work` gives.
 */
export type Around = (type: string, work: () => Promise<Answer>) => Promise<Answer>

export interface Handler {
  /**
   * Decides and commits one command.
   *
   * @returns accepted with its events, or refused with a code; the same again for the same id and payload.
   *   `bad-command` and `command-id-reused` are answers too, and nothing is stored for them.
   * @param seen decides only while the case stands where the asker saw it; a repeat gets its stored answer all the same.
   * @throws Moved, Busy, Defect, Unreadable, IndexBuilding, or the store's `StorageFailure`. After an outcome `unknown` ask again
   *   with the same id.
   */
  handle(input: CommandInput, seen?: Seen): Promise<Answer>
  /** The same for the system's own commands, whose payload stands apart. */
  issue(head: Pick<CommandInput, "type" | "id" | "by">, payload: unknown): Promise<Answer>
  /** How many commands wait for their key. */
  waiting(): number
}

export interface HandlerOptions {
  readonly world: World
  readonly reader: StreamReader
  readonly shelf: PolicyShelf
  readonly clock: EngineClock
  /** Fresh ids are derived from it. */
  readonly secret: string
  /** 0 up to 1, for the pause between attempts. */
  readonly random: () => number
  /** The one command that is decided before the programme exists. */
  readonly openingCommand: string
  /** Refuses at the edge, with nothing stored, what no rule can look at: a policy that does not compile. */
  readonly check: (envelope: Envelope) => Refused | undefined
  /** After each commit of this process, with the journal number. */
  readonly onCommit: (number: number) => void
  /** Left out: nothing is done around a command. */
  readonly around?: Around | undefined
}

/**
 * Races that a command may lose before its asker is told to come back. In one process who has lost goes before who
 * comes later; beside n others that never rest it loses n of n + 1, and a crowd ends sooner than the pauses do.
 */
export const maxAttempts = 24

/** Commands that may wait in one process. */
export const maxWaiting = 10_000

/**
 * Commands decided side by side over a store whose reads take this thread: enough for one shared commit. Many that
 * begin together would all take the same step, then all the next one, and be ready for the disk at the same moment:
 * nothing would be written while they are decided.
 */
const decidedTogether = 8

export const makeHandler = (options: HandlerOptions): Handler => {
  const queue = makeKeyedQueue(maxWaiting)
  const rivals = makeRivalOrder(maxWaiting)
  const turns = options.world.storage.reads === undefined ? openDoor : makeTurnstile(decidedTogether)
  const enqueue = async (envelope: Envelope | Refused, seen?: Seen): Promise<Answer> => {
    if (isRefused(envelope)) return envelope
    const refused = options.check(envelope)
    if (refused !== undefined) return refused
    const work = () =>
      queue.run(envelope.definition.queue(envelope.payload), async () => {
        const rival = rivals.enter()
        try {
          return await attempts(options, { rival, turns }, envelope, seen)
        } finally {
          rival.leave()
        }
      })
    return options.around === undefined ? work() : options.around(envelope.type, work)
  }
  return {
    waiting: () => queue.waiting() + rivals.waiting(),
    handle: async (input, seen) => enqueue(parseEnvelope(options.world.catalogue, input), seen),
    issue: async (head, payload) => enqueue(parseParts(options.world.catalogue, head, payload)),
  }
}

/** The answer that a stored record stands for. */
export const answerOf = (world: World, record: JournalRecord): Answer => {
  const entry = decodeEntry(record)
  if (entry.refusal !== undefined) return { ok: false, refusal: entry.refusal, number: record.number }
  const events = parsedEvents(world.catalogue, entry, `journal ${record.number}`)
  return { ok: true, number: record.number, at: entry.command.at, events }
}

// internal

/** Failures that are typed already and go to the caller as they are. */
const passedOn: ReadonlySet<string | undefined> = new Set([
  "StorageFailure",
  "Busy",
  "Unreadable",
  "CannotOpen",
  "IndexBuilding",
])

/** Where a command waits for others of this process. */
interface Waits {
  readonly rival: Rival
  readonly turns: Turnstile
}

const noStreams: Footprint = { reads: new Set(), writes: new Set() }

interface Circumstances {
  readonly attempt: number
  readonly lostClaim: string | undefined
  readonly seen: Seen | undefined
}

/** What an attempt decided, and the streams it stands on. */
interface Attempt {
  readonly reads: Reads
  readonly at: Instant
  readonly outcome: Outcome
  readonly assembled: Assembled
}

/**
 * Decides until it is committed. Who lost a race goes before those of this process who came later and would make it
 * lose again: they wait, and then decide on what it made true. Waiting counts for no attempt.
 */
const attempts = async (
  options: HandlerOptions,
  { rival, turns }: Waits,
  envelope: Envelope,
  seen: Seen | undefined,
): Promise<Answer> => {
  const { storage, programme } = options.world
  let lostClaim: string | undefined
  let footprint: Footprint = noStreams
  for (let attempt = 1; attempt <= maxAttempts; ) {
    const reads: Reads = new Map()
    let decided: Attempt
    let result: CommitResult
    try {
      if (rival.isBehind(footprint)) await rival.turn(footprint)
      const circumstances = { attempt, lostClaim, seen }
      decided = await turns.run(() => decideOnce(options, envelope, reads, circumstances))
      footprint = { reads, writes: decided.assembled.written }
      if (rival.isBehind(footprint)) {
        rival.goesBefore(footprint)
        continue
      }
      result = await storage.commit(programme, decided.assembled.commit)
    } catch (error) {
      forget(options, reads)
      if (mayPass(error, attempt)) {
        await pause(options.random, attempt)
        attempt += 1
        continue
      }
      return recovered(options, envelope, error)
    }
    if (result.kind === "committed") return committed(options, decided, result.number)
    if (result.kind === "repeated") return answerOf(options.world, result.record)
    if (result.kind === "mismatch") return refuse("command-id-reused", { type: envelope.type })
    if (result.kind === "duplicate-message") {
      throw new Defect({ invariant: "O6", command: envelope.type })
    }
    // A stale cache loses once here; whatever the attempt stood on is read anew.
    forget(options, reads)
    rival.goesBefore(footprint)
    if (result.kind === "claimed") {
      if (lostClaim === result.key) throw new Defect({ invariant: "I5", command: envelope.type })
      if (attempt > 1) lostClaim = result.key
    }
    if (attempt > 1) await pause(options.random, attempt)
    attempt += 1
  }
  throw new Busy({ reason: "conflict", attempts: maxAttempts })
}

/**
 * A claim that is still taken after everything was read anew is no race: the rule does not see what the
 * key protects, and the key protects it all the same (I5). Then the answer is `already-claimed`.
 */
const decideOnce = async (
  options: HandlerOptions,
  envelope: Envelope,
  reads: Reads,
  { attempt, lostClaim, seen }: Circumstances,
): Promise<Attempt> => {
  const { world, reader, shelf, clock, secret } = options
  const programme = reader.cached(programmeKey) ?? (await readState(reader, reads, programmeKey))
  reads.set(programmeKey, programme)
  const at = clock.next()
  const fresh = freshIds(secret, world.programme, envelope.scopedId)
  let outcome: Outcome
  if (programme.version === 0 && envelope.type !== options.openingCommand) {
    outcome = refuse("programme-not-open")
  } else {
    const book = shelf.bookNow(programme) ?? (await shelf.book(programme))
    const context: Context = {
      by: envelope.by,
      scopes: [],
      at,
      today: book.dateOf(at),
      book,
      freshId: fresh.next,
    }
    outcome = await drive(world, reader, reads, world.catalogue.perform(envelope, context))
  }
  if (outcome.ok && lostClaim !== undefined && outcome.claims.some(({ key }) => key === lostClaim)) {
    outcome = refuse("already-claimed", { claim: lostClaim.split("/")[0] ?? "" })
  }
  for (const stream of streamsWritten(outcome)) {
    if (reads.has(stream)) continue
    const { id, definition } = addressed(world.catalogue, stream)
    // Nobody else can have made this id, so the first attempt does not look; if it is wrong, it conflicts.
    if (attempt === 1 && fresh.gave(id)) reads.set(stream, { version: 0, state: definition.initial })
    else await readState(reader, reads, stream)
  }
  if (seen !== undefined) await standsStill(reader, reads, seen)
  const occasion = { catalogue: world.catalogue, programme: world.programme, secret, envelope, at }
  return { reads, at, outcome, assembled: assemble(occasion, reads, outcome) }
}

/** What was read is guarded by the commit, so that a case which stands here still stands there. */
const standsStill = async (reader: StreamReader, reads: Reads, seen: Seen): Promise<void> => {
  const { version } = reads.get(seen.stream) ?? (await readState(reader, reads, seen.stream))
  if (version !== seen.version) throw new Moved({ expected: seen.version, version })
}

const committed = (options: HandlerOptions, decided: Attempt, number: number): Answer => {
  for (const [stream, { version, state, bytes }] of decided.assembled.written) {
    options.reader.keep(stream, { version, state }, bytes)
  }
  options.onCommit(number)
  const { outcome, at } = decided
  if (!outcome.ok) return { ok: false, refusal: outcome.refusal, number }
  return { ok: true, number, at, events: decided.assembled.events }
}

const forget = ({ reader }: HandlerOptions, reads: Reads): void => {
  for (const stream of reads.keys()) reader.forget(stream)
}

/**
 * A fault while deciding a command that was committed before still gets the stored answer. A calendar that
 * ends is an answer too, but not a stored one: once the year was added the same command must succeed. A
 * fault of the rules becomes a `Defect` without any data of the command; what is typed goes on as it is.
 */
const recovered = async (options: HandlerOptions, envelope: Envelope, error: unknown): Promise<Answer> => {
  const tag = tagOf(error)
  if (passedOn.has(tag)) throw error
  const { storage, programme } = options.world
  const stored = await storage.command(programme, envelope.scopedId)
  if (stored !== undefined) {
    return stored.payloadDigest === envelope.payloadDigest
      ? answerOf(options.world, stored)
      : refuse("command-id-reused", { type: envelope.type })
  }
  if (tag === "Moved") throw error
  const year = tag === "CalendarEnds" ? (error as { readonly year?: unknown }).year : undefined
  if (typeof year === "number") return refuse("calendar-ends", { year })
  const id = tag === "BrokenInvariant" ? (error as { readonly id?: unknown }).id : undefined
  throw new Defect({
    invariant: typeof id === "string" ? id : "unknown",
    command: envelope.type,
    cause: error,
  })
}

/**
 * A store that is busy and wrote nothing is asked again. A rule that threw may have seen one stream before
 * and another after a rival's commit, which no guard could tell it: it is decided anew before it counts.
 */
const mayPass = (error: unknown, attempt: number): boolean => {
  const tag = tagOf(error)
  if (tag === "StorageFailure") {
    const failure = error as { readonly reason?: unknown; readonly outcome?: unknown }
    return attempt < maxAttempts && failure.reason === "busy" && failure.outcome === "unchanged"
  }
  // What this process kept may be older than what the asker saw elsewhere.
  if (tag === "Moved") return attempt === 1
  return attempt < 3 && !passedOn.has(tag)
}

/**
 * At first hardly any: who lost to another process hears of it when that one begins anew as well, and whoever sleeps
 * then finds it busy again. Later longer and longer, so that a crowd elsewhere has an end. Different for each rival.
 */
const pause = (random: () => number, attempt: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, random() * Math.min(200, 2 ** Math.max(0, attempt - 8))))
