/**
 * What users of Effect see: the store of a county as a service, and the opened programme as another.
 *
 * The same commands, the same refusals and the same journal as behind the promises, as Effects. A refusal
 * is a value. An outage, a full queue and a record that this release cannot read are typed failures. A
 * broken promise of this library is a defect.
 */
import type { CommandInput } from "@yingshao/core/commands"
import type { CivilDate, Instant } from "@yingshao/core/kernel/time"
import type { StreamKind } from "@yingshao/core/streams"
import type { PartnerReceipt } from "@yingshao/ports/dispatcher"
import type { Storage, StorageFailure } from "@yingshao/ports/storage"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { WorldReport } from "./check-world.ts"
import type { DoctorOptions, DoctorReport } from "./doctor.ts"
import type { Busy, CannotOpen, IndexBuilding, Unreadable } from "./failures.ts"
import type { Answer } from "./handle.ts"
import type { Received } from "./inbox.ts"
import type { JournalItem, JournalOptions } from "./journal.ts"
import type { Page, PageRequest, Stated, StoryLine } from "./queries.ts"
import type { RefoldCounts } from "./refold.ts"
import type { RelayCounts } from "./relay.ts"
import type { RunCounts } from "./scheduler.ts"

/** What can fail, and is neither a refusal nor a defect. */
export type EngineFailure = Busy | Unreadable | CannotOpen | IndexBuilding | StorageFailure

/** The store that the programme stands in. */
export class ProgrammeStorage extends Context.Service<ProgrammeStorage, Storage>()(
  "@yingshao/engine/ProgrammeStorage",
) {}

export interface YingshaoShape {
  readonly programme: string
  readonly handle: (command: CommandInput) => Effect.Effect<Answer, EngineFailure>
  readonly receive: (receipt: PartnerReceipt) => Effect.Effect<Received, EngineFailure>
  readonly journal: (options?: Omit<JournalOptions, "signal">) => Stream.Stream<JournalItem, EngineFailure>
  readonly state: <K extends StreamKind>(kind: K, id: string) => Effect.Effect<Stated<K>, EngineFailure>
  readonly page: (request: PageRequest) => Effect.Effect<Page, EngineFailure>
  readonly tallies: (prefix: string) => Effect.Effect<ReadonlyMap<string, number>, EngineFailure>
  readonly beginning: <K extends StreamKind>(
    kind: K,
    start: string,
    limit: number,
  ) => Effect.Effect<readonly Stated<K>[], EngineFailure>
  readonly story: <K extends StreamKind>(kind: K, id: string) => Stream.Stream<StoryLine<K>, EngineFailure>
  readonly readAll: <K extends StreamKind>(kind: K) => Stream.Stream<Stated<K>, EngineFailure>
  /** One poll of the outbox. */
  readonly relayOnce: Effect.Effect<RelayCounts, EngineFailure>
  /** Delivers until it is interrupted. */
  readonly relay: Effect.Effect<void>
  readonly runDue: (until?: Instant) => Effect.Effect<RunCounts, EngineFailure>
  readonly nextDueAt: (from?: Instant) => Effect.Effect<Instant | undefined, EngineFailure>
  /** Works off what is due until it is interrupted. */
  readonly scheduler: Effect.Effect<void>
  readonly now: Effect.Effect<Instant>
  readonly today: Effect.Effect<CivilDate, EngineFailure>
  readonly checkWorld: Effect.Effect<WorldReport, EngineFailure>
  readonly doctor: (
    options?: Pick<DoctorOptions, "chain" | "assumptions">,
  ) => Effect.Effect<DoctorReport, EngineFailure>
  readonly refold: Effect.Effect<RefoldCounts, EngineFailure>
}

/** One county's programme, opened. */
export class YingshaoService extends Context.Service<YingshaoService, YingshaoShape>()(
  "@yingshao/engine/Yingshao",
) {}
