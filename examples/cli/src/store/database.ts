/**
 * Opens the database that a command works on.
 *
 * `day` creates the file and its folder; every other command reads one that is there and says so when it is
 * not, instead of leaving an empty file behind.
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

/** @param purpose `create` makes a missing file; `read` refuses with exit code 2. */
export const openDatabase = async (
  { database, memory }: DatabaseOptions,
  purpose: "create" | "read",
): Promise<Storage> => {
  if (memory === true) {
    const { memoryStorage } = await import("@yingshao/storage-memory")
    return memoryStorage()
  }
  if (purpose === "read" || existsSync(database)) refuseMissing(database)
  else createFolder(database)
  const { openSqliteStorage } = await import("@yingshao/storage-sqlite")
  return openSqliteStorage(database)
}

/** @throws CliFailure, exit code 2, when there is no file of that name. */
export const refuseMissing = (database: string): void => {
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
