/**
 * Names and words of people in two SQLite files of their own beside the county's: one with what is sealed, one
 * with the keys. Identities and the journal are kept apart, so that neither tells who did what without the other.
 *
 * Each person has a key. Erasing destroys it, so that an older copy of the first file no longer decrypts; copies
 * of the second are kept no longer than erasure may take. Every look is recorded in the first file before
 * anything is shown (A8); those records take no change and no deletion (A2).
 *
 * What it does not do: it does not encrypt the file with the keys, and it does not run on several machines. A
 * county with a key service of its own brings another store of the same port.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto"
import { DatabaseSync } from "node:sqlite"
import {
  type Identity,
  identityContract,
  identityFailure,
  isIdentityFailure,
  type PersonalFields,
} from "@yingshao/ports/identity"

export interface IdentityFilesOptions {
  /** What is sealed, and who looked. */
  readonly file: string
  /** The keys of people and of phone digests. */
  readonly keys: string
  /** The instant of a look, ISO UTC. */
  readonly now: () => string
}

/** @throws IdentityFailure `unavailable` when a file does not open, or will not keep what it is told. */
export const identityFiles = ({ file, keys, now }: IdentityFilesOptions): Identity => {
  const opened = guarded(() => ({ sealed: open(file, sealedSchema), keys: open(keys, keySchema) }))
  guarded(() => forgetErased(opened.sealed, keys))
  const vault: Vault = { ...opened, digestKey: guarded(() => digestKeyOf(opened.keys)) }
  const looks = lookBook(vault.sealed, now)
  return {
    contract: identityContract,
    name: "identity-files",
    put: async (programme, handle, fields) => guarded(() => put(vault, programme, handle, fields)),
    alias: async (programme, handle, alias) => guarded(() => addAlias(vault, programme, handle, alias)),
    async unmask(programme, handle, fields, purpose) {
      if ([purpose.actor, purpose.caseKey, purpose.purpose].some((part) => part.trim() === "")) {
        throw identityFailure("purpose-missing", "who looks, under which case and why must be said")
      }
      await looks.record([
        programme,
        purpose.actor,
        handle,
        fields.join(" "),
        purpose.caseKey,
        purpose.purpose,
      ])
      const all = guarded(() => fieldsOf(vault, programme, handle))
      if (all === undefined) return { kind: "nothing" }
      const shown = fields.flatMap((name) => (Object.hasOwn(all, name) ? [[name, all[name]] as const] : []))
      return { kind: "fields", fields: Object.fromEntries(shown) }
    },
    findByPhone: async (programme, phone) =>
      guarded(() =>
        text(vault.sealed.prepare(sql.byPhone).get(programme, digest(vault, programme, phone)), "handle"),
      ),
    erase: async (programme, handle) => guarded(() => erase(vault, programme, handle)),
    handles: async (programme, { after, limit }) =>
      guarded(() => pageOfHandles(vault, programme, after ?? "", limit)),
    async close() {
      await looks.written()
      vault.sealed.close()
      vault.keys.close()
    },
  }
}

// internal

interface Vault {
  readonly sealed: DatabaseSync
  readonly keys: DatabaseSync
  readonly digestKey: Uint8Array
}

const sealedSchema = `
  CREATE TABLE IF NOT EXISTS person (programme TEXT, id TEXT, sealed BLOB NOT NULL, phone BLOB, handle TEXT NOT NULL,
    PRIMARY KEY (programme, id)) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS person_phone ON person (programme, phone) WHERE phone IS NOT NULL;
  CREATE TABLE IF NOT EXISTS handle (programme TEXT, handle TEXT, person TEXT NOT NULL,
    PRIMARY KEY (programme, handle)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS look (number INTEGER PRIMARY KEY, at TEXT NOT NULL, programme TEXT NOT NULL,
    actor TEXT NOT NULL, handle TEXT NOT NULL, fields TEXT NOT NULL, case_key TEXT NOT NULL, purpose TEXT NOT NULL) STRICT;
  CREATE TRIGGER IF NOT EXISTS look_stays BEFORE UPDATE ON look BEGIN SELECT raise(ABORT, 'a look stays on record'); END;
  CREATE TRIGGER IF NOT EXISTS look_is_kept BEFORE DELETE ON look BEGIN SELECT raise(ABORT, 'a look stays on record'); END;`

