/**
 * The counters pass of `checkWorld`: each counter equals what the journal's events add up to.
 *
 * A world at work moves between reading the journal and reading the counters; then both are read again, a
 * few times.
 */
import type { JournalCheck } from "./check-journal.ts"
import type { Findings } from "./check-world.ts"
import type { World } from "./stream-reader.ts"

const maxTries = 5

/** @returns how many counters were compared. */
export const checkTallies = async (
  world: World,
  findings: Findings,
  journal: JournalCheck,
): Promise<number> => {
  for (let attempt = 1; ; attempt += 1) {
    await journal.advance()
    const stored = await storedTallies(world)
    const head = await world.storage.head(world.programme)
    if (head.number !== journal.at() && attempt < maxTries) continue
    // Too busy to compare: say nothing rather than something false.
    if (head.number !== journal.at()) return 0
    return compare(findings, journal.tallies(), stored)
  }
}

// internal

const storedTallies = async ({ storage, programme }: World): Promise<ReadonlyMap<string, number>> => {
  const limit = 1_000
  const all = new Map<string, number>()
  for (let after: string | undefined; ; ) {
    const page = await storage.tallies(programme, { prefix: "", after, limit })
    for (const { key, value } of page) all.set(key, value)
    after = page.at(-1)?.key
    if (page.length < limit) return all
  }
}

const compare = (
  findings: Findings,
  counted: ReadonlyMap<string, number>,
  stored: ReadonlyMap<string, number>,
): number => {
  const keys = new Set([...counted.keys(), ...stored.keys()])
  for (const key of keys) {
    const right = counted.get(key) ?? 0
    const value = stored.get(key) ?? 0
    if (right === value) continue
    findings.add(
      "F9",
      `tally ${key}`,
      `it stands at ${value}; the journal adds up to ${right}`,
      `计数为 ${value}，日志合计为 ${right}`,
    )
  }
  return keys.size
}
