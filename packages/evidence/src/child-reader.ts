/**
 * Another process that reads the same SQLite file all the time, until its input ends: pages of the journal,
 * counters, one history. Argument: file.
 */
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import { programme } from "./county.ts"

const [file = ""] = process.argv.slice(2)
const storage = await openSqliteStorage(file)
let ended = false
process.stdin.on("end", () => {
  ended = true
})
process.stdin.resume()
console.log("ready")
let pages = 0
for (let after = 0; !ended; pages += 1) {
  const page = await storage.journal(programme, { after, limit: 200 })
  after = page.length < 200 ? 0 : after + page.length
  await storage.tallies(programme, { prefix: "", after: undefined, limit: 100 })
  await storage.history(programme, "programme/programme", { after: 0, limit: 20 })
  await new Promise((resolve) => setTimeout(resolve, 2))
}
await storage.close()
console.log(pages)
