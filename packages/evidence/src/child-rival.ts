/**
 * One of several processes on one file: it opens the county, says `ready`, waits for a line, gives all its
 * commands at once, and prints how each ended, as a JSON list of codes.
 *
 * Arguments: file, a JSON file of the policy's canonical text and the commands, the clock in milliseconds, and
 * `guarded` or `naive`. `naive` trusts what it saw: nothing that was read is guarded and no version is compared.
 */
import { once } from "node:events"
import { readFileSync } from "node:fs"
import type { CommandInput } from "@yingshao/core/commands"
import { revive } from "@yingshao/policy/policy"
import type { Storage } from "@yingshao/ports/storage"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import { storageFaults } from "@yingshao/testkit/storage-faults"
import { openCounty, standingClock } from "./county.ts"

/** What a process is given to read. */
export interface RivalJob {
  /** Reading the document would cost each process more than its commands do. */
  readonly canonical: string
  readonly commands: readonly CommandInput[]
}

const [file = "", list = "", atMs = "0", way = "guarded"] = process.argv.slice(2)
const { canonical, commands } = JSON.parse(readFileSync(list, "utf8")) as RivalJob

const planted = (id: string, store: Storage): Storage => {
  const fault = storageFaults.find((one) => one.id === id)
  if (fault === undefined) throw new Error(`no fault ${id}`)
  return fault.plant(store)
}
const good = await openSqliteStorage(file)
const store = way === "naive" ? planted("version check missing", planted("guards ignored", good)) : good
const county = await openCounty(store, standingClock(Number(atMs)), revive(canonical))
console.log("ready")
await once(process.stdin, "data")

/** Whoever was told to come back asks again with the same id; nobody asks for ever, and who is `once` not at all. */
const persistently = async (command: CommandInput): Promise<string> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await county.handle(command)
      return answer.ok ? "accepted" : answer.refusal.code
    } catch (error) {
      const { _tag: tag } = error as { readonly _tag?: string }
      if (tag !== "Busy" || attempt >= 200 || command.id.startsWith("once-")) throw error
      await new Promise((wake) => setTimeout(wake, 5 + Math.random() * 20))
    }
  }
}
const codes = await Promise.all(commands.map(persistently))
console.log(JSON.stringify(codes))
await county.close()
process.exit(0)
