/**
 * Crash images: the files as they may be found after a crash at every cut of a recorded run, each one opened,
 * checked as a whole world, and compared with what had been acknowledged by then.
 */
import { createHash } from "node:crypto"
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { checkWorld } from "@yingshao/engine/check-world"
import { programmeCatalogue } from "@yingshao/engine/programme-catalogue"
import type { Storage } from "@yingshao/ports/storage"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import { programme } from "./county.ts"
import { type Cut, diskOf, type Image } from "./disk-model.ts"
import { marksOf, recordCalls, type SystemCall } from "./system-calls.ts"
import type { Step } from "./tour.ts"

export interface Recording {
  readonly name: string
  readonly start: Image
  readonly calls: readonly SystemCall[]
}

export interface RecordingOptions {
  readonly mode: "full" | "beside" | "alone" | "normal"
  /** Pages after which SQLite moves its log into the file: few, so that it happens often. */
  readonly checkpointPages: number
  /** A file to start from; left out: the run starts by making one. */
  readonly from?: string
}

/** Runs the steps on a file in a folder of its own under strace. */
export const record = async (
  folder: string,
  name: string,
  steps: readonly Step[],
  options: RecordingOptions,
): Promise<Recording> => {
  const own = join(folder, name)
  mkdirSync(own)
  const file = join(own, databaseName)
  const start = new Map<string, Buffer>()
  if (options.from !== undefined) {
    copyFileSync(options.from, file)
    start.set(databaseName, readFileSync(file))
  }
  const list = join(folder, `${name}.json`)
  writeFileSync(list, JSON.stringify(steps))
  const script = join(import.meta.dirname, "child-recorded.ts")
  const args = [file, marksOf(file), options.mode, String(options.checkpointPages), list]
  return { name, start, calls: await recordCalls(file, script, args) }
}

export interface CutPlan {
  readonly cut: Omit<Cut, "seed">
  /** Every so many cuts, counted from the end so that the last one is among them. */
  readonly stride: number
  /** Images with different seeds at each cut. */
  readonly seeds: number
}

export interface CutResult {
  /** Places where the power could go: one before each call, one at the end. */
  readonly cuts: number
  /** Different images that were opened. */
  readonly images: number
  /** Different files that they became, each checked as a whole world. */
  readonly files: number
  /** Images in which an acknowledged command was missing. */
  readonly lost: number
  /** Everything that was wrong, a sentence each, at most ten. */
  readonly problems: readonly string[]
}

/** Checks the images of a recording under one plan. */
export const checkCuts = async (folder: string, recording: Recording, plan: CutPlan): Promise<CutResult> => {
  const disk = diskOf(recording.start)
  const acknowledged: Acknowledged[] = []
  const seen = new Set<string>()
  const known = new Map<string, Verdict>()
  const problems: string[] = []
  let images = 0
  let lost = 0
  const cuts = recording.calls.length + 1
  for (let at = 0; at < cuts; at += 1) {
    if ((cuts - 1 - at) % plan.stride === 0) {
      for (let seed = 0; seed < plan.seeds; seed += 1) {
        const image = disk.image({ ...plan.cut, seed: at * 1_000 + seed })
        const key = `${digestOf(image)} ${acknowledged.length}`
        if (seen.has(key)) continue
        seen.add(key)
        images += 1
        const found = await checkImage(join(folder, "image"), image, acknowledged, known)
        if (found.lost) lost += 1
        if (found.problem !== undefined && problems.length < 10) {
          problems.push(`${recording.name}, cut ${at} of ${cuts - 1}, seed ${seed}: ${found.problem}`)
        }
      }
    }
    const call = recording.calls[at]
    if (call === undefined) continue
    disk.apply(call)
    if (call.kind === "mark") {
      const [word, number, id] = call.text.split(" ")
      if (word === "ack" && number !== undefined) acknowledged.push({ number: Number(number), id: id ?? "" })
    }
  }
  return { cuts, images, files: known.size, lost, problems }
}

/** The name of the database in every image. */
export const databaseName = "county.db"

/** Writes an image into a folder, emptied before. @returns the database's path. */
export const writeImage = (folder: string, image: Image): string => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const [name, bytes] of image) writeFileSync(join(folder, name), bytes)
  return join(folder, databaseName)
}

/** Reads a database and its log, as they lie there. */
export const imageOf = (file: string): Image =>
  new Map(
    ["", "-wal", "-journal"]
      .filter((ending) => existsSync(`${file}${ending}`))
      .map((ending) => [`${databaseName}${ending}`, readFileSync(`${file}${ending}`)]),
  )

/** What `checkWorld` says about the county in a store, as one sentence, or `undefined`. */
export const unsound = async (storage: Storage): Promise<string | undefined> => {
  const { findings } = await checkWorld(storage, programme, { catalogue: programmeCatalogue })
  const [first] = findings
  return first && `${findings.length} findings, the first ${first.invariant} ${first.where}: ${first.en}`
}

// internal

interface Acknowledged {
  readonly number: number
  readonly id: string
}

const digestOf = (image: Image): string => {
  const hash = createHash("sha256")
  for (const [name, bytes] of image) hash.update(`${name} ${bytes.length}\n`).update(bytes)
  return hash.digest("base64")
}

/** What a file holds: the ids of its commands in their order, and what is wrong with it. */
interface Verdict {
  readonly commands: readonly string[]
  readonly problem: string | undefined
}

/**
 * Opens an image, which recovers it, and closes it, which moves its log into the file. Files with the same bytes
 * then hold the same world, so each of them is checked once.
 */
const checkImage = async (
  folder: string,
  image: Image,
  acknowledged: readonly Acknowledged[],
  known: Map<string, Verdict>,
): Promise<{ readonly lost: boolean; readonly problem: string | undefined }> => {
  const file = writeImage(folder, image)
  try {
    await (await openSqliteStorage(file)).close()
  } catch (error) {
    return { lost: acknowledged.length > 0, problem: `does not open: ${String(error)}` }
  }
  const digest = digestOf(imageOf(file))
  const { commands, problem } = known.get(digest) ?? (await verdictOn(file))
  known.set(digest, { commands, problem })
  const missing = acknowledged.find(({ number, id }) => commands[number - 1] !== id)
  const gone = missing && `command ${missing.number} was acknowledged and is gone`
  return { lost: missing !== undefined, problem: problem ?? gone }
}

const verdictOn = async (file: string): Promise<Verdict> => {
  try {
    const storage = await openSqliteStorage(file)
    try {
      const commands = await wholeJournal(storage)
      return { commands, problem: await unsound(storage) }
    } finally {
      await storage.close()
    }
  } catch (error) {
    return { commands: [], problem: `cannot be read: ${String(error)}` }
  }
}

const wholeJournal = async (storage: Storage): Promise<readonly string[]> => {
  const all: string[] = []
  for (;;) {
    const page = await storage.journal(programme, { after: all.length, limit: 1_000 })
    for (const { commandId } of page) all.push(commandId)
    if (page.length < 1_000) return all
  }
}
