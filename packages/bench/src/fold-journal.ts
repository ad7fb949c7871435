/**
 * Folds a journal from its lines to the states of all streams, beside `JSON.parse` of the same lines: without
 * looking at what was read, and with every entry and event checked by its schema.
 *
 * The lines are those of a simulated day; they are gone through as often as it takes to a million events, each
 * time from the beginning. To see that it works, a few reports in memory do.
 */

import { canonical } from "@yingshao/engine/canonical"
import { decodeEntry, type Entry, parsedEvents } from "@yingshao/engine/entry"
import { programmeCatalogue } from "@yingshao/engine/programme-catalogue"
import { addressed } from "@yingshao/engine/stream-reader"
import { openSqliteFile } from "@yingshao/storage-sqlite"
import { entriesOfCounty, entriesOfDay } from "./day.ts"
import { openIntake } from "./intake-county.ts"
import { type Effort, type Line, lineOf } from "./line.ts"
import { median, rate, ratioOf } from "./rounds.ts"

export const foldJournal = async ({ smoke }: Effort): Promise<readonly Line[]> => {
  const lines = smoke ? await entriesOfIntake() : await entriesOfDay(300)
  const events = lines.reduce((sum, line) => sum + (JSON.parse(line) as Entry).events.length, 0)
  const rounds = smoke ? 1 : 7
  const passes = smoke ? 1 : Math.ceil(1_000_000 / events / rounds)
  checkAlike(lines)
  const rivals = {
    parse: () => lines.reduce((sum, line) => sum + Object.keys(JSON.parse(line) as object).length, 0),
    trusting: () => folded(lines, trusted).size,
    checking: () => folded(lines, checked).size,
  }
  const found = { parse: [] as number[], trusting: [] as number[], checking: [] as number[] }
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of ["parse", "trusting", "checking"] as const) {
      const perSecond = rate({ size: events, batch: timesOver(passes, rivals[name]) }, 1) * passes
      if (round > 0) found[name].push(perSecond)
    }
  }
  const line = (name: string, ours: readonly number[], atLeast: number): Line =>
    lineOf({
      name,
      unit: "1/s",
      ours: median(ours),
      beside: median(found.parse),
      peer: "JSON.parse of the lines",
      ratio: ratioOf(ours, found.parse),
      goal: { atLeast },
      note: `events of ${lines.length.toLocaleString("en")} entries, ${passes} times in each of ${rounds} rounds`,
    })
  return [
    line("folding a journal", found.trusting, 0.4),
    line("folding a journal, every event checked", found.checking, 0.2),
  ]
}

// internal

const entriesOfIntake = async (): Promise<readonly string[]> => {
  const database = openSqliteFile(":memory:")
  const county = await openIntake(database, 4)
  await county.submit(0, 20)
  const entries = entriesOfCounty(database)
  await county.close()
  database.close()
  return entries
}

const timesOver = (passes: number, work: () => number) => (): number => {
  let sum = 0
  for (let pass = 0; pass < passes; pass += 1) sum += work()
  return sum
}

const trusted = (line: string): Entry["events"] => (JSON.parse(line) as Entry).events

const checked = (line: string): Entry["events"] =>
  parsedEvents(programmeCatalogue, decodeEntry({ number: 0, entry: line }), "the journal")

/** The state of every stream after these lines. */
const folded = (
  lines: readonly string[],
  read: (line: string) => Entry["events"],
): ReadonlyMap<string, unknown> => {
  const states = new Map<string, unknown>()
  for (const line of lines) {
    for (const { stream, event } of read(line)) {
      const { definition } = addressed(programmeCatalogue, stream)
      states.set(stream, definition.evolve(states.get(stream) ?? definition.initial, event))
    }
  }
  return states
}

/** @throws Error when checking makes other states than trusting does. */
const checkAlike = (lines: readonly string[]): void => {
  const [one, other] = [folded(lines, trusted), folded(lines, checked)]
  for (const [stream, state] of one) {
    if (canonical(state) !== canonical(other.get(stream))) {
      throw new Error(`two folds of ${stream.split("/")[0]} differ`)
    }
  }
}
