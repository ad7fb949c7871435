/**
 * A script that is killed or made to fail: it makes calls of a store on an SQLite file, then the same calls
 * again, says how each ended, and goes without closing.
 *
 * Arguments: file, and a JSON file with a list of `{ method, given }`.
 */
import { readFileSync, writeSync } from "node:fs"
import { isStorageFailure } from "@yingshao/ports/storage"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import type { StoreCall } from "./store-calls.ts"

const [file = "", list = ""] = process.argv.slice(2)
const calls = JSON.parse(readFileSync(list, "utf8")) as readonly StoreCall[]
const say = (text: string): void => {
  writeSync(1, `${text}\n`)
}
try {
  const storage = await openSqliteStorage(file)
  for (const { method, given } of [...calls, ...calls]) {
    try {
      const call = storage[method] as (...args: readonly unknown[]) => Promise<unknown>
      const result = await call(...given)
      say(
        `done ${typeof result === "object" && result !== null && "kind" in result ? result.kind : ""}`.trim(),
      )
    } catch (error) {
      if (!isStorageFailure(error)) throw error
      say(`failed ${error.reason} ${error.outcome}`)
    }
  }
  // Closing moves the log into the file: a call of its own, so that it is not enumerated with every other.
  process.exit(0)
} catch (error) {
  if (!isStorageFailure(error)) throw error
  say(`did not open ${error.reason} ${error.outcome}`)
}