const keySchema = `
  CREATE TABLE IF NOT EXISTS person_key (programme TEXT, id TEXT, key BLOB NOT NULL,
    PRIMARY KEY (programme, id)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS digest_key (only_one INTEGER PRIMARY KEY CHECK (only_one = 1), key BLOB NOT NULL) STRICT;`

const sql = {
  personOf: "SELECT person FROM handle WHERE programme = ? AND handle = ?",
  name: "INSERT INTO handle (programme, handle, person) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
  sealedOf: "SELECT sealed FROM person WHERE programme = ? AND id = ?",
  seal: `INSERT INTO person (programme, id, sealed, phone, handle) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET sealed = excluded.sealed, phone = excluded.phone, handle = excluded.handle`,
  forgetPhone: "UPDATE person SET phone = NULL WHERE programme = ? AND phone = ?",
  forget: "DELETE FROM person WHERE programme = ? AND id = ?",
  byPhone: "SELECT handle FROM person WHERE programme = ? AND phone = ?",
  handles: `SELECT handle.handle FROM handle JOIN person ON person.programme = handle.programme AND person.id = handle.person
    WHERE handle.programme = ? AND handle.handle > ? ORDER BY handle.handle LIMIT ?`,
  look: "INSERT INTO look (at, programme, actor, handle, fields, case_key, purpose) VALUES (?, ?, ?, ?, ?, ?, ?)",
  keyOf: "SELECT key FROM person_key WHERE programme = ? AND id = ?",
  keepKey: "INSERT INTO person_key (programme, id, key) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
  destroyKey: "DELETE FROM person_key WHERE programme = ? AND id = ?",
}

/** A copy of the file that is older than an erasure has people without a key: nobody can read them, so they go. */
const forgetErased = (sealed: DatabaseSync, keys: string): void => {
  sealed.prepare("ATTACH ? AS known").run(keys)
  sealed.exec(`DELETE FROM person WHERE NOT EXISTS
    (SELECT 1 FROM known.person_key WHERE person_key.programme = person.programme AND person_key.id = person.id)`)
  sealed.exec("DETACH known")
}

/** Durable at every commit, and nothing of what was deleted stays in the file. Set, and read back. */
const open = (path: string, schema: string): DatabaseSync => {
  const database = new DatabaseSync(path)
  database.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA busy_timeout = 5000",
  )
  const kept = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]
  if (kept("synchronous") !== 2 || kept("secure_delete") !== 1) {
    throw identityFailure("unavailable", "the file does not take the settings that it needs")
  }
  database.exec(schema)
  return database
}

const digestKeyOf = (keys: DatabaseSync): Uint8Array => {
  keys.prepare("INSERT INTO digest_key VALUES (1, ?) ON CONFLICT DO NOTHING").run(randomBytes(32))
  return bytes(keys.prepare("SELECT key FROM digest_key").get(), "key") as Uint8Array
}

/** The key first: what is sealed under a key that was never kept would be lost. */
const put = (vault: Vault, programme: string, handle: string, fields: PersonalFields): void => {
  checkFields(fields)
  const id = personOf(vault, programme, handle) ?? randomBytes(12).toString("hex")
  vault.keys.prepare(sql.keepKey).run(programme, id, randomBytes(32))
  const key = keyOf(vault, programme, id) as Uint8Array
  const phone = fields.phone === undefined ? null : digest(vault, programme, fields.phone)
  whole(vault.sealed, () => {
    vault.sealed.prepare(sql.name).run(programme, handle, id)
    if (phone !== null) vault.sealed.prepare(sql.forgetPhone).run(programme, phone)
    vault.sealed
      .prepare(sql.seal)
      .run(programme, id, seal(key, `${programme}\n${id}`, JSON.stringify(fields)), phone, handle)
  })
}

const addAlias = (vault: Vault, programme: string, handle: string, alias: string): void => {
  const id = personOf(vault, programme, handle)
  if (id === undefined || keyOf(vault, programme, id) === undefined) {
    throw identityFailure("invalid", "there is nobody to give an alias to")
  }
  const { changes } = vault.sealed.prepare(sql.name).run(programme, alias, id)
  if (changes === 0) throw identityFailure("invalid", "a handle is never used again")
}

