/**
 * The scheduler: finds what is due by index and issues commands like anybody else.
 *
 * It keeps no list of its own: what is due stands in index entries, written with the events that made it
 * due. A command's id follows from what is due, its stream, the stream's version and the day, so two
 * schedulers, a restart or a second run give one effect (F4, I8); a refusal is not asked again until
 * something about the stream has changed, or another day has begun. Starting late is no special case: due levels are
 * worked off one after the other, in order, until nothing more is due.
 *
 * What it does not do: it decides nothing. The rule of the command looks again whether the time has come.
 */
import { schedulerActor } from "@yingshao/core/kernel/roles"
import { fromMs, type Instant, toMs } from "@yingshao/core/kernel/time"
import type { IndexPage } from "@yingshao/ports/storage"
import { sha256 } from "./canonical.ts"
import type { EngineClock } from "./engine-clock.ts"
import { tagOf } from "./failures.ts"
import type { Handler } from "./handle.ts"
import { needIndex } from "./index-building.ts"
import { addressed, stateOf, type World } from "./stream-reader.ts"
import { makeWake } from "./wake.ts"

/** A stream found under an index whose range key is the instant at which something is due. */
export interface DueStream {
  readonly kind: string
  readonly id: string
  readonly state: unknown
  readonly range: string
}

/** A command that is due. `key` tells it from others of its type on the same stream. */
export interface DueCommand {
  readonly type: string
  readonly key: string
  readonly payload: Readonly<Record<string, unknown>>
}

/** One kind of timer: where its due streams are found and which commands they ask for. */
export interface TimerSource {
  readonly index: string
  readonly equals: string
  /** Range keys start with an instant; rows up to and including `now` are due. */
  commands(due: DueStream, now: Instant): readonly DueCommand[]
}

/** What a run did. `refused` and `failed` ones stay due and are listed by the doctor. */
export interface RunCounts {
  readonly issued: number
  readonly accepted: number
  readonly refused: number
  readonly failed: number
}

export interface Scheduler {
  /** Does everything that is due by now, or by an earlier instant. */
  runDue(until?: Instant): Promise<RunCounts>
  /** The earliest instant at which something is due, at or after `from`; `undefined` when nothing is. */
  nextDueAt(from?: Instant): Promise<Instant | undefined>
  /** Runs every `everyMs` (left out: 5,000) until `signal` aborts; an outage is passed to `onFailure`. */
  follow(options: {
    readonly signal: AbortSignal
    readonly everyMs?: number
    readonly onFailure?: (error: unknown) => void
  }): Promise<void>
}

export interface SchedulerOptions {
  readonly world: World
  readonly handler: Pick<Handler, "issue">
  readonly clock: EngineClock
  readonly sources: readonly TimerSource[]
}

/** Rows read at a time. */
const pageLimit = 200

/** Rounds after which a run stops although something was still accepted: no ladder is that long. */
const maxRounds = 1_000

export const makeScheduler = (options: SchedulerOptions): Scheduler => {
  const sleep = makeWake()
  const scheduler: Scheduler = {
    async runDue(until) {
      const now = options.clock.now()
      const limit = until !== undefined && until < now ? until : now
      const total = { issued: 0, accepted: 0, refused: 0, failed: 0 }
      for (let round = 0; round < maxRounds; round += 1) {
        const counts = await runRound(options, limit)
        total.issued += counts.issued
        total.accepted += counts.accepted
        total.refused = counts.refused
        total.failed = counts.failed
        if (counts.accepted === 0) break
      }
      return total
    },
    async nextDueAt(from) {
      let earliest: Instant | undefined
      for (const { index, equals } of options.sources) {
        await needIndex(options.world, index)
        const { rows } = await options.world.storage.find(options.world.programme, {
          index,
          equals: [equals],
          ...(from === undefined ? {} : { from }),
          order: "ascending",
          limit: 1,
        })
        const at = rows[0]?.range.slice(0, instantLength) as Instant | undefined
        if (at !== undefined && (earliest === undefined || at < earliest)) earliest = at
      }
      return earliest
    },
    async follow({ signal, everyMs = 5_000, onFailure }) {
      while (!signal.aborted) {
        try {
          await scheduler.runDue()
        } catch (error) {
          onFailure?.(error)
        }
        await sleep.wait(everyMs, signal)
      }
    },
  }
  return scheduler
}

// internal

const instantLength = fromMs(0).length

const dayLength = "2026-01-01".length

type Counts = { -readonly [K in keyof RunCounts]: RunCounts[K] }

/** One walk over all that is due; what becomes due by it is left to the next walk. */
const runRound = async (options: SchedulerOptions, now: Instant): Promise<Counts> => {
  const { storage, programme } = options.world
  const counts: Counts = { issued: 0, accepted: 0, refused: 0, failed: 0 }
  const below = fromMs(toMs(now) + 1)
  for (const source of options.sources) {
    await needIndex(options.world, source.index)
    for (let cursor: string | undefined; ; ) {
      const page: IndexPage = await storage.find(programme, {
        index: source.index,
        equals: [source.equals],
        below,
        order: "ascending",
        limit: pageLimit,
        ...(cursor === undefined ? {} : { cursor }),
      })
      await issueAll(options, source, page.rows, now, counts)
      cursor = page.cursor
      if (cursor === undefined || page.rows.length === 0) break
    }
  }
  return counts
}

/**
 * Streams side by side, so that their commands share a durable transaction; the rows of one stream one after
 * the other, in the order in which they became due. An outage is thrown once nothing is under way any more.
 */
const issueAll = async (
  options: SchedulerOptions,
  source: TimerSource,
  rows: IndexPage["rows"],
  now: Instant,
  counts: Counts,
): Promise<void> => {
  const lanes = [...Map.groupBy(rows, ({ stream }) => stream).values()]
  const done = await Promise.allSettled(
    lanes.map(async (lane) => {
      for (const row of lane) await issue(options, source, row, now, counts)
    }),
  )
  const failed = done.find((one) => one.status === "rejected")
  if (failed !== undefined) throw failed.reason
}

const issue = async (
  { world, handler }: SchedulerOptions,
  source: TimerSource,
  row: IndexPage["rows"][number],
  now: Instant,
  counts: Counts,
): Promise<void> => {
  const { kind, id } = addressed(world.catalogue, row.stream)
  const state = await stateOf(world, row)
  for (const { type, key, payload } of source.commands({ kind, id, state, range: row.range }, now)) {
    counts.issued += 1
    const asked = [type, row.stream, key, row.range, row.version, now.slice(0, dayLength)]
    const unique = sha256(`timer\n${asked.join("\n")}`)
    try {
      const head = { type, id: `timer-${unique.slice(0, 40)}`, by: schedulerActor }
      const answer = await handler.issue(head, payload)
      if (answer.ok) counts.accepted += 1
      else counts.refused += 1
    } catch (error) {
      // A store that is down is down for all; one command that cannot be decided holds up no other.
      if (tagOf(error) === "StorageFailure") throw error
      counts.failed += 1
    }
  }
}
