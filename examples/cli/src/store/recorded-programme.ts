/**
 * Opens a day that is in the database, for reading: its policy comes from its own journal, and time stands
 * where its journal ends.
 */
import type { Policy } from "@yingshao/core/decisions"
import { programmeStream } from "@yingshao/core/programme/programme"
import { openYingshao, type Yingshao } from "@yingshao/engine"
import type { Clock } from "@yingshao/engine/engine-clock"
import { programmeCatalogue } from "@yingshao/engine/programme-catalogue"
import { makeQueries } from "@yingshao/engine/queries"
import type { Storage } from "@yingshao/ports/storage"
import { reviveText } from "../replay/dated-policy.ts"
import { simulatedClock } from "../simulate/clock.ts"
import { CliFailure } from "../terminal/failure.ts"
import { readingArchives } from "./archives.ts"
import { type DatabaseOptions, openDatabase } from "./database.ts"
import { chosenDay, type RecordedDay } from "./days.ts"

export interface RecordedProgramme {
  readonly record: RecordedDay
  readonly storage: Storage
  readonly policy: Policy
  readonly yingshao: Yingshao
}

export interface ProgrammeOptions extends DatabaseOptions {
  readonly programme?: string | undefined
  /** Folder of the sealed segments. */
  readonly archives?: string | undefined
}

/**
 * Opens the day, does the work, closes the database.
 *
 * @param clock the machine's, for work that gives commands; left out: time stands.
 */
export const withProgramme = async (
  options: ProgrammeOptions,
  work: (programme: RecordedProgramme) => Promise<number>,
  clock: Clock = simulatedClock(0),
): Promise<number> => {
  if (options.memory === true) {
    throw new CliFailure(
      2,
      "内存里什么也没有:--memory 只用于 day",
      "there is nothing in memory to read: --memory is for day only",
    )
  }
  const storage = await readingArchives(await openDatabase(options, "read"), options)
  try {
    const record = await chosenDay(storage, options.programme)
    const policy = await adoptedPolicy(storage, record.programme)
    const yingshao = await openYingshao({
      programme: record.programme,
      policy,
      storage,
      clock,
    })
    return await work({ record, storage, policy, yingshao })
  } finally {
    await storage.close()
  }
}

// internal

/** The policy that the programme adopted first; a day adopts one. */
const adoptedPolicy = async (storage: Storage, programme: string): Promise<Policy> => {
  const queries = makeQueries({ programme, storage, catalogue: programmeCatalogue })
  for await (const { events } of queries.story("programme", programmeStream)) {
    for (const { event } of events) if (event.type === "PolicyAdopted") return reviveText(event.canonical)
  }
  throw new CliFailure(1, `项目 ${programme} 还没有开通`, `the programme ${programme} was never opened`)
}
