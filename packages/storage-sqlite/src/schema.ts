/**
 * The tables, and what is done to a file before it is used: recognise it, set its pragmas, bring its schema
 * up to date.
 *
 * A file that is not ours is refused before a byte of it changes. What it does not do: it never migrates
 * downwards, and it does not repair.
 */
import type { DatabaseSync } from "node:sqlite"
import { type StorageSetting, storageFailure } from "@yingshao/ports/storage"

/** "YSHR", in the header of every file of ours. */
export const applicationId = 0x59534852

/** Position in `migrations` that a current file stands at. */
export const schemaVersion = 3

/** Who else may use a file: other processes too, or nobody while this one has it open. */
export type Sharing = "processes" | "one-process"

export interface ConnectionSettings {
  /** How long SQLite waits for another process, in milliseconds. */
  readonly busyTimeoutMs: number
  readonly sharing: Sharing
  /** Pages of the file that the handle keeps in memory, in KB. */
  readonly pageCacheKb: number
}

/** How the file is called in messages. */
export const fileName = (database: DatabaseSync): string => database.location() ?? ":memory:"

/**
 * Refuses a file of another application or of a newer release. Reads only.
 *
 * @throws StorageFailure `foreign-file` or `newer-schema`, naming the file.
 */
export const recognise = (database: DatabaseSync): void => {
  const application = pragma(database, "application_id")
  const version = pragma(database, "user_version")
  const file = fileName(database)
  if (application !== applicationId && !(application === 0 && version === 0 && isEmpty(database))) {
    throw storageFailure(
      "foreign-file",
      "unchanged",
      `${file} belongs to another application; nothing was changed`,
    )
  }
  if (Number(version) > schemaVersion) throw newerSchema(file, Number(version))
}

export const newerSchema = (file: string, version: number) =>
  storageFailure(
    "newer-schema",
    "unchanged",
    `${file} has schema ${version}, this release knows ${schemaVersion}: use a newer release`,
  )

/**
 * How the handle locks. Before anything is read: a file for one process is then locked at its first read and
 * till it is closed, the log's index is kept in memory, and no call locks anything.
 */
export const lockAsShared = (database: DatabaseSync, sharing: Sharing): void => {
  database.exec(`PRAGMA locking_mode = ${lockingOf(sharing)}`)
}

/** Sets every pragma that durability, privacy and speed depend on. They belong to the connection, not to the file. */
export const setPragmas = (database: DatabaseSync, settings: ConnectionSettings): void => {
  database.exec(`PRAGMA busy_timeout = ${settings.busyTimeoutMs}`)
  lockAsShared(database, settings.sharing)
  for (const { name, wanted } of wantedOf(settings)) database.exec(`PRAGMA ${name} = ${wanted}`)
}

/**
 * Creates or migrates the tables; several processes may do it at once.
 *
 * @param upTo the version wanted; an older one only for tests of the steps from there.
 */
