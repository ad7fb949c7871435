/**
 * Which days stand in a database: a small journal of its own, one record for each day that was begun.
 *
 * A day is a programme of its own. What is once accepted is never decided again, so a larger file of the
 * same day cannot change a smaller one: it becomes another programme beside it.
 */
import type { Storage } from "@yingshao/ports/storage"
import * as z from "zod"
import { digestOf } from "../random.ts"
import { CliFailure } from "../terminal/failure.ts"

/** The programme under which the list is kept; no day has this name. */
const listName = "yingshao-cli"

const day = z.strictObject({
  programme: z.string(),
  /** `server`: a county that a server runs, which goes on. */
  kind: z.enum(["county", "replay", "import", "server"]),
  /** Civil date of the day that was simulated; of an import the UTC date of its last record, of a server its first. */
  date: z.string(),
  /** What it was made from: the seed, the file's name, or what runs it. */
  source: z.string(),
  /** Reports to take in; 0 for an import or a server. */
  reports: z.int(),
})
export type RecordedDay = z.infer<typeof day>

/** Adds a day to the list; one that is there already changes nothing. */
export const recordDay = async (storage: Storage, recorded: RecordedDay): Promise<void> => {
  const entry = JSON.stringify({ v: 1, day: recorded })
  await storage.commit(listName, {
    commandId: `day/${recorded.programme}`,
    payloadDigest: digestOf(recorded.programme),
    entry,
    leaf: digestOf(entry),
    appends: [],
    guards: [],
    claims: [],
    tallies: [],
    outbox: [],
  })
}

/** Every day of the database, oldest first. */
export const recordedDays = async (storage: Storage): Promise<readonly RecordedDay[]> => {
  const days: RecordedDay[] = []
  for (let after = 0; ; ) {
    const page = await storage.journal(listName, { after, limit: 500 })
    for (const { entry, number } of page) {
      days.push(day.parse((JSON.parse(entry) as { readonly day: unknown }).day))
      after = number
    }
    if (page.length < 500) return days
  }
}

/** The day asked for, or the newest. A programme that some other host opened is found when it is named. */
export const chosenDay = async (storage: Storage, programme: string | undefined): Promise<RecordedDay> => {
  const days = await recordedDays(storage)
  const named = days.find((one) => one.programme === programme)
  if (named !== undefined) return named
  if (programme !== undefined && programme !== listName && (await storage.head(programme)).number > 0) {
    return { programme, kind: "server", date: "", source: "", reports: 0 }
  }
  if (programme !== undefined) {
    const known = days.map((one) => one.programme)
    throw new CliFailure(
      1,
      `这个数据库里没有项目 ${programme}${known.length === 0 ? "" : `;有:${known.join("、")}`}`,
      `there is no programme ${programme} in this database${known.length === 0 ? "" : `; there is ${known.join(", ")}`}`,
    )
  }
  const newest = days.at(-1)
  if (newest !== undefined) return newest
  throw new CliFailure(
    1,
    "这个数据库里还没有任何一天:先运行 yingshao day;别的服务器的数据库请写明 --programme 区划代码",
    "there is no day in this database yet: run yingshao day first; for another server's database say --programme CODE",
  )
}
