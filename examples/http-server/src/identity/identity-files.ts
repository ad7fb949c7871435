/**
 * Names and words of people in two SQLite files of their own beside the county's: one with what is sealed, one
 * with the keys. Identities and the journal are kept apart, so that neither tells who did what without the other.
 *
 * Each person has a key. Erasing destroys it, so that an older copy of the first file no longer decrypts; copies
 * of the second are kept no longer than erasure may take. Every look is recorded in the first file before
 * anything is shown (A8); those records take no change and no deletion (A2).
 *
 * The keys also say who was erased. A person whose key is neither there nor erased has lost it: the file with the keys
 * is missing, older, or another county's. Then nothing opens and nothing is changed, so that the right file can come
 * back.
 *
 * What it does not do: it does not encrypt the file with the keys, and it does not run on several machines. A
 * county with a key service of its own brings another store of the same port.
 */
import { createHmac, randomBytes } from "node:crypto"
import { existsSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import {
  type Identity,
  identityContract,
  identityFailure,
  isIdentityFailure,
  type PersonalFields,
} from "@yingshao/ports/identity"
import type { PersonSeals } from "./person-seals.ts"
import { bytesIn, inBatches, openSealedFile, seal, textIn, unseal, whole, wiped } from "./sealed-file.ts"

export interface IdentityFilesOptions {
  /** What is sealed, and who looked. */
  readonly file: string
  /** The keys of people and of phone digests. */
  readonly keys: string
  /** The instant of a look, ISO UTC. */
  readonly now: () => string
}

export interface IdentityFiles extends Identity {
  /** For what else is kept about people, so that erasing ends that too. */
  readonly seals: PersonSeals
}

/**
 * @throws IdentityFailure `unavailable` when a file does not open, or will not keep what it is told;
 *   `key-unavailable` when the two files do not belong together, or one of them is missing.
 */
export const identityFiles = ({ file, keys, now }: IdentityFilesOptions): IdentityFiles => {
  const opened = guarded(() => openPair(file, keys))
  const vault: Vault = { ...opened, digestKey: guarded(() => digestKeyOf(opened.keys)) }
  let written: Promise<unknown> = Promise.resolve()
  const record = inBatches<readonly string[]>((some) => writeLooks(vault.sealed, some))
  const keep = inBatches<Kept>((some) => guarded(() => putAll(vault, some)))
  const forgetting: ((programme: string, person: string) => void)[] = []
  return {
    contract: identityContract,
    name: "identity-files",
    async put(programme, handle, fields) {
      checkFields(fields)
      await keep({ programme, handle, fields })
    },
    alias: async (programme, handle, alias) => guarded(() => addAlias(vault, programme, handle, alias)),
    async unmask(programme, handle, fields, purpose) {
      if ([purpose.actor, purpose.caseKey, purpose.purpose].some((part) => part.trim() === "")) {
        throw identityFailure("purpose-missing", "who looks, under which case and why must be said")
      }
      const look = [
        now(),
        programme,
        purpose.actor,
        handle,
        fields.join(" "),
        purpose.caseKey,
        purpose.purpose,
      ]
      written = record(look)
      await written
      const all = guarded(() => fieldsOf(vault, programme, handle))
      if (all === undefined) return { kind: "nothing" }
      const shown = fields.flatMap((name) => (Object.hasOwn(all, name) ? [[name, all[name]] as const] : []))
      return { kind: "fields", fields: Object.fromEntries(shown) }
    },
    findByPhone: async (programme, phone) =>
      guarded(() =>
        textIn(vault.sealed.prepare(sql.byPhone).get(programme, digest(vault, programme, phone)), "handle"),
      ),
    erase: async (programme, handle) => guarded(() => erase(vault, programme, handle, forgetting)),
    handles: async (programme, { after, limit }) =>
      guarded(() => pageOfHandles(vault, programme, after ?? "", limit)),
    seals: sealsOf(vault, forgetting),
    async close() {
      await written.catch(() => {})
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
  CREATE TABLE IF NOT EXISTS erased (programme TEXT, id TEXT, PRIMARY KEY (programme, id)) STRICT, WITHOUT ROWID;
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
  isErased: "SELECT id FROM erased WHERE programme = ? AND id = ?",
  markErased: "INSERT INTO erased (programme, id) VALUES (?, ?) ON CONFLICT DO NOTHING",
  destroyKey: "DELETE FROM person_key WHERE programme = ? AND id = ?",
}

/** Neither file is made anew beside one that tells of people: that would hide that the other is lost. */
const openPair = (file: string, keys: string): Pick<Vault, "sealed" | "keys"> => {
  if (existsSync(file) !== existsSync(keys)) refuseAlone(file, keys)
  const sealed = openSealedFile(file, sealedSchema)
  const opened = { sealed, keys: openSealedFile(keys, keySchema) }
  try {
    refuseAlone(file, keys)
    sealed.prepare("ATTACH ? AS known").run(keys)
    const lost = count(sealed, `SELECT count(*) AS n FROM person WHERE ${keyless} AND NOT ${erasedThere}`)
    if (lost > 0) {
      throw identityFailure(
        "key-unavailable",
        `${lost} people of ${file} have no key in ${keys}: put back the keys that were kept with these names`,
      )
    }
    // A copy of the file that is older than an erasure has people whom nobody can read: they go.
    sealed.exec(`DELETE FROM person WHERE ${keyless}`)
    sealed.exec("DETACH known")
    return opened
  } catch (error) {
    opened.sealed.close()
    opened.keys.close()
    throw error
  }
}

/** Looks without making or changing a file. */
const refuseAlone = (file: string, keys: string): void => {
  const people = peopleIn(file, "handle")
  const known = peopleIn(keys, "person_key")
  if (people > 0 && peopleIn(keys, "digest_key") === 0) {
    throw identityFailure(
      "key-unavailable",
      `${file} names ${people} people, and ${keys} is missing or empty`,
    )
  }
  if (people === 0 && known > 0) {
    throw identityFailure(
      "key-unavailable",
      `${keys} has keys of ${known} people, and ${file} is missing or empty`,
    )
  }
}

const peopleIn = (path: string, table: string): number => {
  if (!existsSync(path)) return 0
  const database = new DatabaseSync(path)
  try {
    const isThere = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = ?").get(table) !== undefined
    return isThere ? count(database, `SELECT count(*) AS n FROM ${table}`) : 0
  } finally {
    database.close()
  }
}

const count = (database: DatabaseSync, query: string): number => Number(database.prepare(query).get()?.n)

const keyless = `NOT EXISTS (SELECT 1 FROM known.person_key AS kept
  WHERE kept.programme = person.programme AND kept.id = person.id)`
const erasedThere = `EXISTS (SELECT 1 FROM known.erased AS gone
  WHERE gone.programme = person.programme AND gone.id = person.id)`

const digestKeyOf = (keys: DatabaseSync): Uint8Array => {
  keys.prepare("INSERT INTO digest_key VALUES (1, ?) ON CONFLICT DO NOTHING").run(randomBytes(32))
  return bytesIn(keys.prepare("SELECT key FROM digest_key").get(), "key") as Uint8Array
}

interface Kept {
  readonly programme: string
  readonly handle: string
  readonly fields: PersonalFields
}

/** Who is stored in one turn shares a durable commit of each file: a list of names is two. */
const putAll = (vault: Vault, some: readonly Kept[]): void => {
  // The keys first: what is sealed under a key that was never kept would be lost.
  const ids = new Map<string, string>()
  whole(vault.keys, () => {
    for (const { programme, handle } of some) {
      const known = `${programme}\n${handle}`
      const id = ids.get(known) ?? personOf(vault, programme, handle) ?? randomBytes(12).toString("hex")
      ids.set(known, id)
      vault.keys.prepare(sql.keepKey).run(programme, id, randomBytes(32))
    }
  })
  whole(vault.sealed, () => {
    for (const { programme, handle, fields } of some) {
      const id = ids.get(`${programme}\n${handle}`) as string
      const key = keyOf(vault, programme, id) as Uint8Array
      const phone = fields.phone === undefined ? null : digest(vault, programme, fields.phone)
      vault.sealed.prepare(sql.name).run(programme, handle, id)
      if (phone !== null) vault.sealed.prepare(sql.forgetPhone).run(programme, phone)
      vault.sealed
        .prepare(sql.seal)
        .run(programme, id, seal(key, `${programme}\n${id}`, JSON.stringify(fields)), phone, handle)
    }
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
    id === undefined ? undefined : bytesIn(vault.sealed.prepare(sql.sealedOf).get(programme, id), "sealed")
  if (key === undefined || sealed === undefined) return undefined
  return JSON.parse(unseal(key, `${programme}\n${id}`, sealed)) as PersonalFields
}

/** The key goes first and for good; a crash after it leaves what nobody can read. */
const erase = (
  vault: Vault,
  programme: string,
  handle: string,
  forgetting: readonly ((programme: string, person: string) => void)[],
): boolean => {
  const id = personOf(vault, programme, handle)
  if (id === undefined) return false
  let hadKey = false
  whole(vault.keys, () => {
    hadKey = vault.keys.prepare(sql.destroyKey).run(programme, id).changes > 0
    if (hadKey) vault.keys.prepare(sql.markErased).run(programme, id)
  })
  wiped(vault.keys)
  vault.sealed.prepare(sql.forget).run(programme, id)
  wiped(vault.sealed)
  for (const forget of forgetting) forget(programme, id)
  return hadKey
}

/** Whoever is told something before they have a name here gets a key and no more. */
const sealsOf = (vault: Vault, forgetting: ((programme: string, person: string) => void)[]): PersonSeals => ({
  toSeal(programme, handle) {
    const known = personOf(vault, programme, handle)
    if (known !== undefined) return keyOf(vault, programme, known) === undefined ? undefined : known
    const id = randomBytes(12).toString("hex")
    vault.keys.prepare(sql.keepKey).run(programme, id, randomBytes(32))
    vault.sealed.prepare(sql.name).run(programme, handle, id)
    return id
  },
  known: (programme, handle) => personOf(vault, programme, handle),
  isErased: (programme, person) =>
    keyOf(vault, programme, person) === undefined &&
    vault.keys.prepare(sql.isErased).get(programme, person) !== undefined,
  seal(programme, person, about, plain) {
    const key = keyOf(vault, programme, person)
    if (key === undefined) throw identityFailure("key-unavailable", "the person was erased")
    return seal(key, `${programme}\n${person}\n${about}`, plain)
  },
  unseal(programme, person, about, sealed) {
    const key = keyOf(vault, programme, person)
    if (key === undefined) return undefined
    try {
      return unseal(key, `${programme}\n${person}\n${about}`, sealed)
    } catch {
      return undefined
    }
  },
  onErased: (forget) => void forgetting.push(forget),
})

const pageOfHandles = (vault: Vault, programme: string, after: string, limit: number): readonly string[] =>
  vault.sealed
    .prepare(sql.handles)
    .all(programme, after, limit)
    .flatMap((row) => textIn(row, "handle") ?? [])

/** Looks of one turn share a durable commit: a list of fifty names is one. */
const writeLooks = (sealed: DatabaseSync, some: readonly (readonly string[])[]): void =>
  guarded(() =>
    whole(sealed, () => {
      const statement = sealed.prepare(sql.look)
      for (const look of some) statement.run(...look)
    }),
  )

const personOf = ({ sealed }: Vault, programme: string, handle: string): string | undefined =>
  textIn(sealed.prepare(sql.personOf).get(programme, handle), "person")

const keyOf = ({ keys }: Vault, programme: string, id: string): Uint8Array | undefined =>
  bytesIn(keys.prepare(sql.keyOf).get(programme, id), "key")

/** Keyed: the bare hash of a phone number is the phone number. */
const digest = ({ digestKey }: Vault, programme: string, phone: string): Uint8Array =>
  createHmac("sha256", digestKey).update(`${programme}\n${phone}`).digest()

const mostBytes = 1_000

const checkFields = (fields: PersonalFields): void => {
  for (const one of Object.values(fields)) {
    if (one !== undefined && Buffer.byteLength(one) > mostBytes) {
      throw identityFailure("invalid", "a field is longer than 1,000 bytes")
    }
  }
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
