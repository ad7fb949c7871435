/**
 * Opens one county's programme over a store and gives everything a host needs, as promises.
 *
 * `handle` decides and commits commands; `receive` takes in what partners answer; `journal` is what happened, from a
 * position; `queries` reads; `relay` delivers; `scheduler` works off what is due; `checkWorld` and `doctor` say whether
 * all is well.
 * Users of Effect take `yingshao-layer.ts`, which is the same behind services.
 *
 * What it does not do: it starts nothing in the background. A host calls `relay.follow` and
 * `scheduler.follow`, or `runOnce` and `runDue` when it likes; several processes may do so at once. It
 * does not authenticate: the host has checked that `by.person` is who asks.
 */
import { randomBytes } from "node:crypto"
import type { CommandInput } from "@yingshao/core/commands"
import type { Policy } from "@yingshao/core/decisions"
import type { CivilDate, Instant } from "@yingshao/core/kernel/time"
import { type ChannelPlan, defaultChannelPlan } from "@yingshao/core/notice/channel-plan"
import { digestTextOf, type NoticeWords, noticeTextOf } from "@yingshao/core/notice/notice-text"
import { openingCommand } from "@yingshao/core/programme/authorize"
import type { calendarYear, ProgrammeState, unit } from "@yingshao/core/programme/programme"
import { contractProblem } from "@yingshao/ports/contract-version"
import { type Dispatcher, dispatcherContract } from "@yingshao/ports/dispatcher"
import { type Identity, identityContract } from "@yingshao/ports/identity"
import { type Notifier, notifierContract } from "@yingshao/ports/notifier"
import { type Photos, photosContract } from "@yingshao/ports/photos"
import { type Storage, storageContract } from "@yingshao/ports/storage"
import type * as z from "zod"
import type { Catalogue } from "./catalogue.ts"
import { type CheckOptions, checkWorld, type WorldReport } from "./check-world.ts"
import { type Consult, makeConsult } from "./consult.ts"
import type { NotifyDesk } from "./deliver-notice.ts"
import type { DispatchDesk } from "./deliver-order.ts"
import { type DoctorOptions, type DoctorReport, doctor } from "./doctor.ts"
import { type Clock, type EngineClock, makeEngineClock, systemClock } from "./engine-clock.ts"
import { decodeEntry } from "./entry.ts"
import { CannotOpen } from "./failures.ts"
import { type Answer, type Around, type Handler, makeHandler, type Seen } from "./handle.ts"
import { type Inbox, makeInbox } from "./inbox.ts"
import { markBuilt } from "./index-building.ts"
import { type JournalItem, type JournalOptions, readJournal } from "./journal.ts"
import { isImportOpen } from "./keeping.ts"
import { makePolicyShelf, type PolicyShelf, programmeKey } from "./policy-shelf.ts"
import { programmeCatalogue } from "./programme-catalogue.ts"
import { programmeTimers } from "./programme-timers.ts"
import { makeQueries, type Queries } from "./queries.ts"
import { type RefoldCounts, type RefoldOptions, refoldAll } from "./refold.ts"
import { byName, makeRelay, type Parked, type Relay } from "./relay.ts"
import { makeScheduler, type Scheduler, type TimerSource } from "./scheduler.ts"
import { makeStateCache } from "./state-cache.ts"
import { makeStreamReader, type StreamReader, type World } from "./stream-reader.ts"
import { makeWake } from "./wake.ts"

/** What the first opening of an empty programme needs: who runs it, who can owe something, which years. */
export interface Opening {
  /** Handle of the first programme admin. */
  readonly admin: string
  readonly units: readonly z.input<typeof unit>[]
  readonly calendarYears: readonly z.input<typeof calendarYear>[]
}

export interface OpenOptions {
  /** Six-digit division code, the key of everything stored. */
  readonly programme: string
  /** The compiled policy. A newer one comes into force by the command `AdoptPolicy`, not by opening with it. */
  readonly policy: Policy
  /** Other compiled policies at hand; adopted ones that are not here are revived from the journal. */
  readonly policies?: readonly Policy[]
  readonly storage: Storage
  /** Needed once, for an empty programme. */
  readonly opening?: Opening
  readonly notifiers?: readonly Notifier[]
  readonly dispatchers?: readonly Dispatcher[]
  readonly identity?: Identity
  readonly photos?: Photos
  /** Who is meant by a notice's recipient, and where they are reached. Left out: nobody is. */
  readonly recipients?: NotifyDesk["recipients"]
  readonly render?: NotifyDesk["render"]
  /** Budgets of channels, quiet hours, who looks after what was parked. Left out: the robots' limits alone. */
  readonly plan?: ChannelPlan
  /** A channel was stopped for wrong credentials: tell the operator. */
  readonly onStopped?: (channel: string) => void
  /** A message was parked: tell whoever is named. */
  readonly onParked?: (parked: Parked) => void
  /** Which partner stands for a unit. Left out: every unit works from its board. */
  readonly route?: DispatchDesk["route"]
  readonly clock?: Clock
  /** Secret from which ids are derived. Left out: a fresh one for each process. Give one to repeat a simulation. */
  readonly seed?: string
  /** 0 up to 1; spreads retries. */
  readonly random?: () => number
  /** Messages that the relay sends side by side; left out: 50. */
  readonly sendsAtOnce?: number
  /** Bytes of state documents kept in memory; left out: 32 MB. */
  readonly cacheBytes?: number
  /** Runs each command within something of the host's, a span for instance. */
  readonly around?: Around | undefined
  readonly catalogue?: Catalogue
  readonly timers?: readonly TimerSource[]
}

