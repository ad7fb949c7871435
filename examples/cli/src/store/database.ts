/**
 * Opens the database that a command works on.
 *
 * `day` creates the file and its folder; every other command reads one that is there and says so when it is
 * not, instead of leaving an empty file behind. A database that begins with `postgres://` is one of PostgreSQL:
 * its schema is made when it is missing, and its password is never printed.
 */
import { existsSync, mkdirSync, statSync } from "node:fs"
import { dirname } from "node:path"
import type { Storage } from "@yingshao/ports/storage"
import { CliFailure } from "../terminal/failure.ts"

export interface DatabaseOptions {
  readonly database: string
  readonly memory?: boolean | undefined
}

export const defaultDatabase = "data/yingshao.db"

/**
 * @param purpose `create` makes a missing file and keeps others out while it is written, which is quicker; `read`
 *   refuses with exit code 2.
 */
export const openDatabase = async (
  { database, memory }: DatabaseOptions,
  purpose: "create" | "read",
): Promise<Storage> => {
  if (memory === true) {
    const { memoryStorage } = await import("@yingshao/storage-memory")
    return memoryStorage()
  }
  if (isPostgres(database)) return openPostgres(database)
  if (purpose === "read" || existsSync(database)) refuseMissing(database)
  else createFolder(database)
  const { openSqliteStorage } = await import("@yingshao/storage-sqlite")
  return openSqliteStorage(database, purpose === "create" ? { sharing: "one-process" } : {})
}

/** How a database is called in what people read: without a password. */
export const shownDatabase = (database: string): string => {
  if (!isPostgres(database)) return database
  return database.replace(/^(postgres(?:ql)?:\/\/).*@/, "$1").replace(/\?.*$/, "")
}

/** Is it the address of a database of PostgreSQL, and no file? */
export const isPostgres = (database: string): boolean => /^postgres(ql)?:\/\//.test(database)

/** @throws CliFailure, exit code 2, when there is no file of that name. */
export const refuseMissing = (database: string): void => {
  if (isPostgres(database)) {
    throw new CliFailure(
      2,
      "PostgreSQL 的数据库用它自己的工具备份",
      "a database of PostgreSQL is backed up by its own tools",
    )
  }
  if (!existsSync(database)) {
    throw new CliFailure(
      2,
      `没有数据库 ${database}:先运行 yingshao day --database ${database}`,
      `there is no database ${database}: run yingshao day --database ${database} first`,
    )
  }
  if (statSync(database).isFile()) return
  throw new CliFailure(
    2,
    `${database} 不是文件,不能作数据库`,
    `${database} is no file and cannot be a database`,
  )
}

// internal

/**
 * How long an answer is waited for: a server that falls silent is told, and the longest step of a migration has its
 * time. A URL with `?query_timeout=` says otherwise.
 */
const mostAnswerMs = 600_000

/** Closing the store ends its pool. */
const openPostgres = async (url: string): Promise<Storage> => {
  const [{ postgresStorage }, { default: pg }] = await Promise.all([
    import("@yingshao/storage-postgres"),
    import("pg"),
  ])
  const pool = new pg.Pool({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    query_timeout: mostAnswerMs,
  })
  try {
    const storage = await postgresStorage({ pool })
    return {
      ...storage,
      close: async () => {
        await storage.close()
        await pool.end()
      },
    }
  } catch (error) {
    await pool.end()
    throw error
  }
}

const createFolder = (database: string): void => {
  const folder = dirname(database)
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : ""
    throw new CliFailure(
      2,
      `建不了目录 ${folder}(${code})`,
      `the folder ${folder} cannot be created (${code})`,
    )
  }
}
