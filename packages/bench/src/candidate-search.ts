/**
 * Candidates for an incident: the rule as it runs on a store, and the same search by hand.
 *
 * By hand is one table of what must be known, ordered by kind, cell and time, which is the best index for it:
 * two or so ranges of one key, and the distance of what they give. It is filled with the same incidents and
 * lies in a file of its own, in WAL mode as the store's and open to other processes as that is, with a page cache as
 * large.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { type Candidate, cellWidthM, lookAround } from "@yingshao/core/incident/candidates"
import type { Context } from "@yingshao/core/kernel/rule"
import { type CivilDate, fromMs, type Instant, toMs } from "@yingshao/core/kernel/time"
import { distanceM } from "@yingshao/core/place/coordinate"
import { cellOf, cellsAround } from "@yingshao/core/place/grid"
import { drive } from "@yingshao/engine/drive"
import { makePolicyShelf, programmeKey } from "@yingshao/engine/policy-shelf"
import { programmeCatalogue } from "@yingshao/engine/programme-catalogue"
import { makeStateCache } from "@yingshao/engine/state-cache"
import { makeStreamReader, type World } from "@yingshao/engine/stream-reader"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import { category, idOf, isAnswered, radiusM, reportAt } from "./grown-county.ts"
import { policy, programme } from "./intake-county.ts"

export interface CandidateSearch {
  /** One search each, at the place after the one before. */
  ours(): Promise<unknown>
  byHand(): Promise<unknown>
  /** Candidates of all places. */
  found(): number
  readonly places: number
  close(): Promise<void>
}

/** @throws Error when the two do not find the same. */
export const candidateSearch = async (file: string, reports: number): Promise<CandidateSearch> => {
  const storage = await openSqliteStorage(file, { pageCacheKb })
  const world: World = { programme, storage, catalogue: programmeCatalogue }
  const context = await contextOf(world)
  const mouldMs = await mouldMsOf(world, reports)
  const places = placesOf(mouldMs, reports)
  const byHand = handMade(mouldMs, reports)
  const ours = (place: Place): Promise<readonly Candidate[]> => {
    // Nothing is remembered from one search to the next: what is measured is looking.
    const reader = makeStreamReader(world, makeStateCache(1))
    const report = {
      place: { coordinate: { lng: place.lng, lat: place.lat } },
      acceptedAt: place.at,
      acceptedOn: on,
    }
    return drive(world, reader, new Map(), lookAround(context, report as never, category)).then(
      ({ candidates }) => candidates,
    )
  }
  let found = 0
  for (const place of places) {
    const [a, b] = [(await ours(place)).map(({ incident }) => incident), byHand.search(place)]
    if (a.join() !== b.join()) throw new Error(`the rule finds ${a.length} candidates, by hand ${b.length}`)
    found += a.length
  }
  let [turn, handTurn] = [0, 0]
  return {
    places: places.length,
    found: () => found,
    ours: () => ours(places[turn++ % places.length] as Place),
    byHand: async () => byHand.search(places[handTurn++ % places.length] as Place),
    async close() {
      byHand.close()
      await storage.close()
    },
  }
}

// internal

interface Place {
  readonly lng: number
  readonly lat: number
  readonly at: Instant
}

/** For both: at 10⁶ reports the pages of 500 places do not fit into 16 MB. */
const pageCacheKb = 64_000

/** Cells of one, two and eight radii were tried for the search by hand and are no better. */
const handCellM = cellWidthM(radiusM)

const on = "2026-03-02" as CivilDate

const windowMs = 24 * 3_600_000

/** When the report of which all are shifted copies was accepted, ms. */
const mouldMsOf = async ({ storage }: World, reports: number): Promise<number> => {
  const [row] = await storage.load(programme, [`report/${idOf(0, "report")}`])
  const { acceptedAt } = JSON.parse(row?.document ?? "{}") as { acceptedAt: Instant }
  return toMs(acceptedAt) - reportAt(0, reports).shiftMs
}

/** Near the newest reports, so that there is something to find. */
const placesOf = (mouldMs: number, reports: number): readonly Place[] =>
  Array.from({ length: Math.min(500, reports) }, (_, back) => {
    const { lng, lat, shiftMs } = reportAt(reports - 1 - back, reports)
    return { lng: Number((lng + 0.000_2).toFixed(6)), lat, at: fromMs(mouldMs + shiftMs + 60_000) }
  })

const contextOf = async (world: World): Promise<Context> => {
  const shelf = makePolicyShelf(world, [policy])
  const [state] = await makeStreamReader(world, makeStateCache(1)).load([programmeKey])
  if (state === undefined) throw new Error("the grown county is not open")
  return { book: await shelf.book(state), today: on } as Context
}

const handMade = (mouldMs: number, reports: number) => {
  const folder = mkdtempSync(join(tmpdir(), "yingshao-near-"))
  const database = new DatabaseSync(join(folder, "near.db"))
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA cache_size = -${pageCacheKb}`)
  database.exec(`CREATE TABLE near (category TEXT, cell TEXT, since INTEGER, id TEXT, lng REAL, lat REAL,
    PRIMARY KEY (category, cell, since, id)) STRICT, WITHOUT ROWID; BEGIN`)
  const insert = database.prepare("INSERT INTO near VALUES (?, ?, ?, ?, ?, ?)")
  for (let serial = 0; serial < reports; serial += 1) {
    if (!isAnswered(serial)) continue
    const { lng, lat, shiftMs } = reportAt(serial, reports)
    insert.run(
      category,
      cellOf({ lng, lat }, handCellM),
      mouldMs + shiftMs,
      idOf(serial, "incident"),
      lng,
      lat,
    )
  }
  database.exec("COMMIT")
  const select = (cells: number) =>
    database.prepare(
      `SELECT id, lng, lat, since FROM near WHERE category = ? AND cell IN (${Array(cells).fill("?").join(", ")})
       AND since BETWEEN ? AND ?`,
    )
  const statements = Array.from({ length: 14 }, (_, cells) => select(Math.max(1, cells)))
  return {
    close: () => {
      database.close()
      rmSync(folder, { recursive: true })
    },
    search: (place: Place): readonly string[] => {
      const cells = cellsAround(place, radiusM, handCellM)
      const at = toMs(place.at)
      const rows = statements[cells.length]?.all(category, ...cells, at - windowMs, at + windowMs) ?? []
      return (rows as unknown as readonly { id: string; lng: number; lat: number; since: number }[])
        .map(({ id, lng, lat, since }) => ({
          id,
          m: distanceM({ lng, lat }, place),
          apart: Math.abs(since - at),
        }))
        .filter(({ m }) => m <= radiusM)
        .sort((a, b) => a.m - b.m || a.apart - b.apart || (a.id < b.id ? -1 : 1))
        .map(({ id }) => id)
    },
  }
}
