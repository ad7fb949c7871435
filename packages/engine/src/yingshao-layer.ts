/**
 * The layer that opens a programme for users of Effect, and closes it with its scope.
 *
 * Each command is one Effect around the whole of `handle`; rules and folds run as plain code inside. Spans
 * and metrics carry the command's type and the outcome's code, and nothing that is personal (P12). Time
 * comes from Effect's clock, so that `TestClock` moves a programme.
 */
import { isStorageFailure } from "@yingshao/ports/storage"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Stream from "effect/Stream"
import { tagOf } from "./failures.ts"
import type { Answer } from "./handle.ts"
import { type EngineFailure, ProgrammeStorage, YingshaoService, type YingshaoShape } from "./services.ts"
import { type OpenOptions, openYingshao, type Yingshao } from "./yingshao.ts"

/**
 * @param options as for `openYingshao`, without the store and the clock: those are services.
 * @example
 *   const live = layerYingshao({ programme: "522731", policy, opening }).pipe(
 *     Layer.provide(Layer.succeed(ProgrammeStorage, storage)),
 *   )
 */
export const layerYingshao = (
  options: Omit<OpenOptions, "storage" | "clock">,
): Layer.Layer<YingshaoService, EngineFailure, ProgrammeStorage> =>
  Layer.effect(
    YingshaoService,
    Effect.gen(function* () {
      const storage = yield* ProgrammeStorage
      const clock = yield* Clock.Clock
      const yingshao = yield* Effect.acquireRelease(
        lift(() =>
          openYingshao({ ...options, storage, clock: { now: () => clock.currentTimeMillisUnsafe() } }),
        ),
        (opened) => Effect.promise(() => opened.close()),
      )
      return liftAll(yingshao)
    }),
  )

/** Commands by type and outcome: `accepted`, a refusal's code, or a failure's tag. */
export const commandsMetric = Metric.counter("yingshao_commands", {
  description: "commands handled, by type and outcome",
})

// internal

const liftAll = (yingshao: Yingshao): YingshaoShape => {
  const { queries, relay, scheduler } = yingshao
  const count = counters()
  return {
    programme: yingshao.programme,
    handle: Effect.fn("yingshao.handle")(function* (command) {
      const answer: Answer = yield* lift(() => yingshao.handle(command)).pipe(
        Effect.tapError((failure) => count(command.type, failure._tag)),
      )
      const outcome = answer.ok ? "accepted" : answer.refusal.code
      yield* Effect.annotateCurrentSpan({ "yingshao.command": command.type, "yingshao.outcome": outcome })
      yield* count(command.type, outcome)
      return answer
    }),
    receive: Effect.fn("yingshao.receive")((receipt) => lift(() => yingshao.receive(receipt))),
    journal: (wanted = {}) => liftStream(() => yingshao.journal(wanted)),
    state: (kind, id) => lift(() => queries.state(kind, id)),
    page: (request) => lift(() => queries.page(request)),
    tallies: (prefix) => lift(() => queries.tallies(prefix)),
    beginning: (kind, start, limit) => lift(() => queries.beginning(kind, start, limit)),
    story: (kind, id) => liftStream(() => queries.story(kind, id)),
    readAll: (kind) => liftStream(() => queries.readAll(kind)),
    relayOnce: lift(() => relay.runOnce()).pipe(Effect.withSpan("yingshao.relay")),
    relay: follow((signal) => relay.follow({ signal })),
    runDue: Effect.fn("yingshao.runDue")((until) => lift(() => scheduler.runDue(until))),
    nextDueAt: (from) => lift(() => scheduler.nextDueAt(from)),
    scheduler: follow((signal) => scheduler.follow({ signal })),
    now: Effect.sync(() => yingshao.now()),
    today: lift(() => yingshao.today()),
    checkWorld: lift(() => yingshao.checkWorld()).pipe(Effect.withSpan("yingshao.checkWorld")),
    doctor: Effect.fn("yingshao.doctor")((wanted) => lift(() => yingshao.doctor(wanted))),
    refold: lift(() => yingshao.refold()).pipe(Effect.withSpan("yingshao.refold")),
  }
}

/** What is typed fails; anything else, a broken promise of this library included, is a defect. */
const lift = <A>(run: () => Promise<A>): Effect.Effect<A, EngineFailure> =>
  Effect.tryPromise({ try: run, catch: (error) => error }).pipe(
    Effect.catch((error) => (isEngineFailure(error) ? Effect.fail(error) : Effect.die(error))),
  )

const liftStream = <A>(open: () => AsyncIterable<A>): Stream.Stream<A, EngineFailure> =>
  Stream.suspend(() => Stream.fromAsyncIterable(open(), (error) => error)).pipe(
    Stream.catch((error) => (isEngineFailure(error) ? Stream.fail(error) : Stream.die(error))),
  )

/** Runs until interrupted; the interruption aborts the signal. */
const follow = (run: (signal: AbortSignal) => Promise<void>): Effect.Effect<void> => Effect.promise(run)

const typed: ReadonlySet<string | undefined> = new Set(["Busy", "Unreadable", "CannotOpen", "IndexBuilding"])

const isEngineFailure = (error: unknown): error is EngineFailure =>
  isStorageFailure(error) || typed.has(tagOf(error))

const counters = () => {
  const known = new Map<string, typeof commandsMetric>()
  return (type: string, outcome: string): Effect.Effect<void> => {
    const key = `${type}/${outcome}`
    const metric = known.get(key) ?? Metric.withAttributes(commandsMetric, { type, outcome })
    known.set(key, metric)
    return Metric.update(metric, 1)
  }
}
