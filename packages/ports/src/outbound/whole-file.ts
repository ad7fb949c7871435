/**
 * Writes a file so that whoever sees its name sees all of it, also after a power cut: under a hidden name, synced,
 * renamed, and the folder synced.
 *
 * What it does not do: it makes no folder, and it does not keep two writers of one name from replacing each other.
 */
import { randomBytes } from "node:crypto"
import { open, rename, rm } from "node:fs/promises"
import { join } from "node:path"

/**
 * Readers skip names that begin with a dot. A kill may leave such a file behind; a failure takes it away.
 *
 * @param name in `folder`; a file of that name is replaced.
 * @param mode of a new file. Default: the owner writes, the group reads.
 * @throws what the file system says; the file is then as it was, or whole.
 * @example await writeWhole("/var/drop/outbox", "o-1.json", "{}") // => undefined; the file is there and durable
 */
export const writeWhole = async (
  folder: string,
  name: string,
  content: Uint8Array | string,
  mode = 0o640,
): Promise<void> => {
  // A name of its own, so that two writers never write into one file.
  const part = join(folder, `.${name.replace(/\.[a-z]+$/, "")}.${randomBytes(6).toString("hex")}.part`)
  try {
    await writeSynced(part, content, mode)
    await rename(part, join(folder, name))
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
  await syncFolder(folder)
}

/** Names that were made or taken away in a folder last from then on. */
export const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, "r")
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

// internal

const writeSynced = async (path: string, content: Uint8Array | string, mode: number): Promise<void> => {
  const file = await open(path, "wx", mode)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}
