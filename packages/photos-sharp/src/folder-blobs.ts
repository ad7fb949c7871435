/**
 * Bytes in a folder of this machine: written under a hidden name, synced, renamed, and the folder synced, so
 * that whoever sees a file sees all of it, also after a power cut.
 */
import { randomBytes } from "node:crypto"
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
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
      const part = join(dirname(path), `.${randomBytes(8).toString("hex")}.part`)
      try {
        await written(part, bytes)
        await rename(part, path)
      } catch (error) {
        await rm(part, { force: true })
        throw error
      }
      await synced(dirname(path))
    }),
  get: (key) => typed(() => unlessMissing(() => readFile(join(root, key)), undefined)),
  remove: (key) =>
    typed(() =>
      unlessMissing(async () => {
        await rm(join(root, key))
        await synced(dirname(join(root, key)))
        return true
      }, false),
    ),
})

// internal

const isThere = async (path: string, bytes: number): Promise<boolean> =>
  unlessMissing(async () => (await stat(path)).size === bytes, false)

const written = async (path: string, bytes: Uint8Array): Promise<void> => {
  const file = await open(path, "wx", 0o640)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

const synced = async (folder: string): Promise<void> => {
  const handle = await open(folder, "r")
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

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
