/**
 * The time of a county that lived its month some time ago: it goes on where its journal ends, and stands
 * still while no server runs.
 *
 * For the demonstration only. A real programme takes the engine's own clock.
 */
import type { Clock } from "@yingshao/engine/engine-clock"
import type { Storage } from "@yingshao/ports/storage"
import * as z from "zod"

/** @returns the system's clock where nothing has happened yet. */
export const countyClock = async (storage: Storage, programme: string): Promise<Clock> => {
  const { number } = await storage.head(programme)
  if (number === 0) return { now: () => Date.now() }
  const [last] = await storage.journal(programme, { after: number - 1, limit: 1 })
  const lastMs = Date.parse(entryTime.parse(JSON.parse(last?.entry ?? "{}")).command.at)
  const startedMs = Date.now()
  return { now: () => lastMs + Math.max(0, Date.now() - startedMs) }
}

// internal

const entryTime = z.object({ command: z.object({ at: z.string() }) })
