/**
 * A small SQLite file whose rows are sealed: durable at every commit, and nothing of what was deleted stays in it.
 *
 * What it does not do: it keeps no key.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"
import { DatabaseSync } from "node:sqlite"

/**
 * Opens or makes the file with its tables; the settings are made at every opening and read back.
 *
 * @throws Error when the file does not open or does not take them.
 */
export const openSealedFile = (path: string, schema: string): DatabaseSync => {
  const database = new DatabaseSync(path)
  database.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA busy_timeout = 5000",
  )
  const kept = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]
  if (kept("synchronous") !== 2 || kept("secure_delete") !== 1) {
    throw new Error("the file does not take the settings that it needs")
  }
  database.exec(schema)
  return database
}

/** All of the work in one durable commit, or none of it. */
export const whole = (database: DatabaseSync, work: () => void): void => {
  database.exec("BEGIN IMMEDIATE")
  try {
    work()
    database.exec("COMMIT")
  } catch (error) {
    // A full disk ended it already, and its error is the one to tell.
    if (database.isTransaction) database.exec("ROLLBACK")
    throw error
  }
}

/** What comes in one turn shares a durable commit; a commit that fails keeps none of it. */
export const inBatches = <T>(work: (some: readonly T[]) => void): ((one: T) => Promise<void>) => {
  let waiting: T[] = []
  let written: Promise<void> = Promise.resolve()
  return (one) => {
    waiting.push(one)
    if (waiting.length === 1) {
      written = new Promise((resolve, reject) => {
        setImmediate(() => {
          const some = waiting
          waiting = []
          try {
            work(some)
            resolve()
          } catch (error) {
            reject(error)
          }
        })
      })
    }
    return written
  }
}

/** Overwrites what was deleted, in the log beside the file too. */
export const wiped = (database: DatabaseSync): void => database.exec("PRAGMA wal_checkpoint(TRUNCATE)")

/** @param about what the text belongs to; it opens for nothing else. */
export const seal = (key: Uint8Array, about: string, plain: string): Uint8Array => {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(about))
  const sealed = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed])
}

/** @throws Error when key, purpose or text is another one. */
export const unseal = (key: Uint8Array, about: string, sealed: Uint8Array): string => {
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceBytes)).setAAD(
    Buffer.from(about),
  )
  decipher.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes))
  return Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()]).toString(
    "utf8",
  )
}

export const textIn = (row: Row, name: string): string | undefined => {
  const value = row?.[name]
  return typeof value === "string" ? value : undefined
}

export const bytesIn = (row: Row, name: string): Uint8Array | undefined => {
  const value = row?.[name]
  return value instanceof Uint8Array ? value : undefined
}

// internal

const nonceBytes = 12
const tagBytes = 16

type Row = Record<string, unknown> | undefined
