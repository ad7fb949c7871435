/**
 * A fault at every write-class system call of one call of the store, one process each: killed, disk full, or
 * an error of the disk, once or from then on. Afterwards the file is opened again, the world is checked, and
 * the same call made again must bring it to the same head.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Commit, Storage } from "@yingshao/ports/storage"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import { programme } from "./county.ts"
import { unsound } from "./crash-images.ts"
import { copied, type PreparedCall } from "./store-calls.ts"
import { type Child, filesOf, runTraced, type WriteCall, writeCalls } from "./system-calls.ts"

export interface WriteFault {
  readonly name: string
  /** As strace writes it. */
  readonly inject: "signal=SIGKILL" | "error=ENOSPC" | "error=EIO"
  /** The first such call only, or this one and all that follow. */
  readonly lasts: "once" | "from then on"
  readonly calls: readonly WriteCall[]
}

export const writeFaults: readonly WriteFault[] = [
  { name: "killed", inject: "signal=SIGKILL", lasts: "once", calls: writeCalls },
  { name: "disk full once", inject: "error=ENOSPC", lasts: "once", calls: ["pwrite64", "ftruncate"] },
  { name: "disk full from then on", inject: "error=ENOSPC", lasts: "from then on", calls: ["pwrite64"] },
  { name: "I/O error once", inject: "error=EIO", lasts: "once", calls: writeCalls },
  {
    name: "I/O error from then on",
    inject: "error=EIO",
    lasts: "from then on",
    calls: ["pwrite64", "fsync", "fdatasync"],
  },
]

export interface FaultResult {
  /** Calls at which the fault could come. */
  readonly points: number
  /** Of them, where it was made to come. */
  readonly tried: number
  /** How the first attempt ended, counted. */
  readonly endings: ReadonlyMap<string, number>
  readonly problems: readonly string[]
}

/** @param sample which of `points` points are tried: all of them, or an even choice. */
export const faultsAt = async (
  folder: string,
  prepared: PreparedCall,
  fault: WriteFault,
  sample: (points: number) => readonly number[],
): Promise<FaultResult> => {
  const endings = new Map<string, number>()
  const problems: string[] = []
  const file = join(folder, "fault.db")
  const list = join(folder, "fault.json")
  writeFileSync(list, JSON.stringify(prepared.calls))
  let points = 0
  let tried = 0
  for (const call of fault.calls) {
    const count = await countCalls(file, list, prepared, call)
    points += count
    for (const at of sample(count)) {
      fresh(prepared.file, file)
      const when = fault.lasts === "once" ? `${at}` : `${at}+`
      const child = await runTraced(
        [
          ...quietly(file, call),
          ...(kills(fault) ? [] : ["--seccomp-bpf"]),
          "-e",
          `inject=${call}:${fault.inject}:when=${when}`,
        ],
        script,
        [file, list],
      )
      tried += 1
      const said = child.out.split("\n").slice(0, -1)
      const ending = said[0] ?? "said nothing"
      endings.set(ending, (endings.get(ending) ?? 0) + 1)
      const problem = endedWrong(child, fault) ?? (await wrong(file, prepared, fault, said))
      if (problem !== undefined) {
        problems.push(`${prepared.kind}, ${fault.name} at ${call} ${at} of ${count}: ${problem}`)
      }
    }
  }
  return { points, tried, endings, problems }
}

/** An even choice of at most `most` from 1 to `points`, the last among them. */
export const evenly =
  (most: number) =>
  (points: number): readonly number[] => {
    const step = Math.max(1, points / most)
    const chosen = new Set<number>()
    for (let at = points; at > 0.5; at -= step) chosen.add(Math.ceil(at - 1e-9))
    return [...chosen].reverse()
  }

// internal

const script = join(import.meta.dirname, "child-one-call.ts")

const quietly = (file: string, call: string): readonly string[] => [
  ...["-o", `${file}.strace`, "-e", `trace=${call}`],
  ...filesOf(file).flatMap((path) => ["-P", path]),
]

const fresh = (from: string, to: string): void => {
  for (const ending of ["", "-wal", "-shm", "-journal"]) rmSync(`${to}${ending}`, { force: true })
  copied(from, to)
}

/** strace passes signals on without a filter in the kernel only. */
const kills = (fault: WriteFault): boolean => fault.inject === "signal=SIGKILL"

/** A fault that did not come would let everything pass. */
const endedWrong = (child: Child, fault: WriteFault): string | undefined => {
  if (child.err !== "") return child.err.slice(0, 300)
  if (kills(fault)) return child.code === null ? undefined : `was not killed, ended with ${child.code}`
  return child.code === 0 ? undefined : `ended with ${child.code}`
}

/** How many calls of this kind a run without a fault makes. */
const countCalls = async (
  file: string,
  list: string,
  prepared: PreparedCall,
  call: WriteCall,
): Promise<number> => {
  fresh(prepared.file, file)
  const { err } = await runTraced([...quietly(file, call), "--seccomp-bpf"], script, [file, list])
  if (err !== "") throw new Error(err)
  return readFileSync(`${file}.strace`, "utf8").split(`${call}(`).length - 1
}

/** What is wrong with what was said and what is found, or `undefined`. */
const wrong = async (
  file: string,
  prepared: PreparedCall,
  fault: WriteFault,
  said: readonly string[],
): Promise<string | undefined> => {
  const untyped = said.find((one) => !/^(done|(failed|did not open) \w+ (unchanged|unknown)$)/.test(one))
  if (untyped !== undefined) return `said ${untyped}`
  const storage = await openSqliteStorage(file)
  try {
    const head = await storage.head(programme)
    const { before, after } = prepared
    const isAfter = head.number === after.number && head.hash === after.hash
    const isBefore = head.number === before.number && head.hash === before.hash
    if (!isAfter && !isBefore) return `half done: head ${head.number}, before ${before.number}`
    const [first = "", second = ""] = said
    const acknowledged = first.startsWith("done") || second.startsWith("done")
    if (acknowledged && !isAfter) return `acknowledged (${said.join(", ")}) and gone`
    if (first.endsWith("unchanged") && second === "done repeated")
      return "failed as unchanged, and was written"
    if (!kills(fault) && fault.lasts === "once") {
      if (first.startsWith("failed") && !second.startsWith("done")) {
        return `did not work afterwards: ${said.join(", ")}`
      }
    }
    const finding = await unsound(storage)
    if (finding !== undefined) return finding
    return await again(storage, prepared)
  } finally {
    await storage.close()
  }
}

/** The same call made again brings the world to where it must be. */
const again = async (storage: Storage, { calls, after }: PreparedCall): Promise<string | undefined> => {
  for (const { method, given } of calls) {
    if (method !== "commit") return undefined
    const result = await storage.commit(programme, given[1] as Commit)
    if (result.kind !== "committed" && result.kind !== "repeated") return `sent again: ${result.kind}`
  }
  const head = await storage.head(programme)
  if (head.hash !== after.hash) return "sent again, the head is another"
  return unsound(storage)
}
