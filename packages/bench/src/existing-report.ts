/**
 * Load, decide and commit on a report that exists, one in flight: a note to it. Beside emmett, which reads the
 * report's events and appends the same new one at the version that it read; it decides nothing.
 *
 * Our cache of states has room for the programme and a few reports, and the reports take turns, so that each is
 * loaded from the file. Each gets one note in each round, so its history grows for both.
 */
import { openSqliteFile } from "@yingshao/storage-sqlite"
import { appendsOf, openEmmett } from "./emmett.ts"
import { openIntake } from "./intake-county.ts"
import { alternate, withIntakeFiles } from "./intake-files.ts"
import { type Effort, type Line, lineOf } from "./line.ts"
import { median, ratioOf } from "./rounds.ts"

export const existingReport = ({ smoke }: Effort): Promise<readonly Line[]> =>
  withIntakeFiles(people, async ({ copy, folder }) => {
    const { rounds, each } = smoke ? { rounds: 1, each: 8 } : { rounds: 7, each: 600 }
    const oursOn = copy("ours.db")
    const county = await openIntake(oursOn, people, { cacheBytes })
    await county.submit(0, each)
    const emmett = await openEmmett(`${folder}/emmett.db`)
    const reports: string[] = []
    for (const entry of entriesOf(`${folder}/ours.db`, "SubmitReport")) {
      const appends = appendsOf(entry)
      await emmett.append([appends])
      reports.push([...appends.keys()].find((stream) => stream.startsWith("report/"))?.slice(7) ?? "")
    }
    let noted = 0
    const { ours, theirs } = await alternate(
      {
        ours: () => county.annotate(reports, note),
        theirs: async () => {
          for (const report of reports) {
            const stream = `report/${report}`
            const { version, events } = await emmett.read(stream)
            if (events.length < 2) throw new Error("emmett does not have the report")
            noted += 1
            const data = { at: new Date(1_772_400_000_000 + noted).toISOString(), by: "admin-1", note }
            await emmett.appendAt(stream, version, [{ type: "ReportAnnotated", data }])
          }
        },
      },
      rounds,
      each,
    )
    await county.close()
    oursOn.close()
    const last = await emmett.read(`report/${reports[0]}`)
    emmett.close()
    return [
      lineOf({
        name: "a note to an existing report, on SQLite",
        unit: "1/s",
        ours: median(ours.perSecond),
        beside: median(theirs.perSecond),
        peer: "emmett, read and append",
        ratio: ratioOf(ours.perSecond, theirs.perSecond),
        goal: { atLeast: 2 },
        note:
          `CPU ${median(ours.cpuUs).toFixed(0)} µs a command, emmett ${median(theirs.cpuUs).toFixed(0)} µs; ` +
          `a report had ${last.events.length} events at the end`,
      }),
    ]
  })

// internal

const people = 24

/** The programme's state has 9 KB, a report's 1 KB: with 250 reports the programme stays and they do not. */
const cacheBytes = 40_000

const note = "现场已拍照，等部门回复。"

/** Journal entries of one type of command, through a handle of its own. */
const entriesOf = (path: string, type: string): readonly string[] => {
  const database = openSqliteFile(path)
  const rows = database
    .prepare("SELECT entry FROM journal WHERE entry ->> '$.command.type' = ? ORDER BY place")
    .all(type)
  database.close()
  return rows.map((row) => String(row["entry"]))
}
