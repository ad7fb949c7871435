/**
 * A script that is recorded: it gives commands to a county on an SQLite file and marks each one once it is
 * acknowledged.
 *
 * Arguments: file, marks, how the file is written (`full`; `beside` by a second thread; `alone`, as a file for one
 * process; or `normal` for the control that must lose something), pages after which the log is moved into the file,
 * and a JSON file of steps. Steps of one instant are given at once, so that they share a transaction.
 */
import { openSync, readFileSync, writeSync } from "node:fs"
import type { Storage } from "@yingshao/ports/storage"
import { openSqliteFile, openSqliteStorage, sqliteStorage } from "@yingshao/storage-sqlite"
import { replaced } from "@yingshao/testkit/storage-injection"
import { openCounty, programme, standingClock } from "./county.ts"
import type { Step } from "./tour.ts"

const [file = "", marks = "", mode = "full", pages = "1000", list = ""] = process.argv.slice(2)
const steps = JSON.parse(readFileSync(list, "utf8")) as readonly Step[]
const marking = openSync(marks, "w")
const mark = (text: string): void => {
  writeSync(marking, `${text}\n`)
}

/** A store, and what closes its file. */
const opened = async (): Promise<readonly [Storage, () => Promise<void>]> => {
  const limits = { logBytes: Number(pages) * 4_096 }
  if (mode === "beside" || mode === "alone") {
    const how = mode === "beside" ? ({ writer: mode } as const) : ({ sharing: "one-process" } as const)
    const store = await openSqliteStorage(file, { ...how, limits })
    return [store, () => store.close()]
  }
  const database = openSqliteFile(file)
  const store = await sqliteStorage({ database })
  database.exec(`PRAGMA wal_autocheckpoint = ${pages}`)
  if (mode === "normal") database.exec("PRAGMA synchronous = NORMAL")
  return [store, async () => database.close()]
}

const [store, closeFile] = await opened()
const acknowledging = replaced(store, (inner) => ({
  commit: async (name, commit) => {
    const result = await inner.commit(name, commit)
    // The engine notes beside the programme which indexes are whole; nobody waits for that.
    if (result.kind === "committed" && name === programme) mark(`ack ${result.number} ${commit.commandId}`)
    return result
  },
}))
const clock = standingClock()
const county = await openCounty(acknowledging, clock)
for (let at = 0; at < steps.length; ) {
  const atMs = steps[at]?.atMs ?? 0
  const together = steps.slice(at).filter((one) => one.atMs === atMs)
  clock.set(atMs)
  mark(`step ${at}`)
  const answers = await Promise.all(together.map(({ command }) => county.handle(command)))
  for (const [place, answer] of answers.entries()) {
    const said = answer.ok ? "accepted" : answer.refusal.code
    if (said !== together[place]?.answer) {
      throw new Error(`step ${at + place} was answered ${said}, not ${together[place]?.answer}`)
    }
  }
  at += together.length
}
mark("closing")
await county.close()
await closeFile()
mark("closed")
