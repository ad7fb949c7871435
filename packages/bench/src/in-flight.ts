/**
 * The same command with 32 and 256 in flight, whose commits share transactions; beside the bare loop with a
 * transaction for each command, and beside emmett appending the same events.
 *
 * emmett twice: with a transaction for the appends of each command, as durable as ours; and with one for all
 * that are in flight, acknowledged together after its COMMIT, which a host would have to build around it.
 */

import { syncMs } from "./disk-sync.ts"
import { appendsOf, openEmmett } from "./emmett.ts"
import { openIntake } from "./intake-county.ts"
import { alternate, type IntakeFiles, watchedIntake, withIntakeFiles } from "./intake-files.ts"
import { type Effort, type Line, lineOf } from "./line.ts"
import { median, ratioOf } from "./rounds.ts"
import { bareLoop, type Written } from "./written-rows.ts"

export const inFlight = ({ smoke }: Effort): Promise<readonly Line[]> =>
  withIntakeFiles(smoke ? 8 : people, async (files) => {
    const { rounds, each } = smoke ? { rounds: 1, each: 16 } : { rounds: 7, each: 1_024 }
    const { transactions } = await watchedIntake(files, smoke ? 8 : people, (rounds + 1) * each)
    const lines: Line[] = []
    for (const width of smoke ? [4, 8] : [32, 256]) {
      lines.push(...(await compared(files, { transactions, rounds, each, width, smoke })))
    }
    return lines
  })

// internal

/** Informants and team members of the real programme: enough that nobody waits for themselves. */
const people = 467

interface Run {
  readonly transactions: readonly (readonly Written[])[]
  readonly rounds: number
  readonly each: number
  readonly width: number
  readonly smoke: boolean
}

const compared = async (
  files: IntakeFiles,
  { transactions, rounds, each, width, smoke }: Run,
): Promise<readonly Line[]> => {
  const events = transactions.map((written) => appendsOf(entryOf(written)))
  const [oursOn, bareOn] = [files.copy(`ours-${width}.db`), files.copy(`bare-${width}.db`)]
  const county = await openIntake(oursOn, smoke ? 8 : people, { writer: "beside" })
  const write = bareLoop(bareOn)
  const emmett = await openEmmett(`${files.folder}/emmett-${width}.db`)
  const single = await openEmmett(`${files.folder}/emmett-single-${width}.db`)
  const { ours, bare, waves, singles } = await alternate(
    {
      ours: (first, count) => county.submit(first, count, width),
      bare: async (first, count) => write(transactions.slice(first, first + count)),
      waves: async (first, count) => {
        for (let at = first; at < first + count; at += width)
          await emmett.append(events.slice(at, at + width))
      },
      singles: async (first, count) => {
        for (let at = first; at < first + count; at += 1) await single.append(events.slice(at, at + 1))
      },
    },
    rounds,
    each,
  )
  await county.close()
  emmett.close()
  single.close()
  oursOn.close()
  bareOn.close()
  const line = (peer: string, beside: readonly number[], atLeast: number, note: string): Line =>
    lineOf({
      name: `SubmitReport, ${width} in flight`,
      unit: "1/s",
      ours: median(ours.perSecond),
      beside: median(beside),
      peer,
      ratio: ratioOf(ours.perSecond, beside),
      goal: { atLeast },
      note,
    })
  const disk = `a sync of this disk takes ${syncMs(files.folder).toFixed(2)} ms`
  const cpu = (rival: { readonly cpuUs: readonly number[] }): string => `${median(rival.cpuUs).toFixed(0)} µs`
  return [
    line("bare loop, same rows", bare.perSecond, 4, `CPU ${cpu(ours)} a command, bare ${cpu(bare)}; ${disk}`),
    line(
      "emmett, same events",
      singles.perSecond,
      3,
      `emmett makes a transaction a command: CPU ${cpu(singles)}`,
    ),
    line(
      "emmett, all in flight",
      waves.perSecond,
      3,
      `emmett has ${width} in each transaction: CPU ${cpu(waves)}`,
    ),
  ]
}

/** The packed journal row of a transaction's command. */
const entryOf = (written: readonly Written[]): string => {
  const row = written.find(({ sql }) => /^\s*insert into journal/i.test(sql))
  const entry = row?.values.find((value) => typeof value === "string" && value.startsWith('{"c'))
  if (typeof entry !== "string") throw new Error("a transaction wrote no journal entry")
  return entry
}
