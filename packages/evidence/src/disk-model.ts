/**
 * What a disk may hold when the power goes: files rebuilt from the calls that were made on them.
 *
 * Every write is known as *synced* or not. At a cut, what was synced is there; of the rest anything may be:
 * `kept` keeps all of it (a killed process: the page cache survives), `dropped` loses all of it, `torn` keeps
 * each 512-byte sector of each write by chance. Names are treated in two ways: `kept` has every file that was
 * created or unlinked before the cut, at its length; `lost` is stronger: creating, unlinking and growing last
 * only once the folder, or the file, was synced after it.
 *
 * What it does not do: it tears no sector, and it does not reorder a sync before the write it follows; no
 * disk that keeps its promises does.
 */
import type { SystemCall } from "./system-calls.ts"

export interface Cut {
  readonly unsynced: "kept" | "dropped" | "torn"
  readonly names: "kept" | "lost"
  /** Seed of the chance that `torn` needs. */
  readonly seed: number
}

/** Bytes by file name. */
export type Image = ReadonlyMap<string, Buffer>

export interface Disk {
  apply(call: SystemCall): void
  /** What is found after the power came back. */
  image(cut: Cut): Image
}

/** @param start what stood on the disk, synced, before the first call. */
export const diskOf = (start: Image): Disk => {
  let files = new Map<string, ModelFile>()
  for (const [name, bytes] of start) files.set(name, { synced: bytes, now: bytes, since: [] })
  /** The folder as it was last synced. */
  let named = new Map(files)

  const fileOf = (name: string): ModelFile => {
    const file = files.get(name)
    if (file === undefined) throw new Error(`${name} was written before it was made`)
    return file
  }

  return {
    apply: (call) => {
      switch (call.kind) {
        case "mark":
          return
        case "create":
          if (!files.has(call.file)) files.set(call.file, { synced: nothing, now: nothing, since: [] })
          return
        case "unlink":
          files = new Map([...files].filter(([name]) => name !== call.file))
          return
        case "sync": {
          if (call.file === "") named = new Map(files)
          else {
            const file = fileOf(call.file)
            file.synced = file.now
            file.since = []
          }
          return
        }
        case "write":
        case "truncate": {
          const file = fileOf(call.file)
          file.now = changed(file.now, call)
          file.since.push(call)
        }
      }
    },
    image: ({ unsynced, names, seed }) => {
      const chance = chanceOf(seed)
      const found = new Map<string, Buffer>()
      for (const [name, file] of names === "kept" ? files : named) {
        found.set(name, contentOf(file, unsynced, names, chance))
      }
      return found
    },
  }
}

// internal

interface ModelFile {
  synced: Buffer
  now: Buffer
  /** Changes since the last sync. */
  since: Change[]
}

type Change = Extract<SystemCall, { kind: "write" | "truncate" }>

const nothing = Buffer.alloc(0)
const sector = 512

const changed = (bytes: Buffer, change: Change): Buffer => {
  if (change.kind === "truncate") return resized(bytes, change.size)
  const after = resized(bytes, Math.max(bytes.length, change.at + change.bytes.length), true)
  change.bytes.copy(after, change.at)
  return after
}

const resized = (bytes: Buffer, size: number, copy = false): Buffer => {
  if (size <= bytes.length) return copy ? Buffer.from(bytes) : bytes.subarray(0, size)
  return Buffer.concat([bytes, Buffer.alloc(size - bytes.length)])
}

const contentOf = (
  file: ModelFile,
  unsynced: Cut["unsynced"],
  names: Cut["names"],
  chance: () => number,
): Buffer => {
  if (unsynced === "kept") return file.now
  let bytes = file.synced
  if (unsynced === "torn") {
    for (const change of file.since) bytes = survived(bytes, change, chance)
  }
  // Where names last, so does the length: what was not written is zeros there.
  return names === "kept" ? resized(bytes, file.now.length) : bytes
}

/** Some sectors of the change reached the disk, or none did. */
const survived = (bytes: Buffer, change: Change, chance: () => number): Buffer => {
  if (change.kind === "truncate") return chance() < 0.5 ? changed(bytes, change) : bytes
  let after = bytes
  for (let from = change.at; from < change.at + change.bytes.length; ) {
    const to = Math.min(change.at + change.bytes.length, (Math.floor(from / sector) + 1) * sector)
    if (chance() < 0.5) {
      const part = change.bytes.subarray(from - change.at, to - change.at)
      after = changed(after, { ...change, at: from, bytes: part })
    }
    from = to
  }
  return after
}

/** mulberry32. */
const chanceOf = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
