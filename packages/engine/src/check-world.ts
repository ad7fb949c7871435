/**
 * `checkWorld`: reads one programme through the Storage port alone, in bounded memory, and checks all that
 * can be read off it.
 *
 * The journal is the one truth: its numbers, hashes and entries are checked first, and states, indexes,
 * counters, claims and the outbox are then compared with what follows from it. The same function serves
 * property tests, the conformance suite, crash tests, the simulator and the running system's doctor.
 *
 * What it does not do: it repairs nothing, and without heads kept outside the store it cannot see a tail
 * that was cut off whole (A5).
 */
import type { Catalogue } from "./catalogue.ts"
import { checkJournal, type JournalCheck } from "./check-journal.ts"
import { checkStreams, type StreamsChecked } from "./check-streams.ts"
import { emptySum, sameSum } from "./check-sums.ts"
import { checkTallies } from "./check-tallies.ts"
import { type Finding, finding } from "./finding.ts"
import type { World } from "./stream-reader.ts"

export interface CheckOptions {
  readonly catalogue: Catalogue
  /** Findings after which the check stops; left out: 100. */
  readonly maxFindings?: number
}

/** How much was looked at. */
export interface Counted {
  readonly records: number
  readonly accepted: number
  readonly refused: number
  readonly events: number
  readonly streams: number
  readonly indexEntries: number
  readonly tallies: number
  readonly claims: number
  readonly messages: number
  /** States of an earlier fold: not wrong, to be folded anew when they are next used. */
  readonly olderFolds: number
}

export interface WorldReport {
  readonly ok: boolean
  readonly findings: readonly Finding[]
  readonly counted: Counted
}

/** Where checks put what they find; full when enough was found. */
export interface Findings {
  add(invariant: string, where: string, en: string, zh: string): void
  put(found: Finding): void
  full(): boolean
}

/**
 * @param storage any store; nothing is written to it.
 * @example (await checkWorld(storage, "522731", { catalogue })).ok // => true
 */
export const checkWorld = async (
  storage: World["storage"],
  programme: string,
  options: CheckOptions,
): Promise<WorldReport> => {
  const world: World = { programme, storage: readOnly(storage), catalogue: options.catalogue }
  const list: Finding[] = []
  const findings = collect(list, options.maxFindings ?? 100)
  const journal = checkJournal(world, findings)
  await journal.advance()
  const start = journal.at()
  const streams = await checkStreams(world, findings, journal)
  const tallies = await checkTallies(world, findings, journal)
  if (journal.at() === start) compareHistories(findings, journal, streams)
  await journal.finish()
  return {
    ok: list.length === 0,
    findings: list,
    counted: {
      ...journal.counted(),
      streams: streams.streams,
      indexEntries: streams.indexEntries,
      olderFolds: streams.olderFolds,
      tallies,
    },
  }
}

// internal

const collect = (list: Finding[], most: number): Findings => ({
  full: () => list.length >= most,
  put: (found) => {
    if (list.length < most) list.push(found)
  },
  add: (invariant, where, en, zh) => {
    if (list.length < most) list.push(finding(invariant, where, en, zh))
  },
})

/** A check writes nothing, not even a document folded anew. */
const readOnly = (storage: World["storage"]): World["storage"] => ({
  ...storage,
  restate: async () => 0,
})

/** Every event of the journal stands in a stream, and every stream in the journal. */
const compareHistories = (findings: Findings, journal: JournalCheck, streams: StreamsChecked): void => {
  const [inJournal, inStreams] = [journal.eventsByStreamKind(), streams.eventsByKind]
  const [records, histories] = [journal.recordsByStreamKind(), streams.recordsByKind]
  for (const kind of new Set([...inJournal.keys(), ...inStreams.keys()])) {
    const wanted = inJournal.get(kind) ?? 0
    const stored = inStreams.get(kind) ?? 0
    if (wanted !== stored) {
      findings.add(
        "S10",
        kind,
        `the journal holds ${wanted} events of this kind and the streams ${stored}`,
        `日志中此类事件有 ${wanted} 条，而各数据流合计 ${stored} 条`,
      )
    } else if (!sameSum(records.get(kind) ?? emptySum(), histories.get(kind) ?? emptySum())) {
      findings.add(
        "S10",
        kind,
        "the histories of this kind are not the records of the journal",
        "此类数据流的历史与日志记录不符",
      )
    }
  }
}
