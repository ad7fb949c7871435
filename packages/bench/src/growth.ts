/**
 * What grows with the number of reports, and what should not: the same questions to a county of a thousand
 * reports and to one of a million, and commands to one of ten thousand and to that million.
 *
 * Counties are grown once and kept (`YINGSHAO_GROWN`, else a temporary folder that is removed): 10⁶ reports
 * took 14 KB of disk each. `YINGSHAO_GROWN_REPORTS` makes the largest smaller where the machine is.
 */
import {
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openSqliteFile, sqliteStorage } from "@yingshao/storage-sqlite"
import { candidateSearch } from "./candidate-search.ts"
import { deliverAll, growCounty } from "./grown-county.ts"
import { questions } from "./grown-questions.ts"
import { openIntake } from "./intake-county.ts"
import { type Effort, type Line, lineOf } from "./line.ts"
import { median, ratioOf, waitingRate } from "./rounds.ts"

export const growth = async ({ smoke }: Effort): Promise<readonly Line[]> => {
  const kept = smoke ? undefined : process.env.YINGSHAO_GROWN
  const folder = kept ?? mkdtempSync(join(tmpdir(), "yingshao-grown-"))
  mkdirSync(folder, { recursive: true })
  try {
    const sizes = smoke
      ? { small: 60, middle: 120, large: 240 }
      : { small: 1_000, middle: 10_000, large: Number(process.env.YINGSHAO_GROWN_REPORTS ?? 1_000_000) }
    const [small, middle, large] = [
      await grown(folder, sizes.small),
      await grown(folder, sizes.middle),
      await grown(folder, sizes.large),
    ]
    const rounds = smoke ? 1 : 7
    const ms = smoke ? 20 : 700
    return [
      ...(await candidates(small, large, sizes, { rounds, ms })),
      ...(await reading(small, large, sizes, { rounds, ms })),
      ...(await handling(
        folder,
        middle,
        large,
        sizes,
        smoke ? { rounds: 1, each: 8 } : { rounds: 9, each: 256 },
      )),
    ]
  } finally {
    if (kept === undefined) rmSync(folder, { recursive: true, force: true })
  }
}

// internal

interface Sizes {
  readonly small: number
  readonly middle: number
  readonly large: number
}

interface Patience {
  readonly rounds: number
  readonly ms: number
}

/** The file of a county of so many reports, grown unless it is there. */
const grown = async (folder: string, reports: number): Promise<string> => {
  const file = join(folder, `${reports}.db`)
  if (existsSync(file)) return file
  const part = join(folder, `${reports}.part`)
  for (const end of ["", "-wal", "-shm"]) rmSync(`${part}${end}`, { force: true })
  const database = openSqliteFile(part)
  const storage = await sqliteStorage({ database, limits: { batch: 1_000 } })
  // Only while it grows: what is measured opens the file anew, with the pragmas that a store sets.
  database.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; PRAGMA wal_autocheckpoint = 50000")
  await growCounty(database, storage, reports)
  await storage.close()
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)")
  database.close()
  renameSync(part, file)
  return file
}

/** Runs both in turn, so that what disturbs one disturbs the other. */
const alternating = async (
  ours: () => Promise<unknown>,
  theirs: () => Promise<unknown>,
  { rounds, ms }: Patience,
) => {
  const found = { ours: [] as number[], theirs: [] as number[] }
  for (let round = 0; round <= rounds; round += 1) {
    const pairs = [["ours", ours] as const, ["theirs", theirs] as const]
    for (const [name, batch] of round % 2 === 0 ? pairs : pairs.toReversed()) {
      const rate = await waitingRate({ size: 1, batch }, ms)
      // The first round warms both up.
      if (round > 0) found[name].push(rate)
    }
  }
  return found
}