export interface Yingshao {
  readonly programme: string
  readonly identity: Identity | undefined
  readonly photos: Photos | undefined
  /** Decides and commits one command; see `Handler.handle`. */
  handle(command: CommandInput, seen?: Seen): Promise<Answer>
  /** What happened, in order, from a position, going on until `signal` aborts or the programme closes. */
  journal(options?: JournalOptions): AsyncIterable<JournalItem>
  /** Takes in what a partner says of an order, from an endpoint; see `Inbox.receive`. The relay fetches the rest. */
  receive: Inbox["receive"]
  readonly queries: Queries
  /** Asking the rules without doing anything; see `Consult`. */
  readonly rules: Consult
  readonly relay: Relay
  readonly scheduler: Scheduler
  /** The engine's clock: never before anything that was accepted. */
  now(): Instant
  /** The civil date of `now` in the programme's zone. */
  today(): Promise<CivilDate>
  checkWorld(options?: Pick<CheckOptions, "maxFindings">): Promise<WorldReport>
  doctor(options?: Pick<DoctorOptions, "chain" | "assumptions">): Promise<DoctorReport>
  /** Folds anew what an earlier release folded. */
  refold(options?: RefoldOptions): Promise<RefoldCounts>
  /** Ends the journals that are followed and closes the adapters and the store. */
  close(): Promise<void>
}

/**
 * @throws CannotOpen when an adapter speaks another contract, when an empty programme comes without
 *   `opening`, when the opening is refused, or when an adopted policy cannot be revived.
 * @example
 *   const yingshao = await openYingshao({ programme: "522731", policy, storage, opening })
 *   const report = { channel: "app", reporters: [by.person], photos: [photo.hash], place: { words: "环城路口" } }
 *   const answer = await yingshao.handle({ type: "SubmitReport", id, by, ...report }) // => { ok: true, events }
 */
export const openYingshao = async (options: OpenOptions): Promise<Yingshao> => {
  checkContracts(options)
  const parts = assembleParts(options)
  await open(options, parts)
  return facade(options, parts)
}

// internal

interface Parts {
  readonly world: World
  readonly reader: StreamReader
  readonly shelf: PolicyShelf
  readonly clock: EngineClock
  readonly handler: Handler
  readonly wake: ReturnType<typeof makeWake>
  readonly random: () => number
}

const checkContracts = (options: OpenOptions): void => {
  const wanted: readonly (readonly [string, readonly object[]])[] = [
    [storageContract, [options.storage]],
    [notifierContract, options.notifiers ?? []],
    [dispatcherContract, options.dispatchers ?? []],
    [identityContract, options.identity === undefined ? [] : [options.identity]],
    [photosContract, options.photos === undefined ? [] : [options.photos]],
  ]
  for (const [contract, adapters] of wanted) {
    for (const adapter of adapters) {
      const why = contractProblem(contract, adapter)
      if (why !== undefined) throw new CannotOpen({ why })
    }
  }
}

const assembleParts = (options: OpenOptions): Parts => {
  const { programme, storage, catalogue = programmeCatalogue, random = Math.random } = options
  const world: World = { programme, storage, catalogue }
  const reader = makeStreamReader(world, makeStateCache(options.cacheBytes ?? 32_000_000))
  const shelf = makePolicyShelf(world, [options.policy, ...(options.policies ?? [])])
  const clock = makeEngineClock(options.clock ?? systemClock)
  const wake = makeWake()
  const handler = makeHandler({
    world,
    reader,
    shelf,
    clock,
    random,
    secret: options.seed ?? randomBytes(32).toString("hex"),
    openingCommand,
    check: ({ type, payload }) => shelf.check(type, payload),
    onCommit: wake.ring,
    around: options.around,
  })
  return { world, reader, shelf, clock, handler, wake, random }
}