const fieldsOf = (vault: Vault, programme: string, handle: string): PersonalFields | undefined => {
  const id = personOf(vault, programme, handle)
  const key = id === undefined ? undefined : keyOf(vault, programme, id)
  const sealed =
    id === undefined ? undefined : bytes(vault.sealed.prepare(sql.sealedOf).get(programme, id), "sealed")
  if (key === undefined || sealed === undefined) return undefined
  return JSON.parse(unseal(key, `${programme}\n${id}`, sealed)) as PersonalFields
}

/** The key goes first and for good; a crash after it leaves what nobody can read. */
const erase = (vault: Vault, programme: string, handle: string): boolean => {
  const id = personOf(vault, programme, handle)
  if (id === undefined) return false
  const { changes } = vault.keys.prepare(sql.destroyKey).run(programme, id)
  vault.keys.exec("PRAGMA wal_checkpoint(TRUNCATE)")
  vault.sealed.prepare(sql.forget).run(programme, id)
  vault.sealed.exec("PRAGMA wal_checkpoint(TRUNCATE)")
  return changes > 0
}

const pageOfHandles = (vault: Vault, programme: string, after: string, limit: number): readonly string[] =>
  vault.sealed
    .prepare(sql.handles)
    .all(programme, after, limit)
    .flatMap((row) => text(row, "handle") ?? [])

/** Looks of one turn share a durable commit: a list of fifty names is one. */
const lookBook = (sealed: DatabaseSync, now: () => string) => {
  let waiting: (readonly string[])[] = []
  let written: Promise<void> = Promise.resolve()
  const write = (): void => {
    const some = waiting
    waiting = []
    guarded(() =>
      whole(sealed, () => {
        const statement = sealed.prepare(sql.look)
        for (const look of some) statement.run(...look)
      }),
    )
  }
  return {
    record(look: readonly string[]): Promise<void> {
      waiting.push([now(), ...look])
      if (waiting.length === 1) {
        written = new Promise((resolve, reject) => {
          setImmediate(() => {
            try {
              write()
              resolve()
            } catch (error) {
              reject(error)
            }
          })
        })
      }
      return written
    },
    written: () => written.catch(() => {}),
  }
}

const personOf = ({ sealed }: Vault, programme: string, handle: string): string | undefined =>
  text(sealed.prepare(sql.personOf).get(programme, handle), "person")

const keyOf = ({ keys }: Vault, programme: string, id: string): Uint8Array | undefined =>
  bytes(keys.prepare(sql.keyOf).get(programme, id), "key")

/** Keyed: the bare hash of a phone number is the phone number. */
const digest = ({ digestKey }: Vault, programme: string, phone: string): Uint8Array =>
  createHmac("sha256", digestKey).update(`${programme}\n${phone}`).digest()

const whole = (database: DatabaseSync, work: () => void): void => {
  database.exec("BEGIN IMMEDIATE")
  try {
    work()
    database.exec("COMMIT")
  } catch (error) {
    database.exec("ROLLBACK")
    throw error
  }
}

const nonceBytes = 12
const tagBytes = 16

const seal = (key: Uint8Array, about: string, plain: string): Uint8Array => {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(about))
  const sealed = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed])
}

const unseal = (key: Uint8Array, about: string, sealed: Uint8Array): string => {
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceBytes)).setAAD(
    Buffer.from(about),
  )
  decipher.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes))
  return Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()]).toString(
    "utf8",
  )
}

const mostBytes = 1_000

const checkFields = (fields: PersonalFields): void => {
  for (const one of Object.values(fields)) {
    if (one !== undefined && Buffer.byteLength(one) > mostBytes) {
      throw identityFailure("invalid", "a field is longer than 1,000 bytes")
    }
  }
}

type Row = Record<string, unknown> | undefined

const text = (row: Row, name: string): string | undefined => {
  const value = row?.[name]
  return typeof value === "string" ? value : undefined
}

const bytes = (row: Row, name: string): Uint8Array | undefined => {
  const value = row?.[name]
  return value instanceof Uint8Array ? value : undefined
}

/** What the driver throws becomes a failure of the port, and takes no field's text along. */
const guarded = <T>(work: () => T): T => {
  try {
    return work()
  } catch (error) {
    if (isIdentityFailure(error)) throw error
    const code = (error as { readonly errstr?: unknown }).errstr
    throw identityFailure(
      "unavailable",
      `the identity store does not answer: ${typeof code === "string" ? code : "failed"}`,
    )
  }
}
