/**
 * Bytes in a folder of this machine, each file whole or not there, also after a power cut.
 */
import { mkdir, readFile, rm, stat } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { syncFolder, writeWhole } from "@yingshao/ports/outbound/whole-file"
import { photosFailure } from "@yingshao/ports/photos"
import type { Blobs } from "./blobs.ts"

/** @param root is created with the first photo. */
export const folderBlobs = (root: string): Blobs => ({
  name: "folder",
  put: (key, bytes) =>
    typed(async () => {
      const path = join(root, key)
      if (await isThere(path, bytes.length)) return
      await mkdir(dirname(path), { recursive: true, mode: 0o750 })
      await writeWhole(dirname(path), basename(path), bytes)
    }),
  get: (key) => typed(() => unlessMissing(() => readFile(join(root, key)), undefined)),
  remove: (key) =>
    typed(() =>
      unlessMissing(async () => {
        await rm(join(root, key))
        await syncFolder(dirname(join(root, key)))
        return true
      }, false),
    ),
})

// internal

const isThere = async (path: string, bytes: number): Promise<boolean> =>
  unlessMissing(async () => (await stat(path)).size === bytes, false)

const unlessMissing = async <A, B>(work: () => Promise<A>, otherwise: B): Promise<A | B> => {
  try {
    return await work()
  } catch (error) {
    if (codeOf(error) === "ENOENT") return otherwise
    throw error
  }
}

const typed = async <A>(work: () => Promise<A>): Promise<A> => {
  try {
    return await work()
  } catch (error) {
    const code = codeOf(error)
    throw photosFailure(
      code === "ENOSPC" || code === "EDQUOT" ? "full" : "unavailable",
      `the photo folder: ${code}`,
      error,
    )
  }
}

const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error ? String(error.code) : "failed"
