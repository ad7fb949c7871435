/**
 * Commands a second through `handle` on an SQLite file, one in flight, each durable before it is answered;
 * beside a bare loop that writes the same rows with prepared statements, one transaction a command, under the
 * same durability (WAL, `synchronous = FULL`), and does nothing else: no rules, no checks, no triggers.
 *
 * The rows are not made up: one run through `handle` is watched, and the loop writes again what it wrote. Both
 * start from copies of one file. Before measuring, both must leave the same number of bytes in the WAL.
 */
import { openIntake } from "./intake-county.ts"
import { alternate, type IntakeFiles, type Seen, watchedIntake, withIntakeFiles } from "./intake-files.ts"
import { type Effort, type Line, lineOf } from "./line.ts"
import { median, ratioOf } from "./rounds.ts"
import { bareLoop, rowsByTable } from "./written-rows.ts"

export const commands = ({ smoke }: Effort): Promise<readonly Line[]> =>
  withIntakeFiles(people, async (files) => {
    const { rounds, each } = smoke ? { rounds: 1, each: 10 } : { rounds: 7, each: 1_000 }
    const seen = await watchedIntake(files, people, (rounds + 1) * each)
    checkBytes(files, seen)
    return [await compared(files, seen, rounds, each)]
  })

// internal

const people = 24

/** @throws Error when the bare loop leaves other bytes than the commands did. */
const checkBytes = (files: IntakeFiles, { transactions, walBytes: expected }: Seen): void => {
  const database = files.copy("checked.db")
  const write = bareLoop(database)
  database.exec("PRAGMA wal_autocheckpoint = 0")
  const emptyBytes = files.walBytes("checked.db")
  write(transactions)
  const bytes = files.walBytes("checked.db") - emptyBytes
  database.close()
  if (Math.abs(bytes - expected) > expected / 100) {
    throw new Error(`the bare loop left ${bytes} bytes in the WAL, the commands ${expected}`)
  }
}

const compared = async (files: IntakeFiles, seen: Seen, rounds: number, each: number): Promise<Line> => {
  const { transactions } = seen
  const [oursOn, bareOn] = [files.copy("ours.db"), files.copy("bare.db")]
  const county = await openIntake(oursOn, people)
  const write = bareLoop(bareOn)
  const { ours, bare } = await alternate(
    {
      ours: (first, count) => county.submit(first, count),
      bare: async (first, count) => write(transactions.slice(first, first + count)),
    },
    rounds,
    each,
  )
  await county.close()
  oursOn.close()
  bareOn.close()
  const tables = [...rowsByTable(transactions)].map(
    ([table, rows]) => `${table} ${(rows / transactions.length).toFixed(1)}`,
  )
  const rows = transactions.flat().reduce((sum, one) => sum + one.rows, 0) / transactions.length
  return lineOf({
    name: "SubmitReport through handle on SQLite",
    unit: "1/s",
    ours: median(ours.perSecond),
    beside: median(bare.perSecond),
    peer: "bare loop, same rows",
    ratio: ratioOf(ours.perSecond, bare.perSecond),
    goal: { atLeast: 0.6 },
    note:
      `a command writes ${rows.toFixed(1)} rows (${tables.join(", ")}) and ` +
      `${Math.round(seen.walBytes / transactions.length).toLocaleString("en")} bytes of WAL; ` +
      `CPU of this process ${median(ours.cpuUs).toFixed(0)} µs a command, bare ${median(bare.cpuUs).toFixed(0)} µs`,
  })
}
