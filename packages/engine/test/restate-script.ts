/**
 * Folds a million states anew while commands run: `node --conditions=@yingshao/source THIS [states] [folder]`.
 *
 * Prints what was done and ends with 1 when anything was stale, lost or half indexed.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import { fillAccounts, restateUnderLoad } from "./restate-under-load.ts"

const states = Number(process.argv[2] ?? 1_000_000)
const folder = mkdtempSync(join(process.argv[3] ?? tmpdir(), "yingshao-restate-"))
try {
  const storage = await openSqliteStorage(join(folder, "county.db"))
  const begin = performance.now()
  await fillAccounts(storage, states)
  const filled = performance.now()
  const { faults, ...report } = await restateUnderLoad(storage, states, { workers: 4, turns: 1_000_000 })
  const seconds = { fill: (filled - begin) / 1000, restateAndCheck: (performance.now() - filled) / 1000 }
  console.log(
    JSON.stringify({
      states,
      ...report,
      faults: faults.length,
      ...seconds,
      rssMb: process.memoryUsage().rss / 1e6,
    }),
  )
  for (const fault of faults.slice(0, 20)) console.log(fault)
  await storage.close()
  process.exitCode = faults.length === 0 ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