/** Opens an empty programme, and makes sure that an open one can be worked with. */
const open = async (options: OpenOptions, parts: Parts): Promise<void> => {
  const { storage, programme } = parts.world
  if (await isImportOpen(storage, programme)) {
    throw new CannotOpen({
      why: `an import of ${programme} is not finished: run it again with the same file`,
    })
  }
  const head = await storage.head(programme)
  if (head.number === 0) await markBuilt(parts.world)
  const [last] =
    head.number === 0 ? [] : await storage.journal(programme, { after: head.number - 1, limit: 1 })
  if (last !== undefined) parts.clock.notBefore(decodeEntry(last).command.at)
  let [state] = await parts.reader.load([programmeKey])
  if (state === undefined || state.version === 0) {
    const refused = await issueOpening(options, parts.handler)
    // Refused or not: another process may have opened it first, with another opening.
    ;[state] = await parts.reader.load([programmeKey])
    if (state === undefined || state.version === 0) {
      throw new CannotOpen({
        why: `the programme ${programme} does not open: ${refused ?? "nothing happened"}`,
      })
    }
  }
  await parts.shelf.book(state)
}

/** @returns why it was refused, or `undefined`. */
const issueOpening = async (
  { programme, policy, opening }: OpenOptions,
  handler: Handler,
): Promise<string | undefined> => {
  if (opening === undefined) {
    throw new CannotOpen({ why: `the programme ${programme} is empty: say by \`opening\` who runs it` })
  }
  const { id, digest, effectiveFrom, canonical } = policy
  const answer = await handler.handle({
    type: openingCommand,
    id: "open",
    by: { person: opening.admin, role: "programme-admin" },
    policy: { id, digest, effectiveFrom, canonical },
    admin: opening.admin,
    units: opening.units,
    calendarYears: opening.calendarYears,
  })
  return answer.ok ? undefined : `${answer.refusal.code} ${JSON.stringify(answer.refusal.detail)}`
}

const facade = (options: OpenOptions, parts: Parts): Yingshao => {
  const { world, shelf, clock, handler, wake } = parts
  const closing = new AbortController()
  const inbox = makeInbox(handler)
  const relay = relayOf(options, parts, inbox)
  const scheduler = makeScheduler({ world, handler, clock, sources: options.timers ?? programmeTimers })
  const today = async (): Promise<CivilDate> => {
    const [state] = await parts.reader.load([programmeKey])
    return (await shelf.book(state ?? { version: 0, state: undefined as unknown as ProgrammeState })).dateOf(
      clock.now(),
    )
  }
  return {
    programme: world.programme,
    identity: options.identity,
    photos: options.photos,
    handle: handler.handle,
    receive: inbox.receive,
    journal: (wanted = {}) => {
      const signal =
        wanted.signal === undefined ? closing.signal : AbortSignal.any([wanted.signal, closing.signal])
      return readJournal(world, wake, { ...wanted, signal })
    },
    queries: makeQueries(world),
    rules: makeConsult(world, parts.reader, shelf, clock),
    relay,
    scheduler,
    now: clock.now,
    today,
    refold: (wanted) => refoldAll(world, wanted),
    checkWorld: (wanted = {}) =>
      checkWorld(world.storage, world.programme, {
        ...wanted,
        catalogue: world.catalogue,
      }),
    doctor: async (wanted = {}) =>
      doctor(world, {
        ...wanted,
        now: clock.now(),
        today: await today(),
        nextDueAt: await scheduler.nextDueAt(),
        stopped: relay.stopped(),
        waiting: handler.waiting(),
        route: options.route,
        clockAheadMs: clock.aheadMs(),
      }),
    async close() {
      closing.abort()
      const adapters = [
        ...(options.notifiers ?? []),
        ...(options.dispatchers ?? []),
        options.identity,
        options.photos,
      ]
      for (const adapter of adapters) await adapter?.close()
      await world.storage.close()
    },
  }
}

const wordsOf = (policy: Policy): NoticeWords => ({
  language: "zh",
  timeZone: policy.timeZone,
  label: (key) => policy.label(key, "zh"),
})

const relayOf = (options: OpenOptions, { world, clock, wake, random }: Parts, inbox: Inbox): Relay =>
  makeRelay({
    programme: world.programme,
    storage: world.storage,
    clock,
    random,
    wake,
    worker: `relay-${randomBytes(8).toString("hex")}`,
    page: options.sendsAtOnce,
    onParked: options.onParked,
    notify: {
      notifiers: byName(options.notifiers ?? []),
      recipients: options.recipients ?? (async () => []),
      plan: options.plan ?? defaultChannelPlan,
      timeZone: options.policy.timeZone,
      render: options.render ?? ((notice) => noticeTextOf(notice, wordsOf(options.policy))),
      digest: (texts) => digestTextOf(texts, "zh"),
      onStopped: options.onStopped ?? (() => {}),
    },
    dispatch: {
      dispatchers: byName(options.dispatchers ?? []),
      route: options.route ?? (() => undefined),
    },
    receive: inbox.receive,
  })
