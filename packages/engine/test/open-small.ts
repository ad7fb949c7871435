/** Opens a small world over any store, with a clock that tests set. */
import type { Storage } from "@yingshao/ports/storage"
import type { Catalogue } from "../src/catalogue.ts"
import { makeEngineClock } from "../src/engine-clock.ts"
import type { CommandInput } from "../src/envelope.ts"
import { type Answer, type Handler, makeHandler } from "../src/handle.ts"
import { makePolicyShelf } from "../src/policy-shelf.ts"
import { makeStateCache } from "../src/state-cache.ts"
import { makeStreamReader, type World } from "../src/stream-reader.ts"
import { smallCatalogue, smallPolicy } from "./small-world.ts"

export interface TestClock {
  now(): number
  set(ms: number): void
}

export const start = Date.parse("2026-03-02T01:00:00.000Z")

export const testClock = (ms = start): TestClock => {
  let at = ms
  return {
    now: () => at,
    set: (to) => {
      at = to
    },
  }
}

export interface SmallWorld extends Handler {
  readonly world: World
  readonly clock: TestClock
}

export const as = (person: string, role = "reporter"): CommandInput["by"] => ({ person, role })

export const programme = "522731"

/** Opens the programme unless it is open. */
export const openSmall = async (
  storage: Storage,
  given: { readonly clock?: TestClock; readonly catalogue?: Catalogue; readonly opened?: boolean } = {},
): Promise<SmallWorld> => {
  const clock = given.clock ?? testClock()
  const world: World = { programme, storage, catalogue: given.catalogue ?? smallCatalogue }
  const shelf = makePolicyShelf(world, [smallPolicy()])
  const handler = makeHandler({
    world,
    reader: makeStreamReader(world, makeStateCache(1_000_000)),
    shelf,
    check: ({ type, payload }) => shelf.check(type, payload),
    clock: makeEngineClock(clock),
    secret: "a secret for tests",
    random: () => 0,
    openingCommand: "OpenProgramme",
    onCommit: () => {},
  })
  if (given.opened !== false && (await storage.head(programme)).number === 0) await open(handler)
  return { ...handler, world, clock }
}

export const open = (handler: Handler): Promise<Answer> => {
  const { digest, canonical, effectiveFrom } = smallPolicy()
  return handler.handle({
    type: "OpenProgramme",
    id: "open",
    by: as("admin", "programme-admin"),
    policy: { digest, canonical, effectiveFrom },
    admin: "admin",
    units: [{ id: "duty-desk", kind: "duty-desk", nameZh: "应哨台", nameEn: "Duty desk" }],
    calendarYears: [{ year: 2026, holidays: [], makeUpWorkdays: [] }],
  })
}
