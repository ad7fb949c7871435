/**
 * How long this disk takes to say that something is safe: what a durable commit waits for, and what sharing one saves.
 */
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs"
import { join } from "node:path"
import { median } from "./rounds.ts"

/** Milliseconds, in the middle of some tries, each of as much as a command writes. */
export const syncMs = (folder: string): number => {
  const path = join(folder, "sync")
  const file = openSync(path, "w")
  const bytes = Buffer.alloc(100_000, 1)
  try {
    return median(
      Array.from({ length: 41 }, (_, at) => {
        writeSync(file, bytes, 0, bytes.length, at * bytes.length)
        const begin = performance.now()
        fsyncSync(file)
        return performance.now() - begin
      }),
    )
  } finally {
    closeSync(file)
    rmSync(path)
  }
}