export const migrate = (database: DatabaseSync, upTo = schemaVersion): void => {
  if (pragma(database, "user_version") === upTo) return
  database.exec("BEGIN IMMEDIATE")
  try {
    recognise(database)
    const version = Number(pragma(database, "user_version"))
    for (const migration of migrations.slice(version, upTo)) database.exec(migration)
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${upTo}`)
    database.exec("COMMIT")
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK")
    throw error
  }
}

/** What the live connection says about itself, beside what was wanted. */
export const readSettings = (
  database: DatabaseSync,
  settings: ConnectionSettings,
): readonly StorageSetting[] => {
  const { busyTimeoutMs, sharing } = settings
  const locking = String(pragma(database, "locking_mode"))
  const busy = Number(pragma(database, "busy_timeout", "timeout"))
  const clockOffsetMs = offsetOf(database)
  return [
    ...wantedOf(settings).map(({ name, wanted, reads }) => {
      const value = String(pragma(database, name))
      return { name, value, wanted: reads, ok: value === reads || wanted === value }
    }),
    {
      name: "clock offset ms",
      value: String(clockOffsetMs),
      wanted: `within ${mostOffsetMs}`,
      ok: Math.abs(clockOffsetMs) <= mostOffsetMs,
    },
    { name: "locking_mode", value: locking, wanted: lockingOf(sharing), ok: locking === lockingOf(sharing) },
    { name: "busy_timeout", value: String(busy), wanted: `${busyTimeoutMs}`, ok: busy >= busyTimeoutMs },
    ...[
      { name: "application_id", wanted: applicationId },
      { name: "user_version", wanted: schemaVersion },
    ].map(({ name, wanted }) => {
      const value = pragma(database, name)
      return { name, value: String(value), wanted: String(wanted), ok: value === wanted }
    }),
  ]
}

// internal

const lockingOf = (sharing: Sharing): string => (sharing === "processes" ? "normal" : "exclusive")

/** How far SQLite's time may be off this process's; it is the same machine's, so anything else is a fault. */
const mostOffsetMs = 1_000

const offsetOf = (database: DatabaseSync): number => {
  const before = Date.now()
  const now = database.prepare("SELECT unixepoch('now', 'subsec') * 1000 AS ms").get()?.ms
  return Math.round(Number(now) - (before + Date.now()) / 2)
}

/** `reads` is what the pragma answers once it holds. */
const wantedPragmas = [
  { name: "journal_mode", wanted: "WAL", reads: "wal" },
  // FULL: a commit that was acknowledged survives a power cut. NORMAL loses some.
  { name: "synchronous", wanted: "FULL", reads: "2" },
  // The same promise on macOS, where a plain fsync stops at the drive's cache.
  { name: "fullfsync", wanted: "ON", reads: "1" },
  { name: "checkpoint_fullfsync", wanted: "ON", reads: "1" },
  { name: "foreign_keys", wanted: "ON", reads: "1" },
  // What is replaced or deleted is overwritten, so that erased data does not linger in free pages.
  { name: "secure_delete", wanted: "ON", reads: "1" },
  // So that the journal's triggers see the rows which INSERT OR REPLACE would take away.
  { name: "recursive_triggers", wanted: "ON", reads: "1" },
  // Functions and tables named in a doctored schema get no more rights than the schema has.
  { name: "trusted_schema", wanted: "OFF", reads: "0" },
  { name: "cell_size_check", wanted: "ON", reads: "1" },
  // The log moves into the file every 16 MB instead of every 4: pages that change often are moved more rarely.
  { name: "wal_autocheckpoint", wanted: "4000", reads: "4000" },
] as const

/** More than SQLite's 2 MB: a shared commit is not spilled half way, and a look-up finds the upper pages at hand. */
const wantedOf = ({ pageCacheKb }: ConnectionSettings) => [
  ...wantedPragmas,
  { name: "cache_size", wanted: `-${pageCacheKb}`, reads: `-${pageCacheKb}` },
]

const pragma = (database: DatabaseSync, name: string, column = name): unknown =>
  database.prepare(`PRAGMA ${name}`).get()?.[column]

const isEmpty = (database: DatabaseSync): boolean =>
  database.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined

/**
 * Version 1. Programmes and streams have integer keys; a journal row's key is `programme · 2³⁶ + number`, so
 * that one integer key orders and finds it. A row of `stream` keeps its index entries as text as well, so
 * that replacing a document touches only the entries that differ. `ready_at` of the outbox is set on the one
 * row of an ordering key that may go next: a lease is a range scan whatever the depth of the queue.
 *
 * Version 2, fewer and smaller rows. What a message says stands in `message`, written once; `outbox` holds only
 * what is still owed, so that leasing and settling touch small rows and nothing has to tell them from the
 * delivered ones. The newest journal numbers of a stream stand in its own row, which is written in any case;
 * 30 or so at a time move to `touched`.
 *
 * Version 3. An entry may leave its row, and nothing else of it, once `archived` says that its number is in a
 * sealed file.
 */
const migrations: readonly string[] = [
  `
  CREATE TABLE programme (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    number INTEGER NOT NULL,
    hash TEXT NOT NULL,
    delivered INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE journal (
    place INTEGER PRIMARY KEY,
    programme INTEGER NOT NULL REFERENCES programme (id),
    command TEXT NOT NULL,
    digest TEXT NOT NULL,
    entry TEXT NOT NULL,
    leaf TEXT NOT NULL,
    hash TEXT NOT NULL,
    UNIQUE (programme, command)
  ) STRICT;

  CREATE TRIGGER journal_keeps_rows BEFORE DELETE ON journal
  BEGIN SELECT RAISE(ABORT, 'journal rows are never deleted'); END;
  CREATE TRIGGER journal_keeps_bytes BEFORE UPDATE ON journal
  BEGIN SELECT RAISE(ABORT, 'journal rows are never changed'); END;
  CREATE TRIGGER journal_only_grows BEFORE INSERT ON journal
  WHEN EXISTS (SELECT 1 FROM journal WHERE place = NEW.place)
    OR EXISTS (SELECT 1 FROM journal WHERE programme = NEW.programme AND command = NEW.command)
  BEGIN SELECT RAISE(ABORT, 'journal rows are never replaced'); END;

  CREATE TABLE stream (
    id INTEGER PRIMARY KEY,
    programme INTEGER NOT NULL REFERENCES programme (id),
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    fold INTEGER NOT NULL,
    entries TEXT NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (programme, name)
  ) STRICT;

  CREATE TABLE touch (
    stream INTEGER NOT NULL,
    place INTEGER NOT NULL,
    PRIMARY KEY (stream, place)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE entry (
    programme INTEGER NOT NULL,
    name TEXT NOT NULL,
    equals TEXT NOT NULL,
    range TEXT NOT NULL,
    stream TEXT NOT NULL,
    stream_id INTEGER NOT NULL,
    PRIMARY KEY (programme, name, equals, range, stream)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tally (
    programme INTEGER NOT NULL,
    key TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (programme, key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE claim (
    programme INTEGER NOT NULL,
    key TEXT NOT NULL,
    holder TEXT NOT NULL,
    PRIMARY KEY (programme, key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY,
    programme INTEGER NOT NULL,
    number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id TEXT NOT NULL,
    topic TEXT NOT NULL,
    ordering_key TEXT NOT NULL,
    not_before TEXT NOT NULL,
    body TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'dead')),
    attempts INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '',
    leased_by TEXT,
    leased_until TEXT,
    settled_at TEXT,
    token INTEGER NOT NULL DEFAULT 0,
    is_open INTEGER NOT NULL DEFAULT 1,
    ready_at TEXT,
    UNIQUE (programme, id)
  ) STRICT;
  CREATE INDEX outbox_ready ON outbox (programme, topic, ready_at) WHERE ready_at IS NOT NULL;
  CREATE INDEX outbox_open ON outbox (programme, topic, ordering_key) WHERE is_open = 1;
  CREATE INDEX outbox_status ON outbox (programme, status) WHERE status <> 'delivered';
  `,
  `
  ALTER TABLE stream ADD COLUMN recent TEXT NOT NULL DEFAULT '';

  CREATE TABLE touched (
    stream INTEGER NOT NULL,
    last INTEGER NOT NULL,
    numbers TEXT NOT NULL,
    PRIMARY KEY (stream, last)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO touched (stream, last, numbers)
    SELECT stream, max(number), group_concat(number, ',' ORDER BY number)
    FROM (
      SELECT stream, place % 68719476736 AS number,
        (row_number() OVER (PARTITION BY stream ORDER BY place) - 1) / 30 AS block
      FROM touch
    )
    GROUP BY stream, block;
  DROP TABLE touch;

  CREATE TABLE message (
    seq INTEGER PRIMARY KEY,
    programme INTEGER NOT NULL,
    number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id TEXT NOT NULL,
    topic TEXT NOT NULL,
    ordering_key TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (programme, id)
  ) STRICT;
  INSERT INTO message (seq, programme, number, position, id, topic, ordering_key, body)
    SELECT seq, programme, number, position, id, topic, ordering_key, body FROM outbox;

  CREATE TABLE delivered (
    seq INTEGER PRIMARY KEY REFERENCES message (seq),
    not_before TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    note TEXT NOT NULL,
    settled_at TEXT NOT NULL
  ) STRICT;
  INSERT INTO delivered (seq, not_before, attempts, note, settled_at)
    SELECT seq, not_before, attempts, note, settled_at FROM outbox WHERE status = 'delivered';

  CREATE TABLE owed (
    seq INTEGER PRIMARY KEY REFERENCES message (seq),
    programme INTEGER NOT NULL,
    topic TEXT NOT NULL,
    ordering_key TEXT NOT NULL,
    not_before TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'dead')),
    attempts INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '',
    leased_by TEXT,
    leased_until TEXT,
    settled_at TEXT,
    token INTEGER NOT NULL DEFAULT 0,
    is_open INTEGER NOT NULL DEFAULT 1,
    ready_at TEXT
  ) STRICT;
  INSERT INTO owed
    SELECT seq, programme, topic, ordering_key, not_before, status, attempts, note, leased_by, leased_until,
      settled_at, token, is_open, ready_at
    FROM outbox WHERE status <> 'delivered';
  DROP TABLE outbox;
  ALTER TABLE owed RENAME TO outbox;
  CREATE INDEX outbox_ready ON outbox (programme, topic, ready_at) WHERE ready_at IS NOT NULL;
  CREATE INDEX outbox_open ON outbox (programme, topic, ordering_key) WHERE is_open = 1;
  CREATE INDEX outbox_dead ON outbox (programme) WHERE status = 'dead';
  `,
  `
  CREATE TABLE archived (
    programme INTEGER PRIMARY KEY REFERENCES programme (id),
    number INTEGER NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;

  DROP TRIGGER journal_keeps_bytes;
  CREATE TRIGGER journal_keeps_bytes BEFORE UPDATE ON journal
  WHEN NOT (
    NEW.entry = '' AND NEW.place = OLD.place AND NEW.programme = OLD.programme AND NEW.command = OLD.command
    AND NEW.digest = OLD.digest AND NEW.leaf = OLD.leaf AND NEW.hash = OLD.hash
    AND EXISTS (SELECT 1 FROM archived WHERE programme = OLD.programme AND number >= OLD.place % 68719476736)
  )
  BEGIN SELECT RAISE(ABORT, 'journal rows are never changed'); END;
  `,
]