const candidates = async (
  small: string,
  large: string,
  sizes: Sizes,
  patience: Patience,
): Promise<readonly Line[]> => {
  const [few, many] = [await candidateSearch(small, sizes.small), await candidateSearch(large, sizes.large)]
  try {
    const beside = await alternating(many.ours, many.byHand, patience)
    const grows = await alternating(many.ours, few.ours, patience)
    const name = `candidates at ${sizes.large.toLocaleString("en")} reports`
    return [
      lineOf({
        name,
        unit: "1/s",
        ours: median(beside.ours),
        beside: median(beside.theirs),
        peer: "SQL by hand, best index",
        ratio: ratioOf(beside.ours, beside.theirs),
        goal: { atLeast: 0.5 },
        note: `within 50 m, same kind, 24 h; both find the same ${many.found()} incidents at ${many.places} places`,
      }),
      lineOf({
        name: `${name}, time`,
        unit: "1/s",
        ours: median(grows.ours),
        beside: median(grows.theirs),
        peer: `at ${sizes.small.toLocaleString("en")}`,
        ratio: ratioOf(grows.theirs, grows.ours),
        goal: { atMost: 2 },
      }),
    ]
  } finally {
    await few.close()
    await many.close()
  }
}

const reading = async (
  small: string,
  large: string,
  sizes: Sizes,
  patience: Patience,
): Promise<readonly Line[]> => {
  const begin = performance.now()
  const many = await questions(large)
  const openMs = performance.now() - begin
  const few = await questions(small)
  const bytes = statSync(large).size
  const lines: Line[] = []
  try {
    for (const name of Object.keys(many.ask) as (keyof typeof many.ask)[]) {
      const found = await alternating(many.ask[name], few.ask[name], patience)
      lines.push(
        lineOf({
          name: `${name}, time`,
          unit: "1/s",
          ours: median(found.ours),
          beside: median(found.theirs),
          peer: `at ${sizes.small.toLocaleString("en")}`,
          ratio: ratioOf(found.theirs, found.ours),
          goal: { atMost: 3 },
          ...(lines.length > 0
            ? {}
            : {
                note:
                  `${sizes.large.toLocaleString("en")} reports take ${Math.round(bytes / sizes.large).toLocaleString("en")} ` +
                  `bytes each on disk; the programme opened in ${openMs.toFixed(0)} ms`,
              }),
        }),
      )
    }
  } finally {
    await few.close()
    await many.close()
  }
  return lines
}

/** Commands to both, 32 in flight. */
const handling = async (
  folder: string,
  middle: string,
  large: string,
  sizes: Sizes,
  { rounds, each }: { readonly rounds: number; readonly each: number },
): Promise<readonly Line[]> => {
  // What is measured writes: the small one works on a copy, the large one grows by some thousands.
  const copy = join(folder, "middle.db")
  copyFileSync(middle, copy)
  await readThrough(large)
  const files = [openSqliteFile(large), openSqliteFile(copy)] as const
  const [many, few] = [await openIntake(files[0]), await openIntake(files[1])]
  const first = Date.now()
  const found = { ours: [] as number[], theirs: [] as number[] }
  for (let round = 0; round <= rounds; round += 1) {
    const submit = (county: typeof many) => async () => {
      for (let at = 0; at < each; at += inFlight)
        await county.submit(first + round * each + at, inFlight, inFlight)
    }
    const pairs = [["ours", submit(many)] as const, ["theirs", submit(few)] as const]
    for (const [name, batch] of round % 2 === 0 ? pairs : pairs.toReversed()) {
      const begin = performance.now()
      await batch()
      if (round > 0) found[name].push((each / (performance.now() - begin)) * 1000)
    }
  }
  await many.close()
  await few.close()
  // The large one is kept: what it was not told would lie there in the next run.
  await deliverAll(await sqliteStorage({ database: files[0] }))
  for (const file of files) file.close()
  return [
    lineOf({
      name: `SubmitReport at ${sizes.large.toLocaleString("en")} reports`,
      unit: "1/s",
      ours: median(found.ours.length === 0 ? [Number.NaN] : found.ours),
      beside: median(found.theirs),
      peer: `at ${sizes.middle.toLocaleString("en")}`,
      ratio: ratioOf(found.ours, found.theirs),
      goal: { atLeast: 0.8 },
      note: `${inFlight} in flight`,
    }),
  ]
}

/**
 * Reads a file once, so that it lies in the system's cache as the copy of the small one does, and as that of a server
 * that has run for a while; as far as there is memory for it.
 */
const readThrough = async (file: string): Promise<void> => {
  for await (const _ of createReadStream(file, { highWaterMark: 4 * 1024 * 1024 }));
}

const inFlight = 32
