/**
 * `yingshao archive`: entries of closed years leave the database for a sealed file beside it.
 */
import { existsSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { type CivilDate, startOfDay } from "@yingshao/core/kernel/time"
import { archiveSegment, finishArchiving, lastBefore } from "@yingshao/engine/archive"
import { exportJournal } from "@yingshao/engine/export-journal"
import { archiveFolder } from "../store/archives.ts"
import { bytesOf, writeLines, writeWhole } from "../store/plain-file.ts"
import { type ProgrammeOptions, withProgramme } from "../store/recorded-programme.ts"
import { namingFile } from "../store/trust.ts"
import { CliFailure } from "../terminal/failure.ts"
import { text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"

/** @param before civil date in the programme's zone: what was accepted before it goes. */
export const archive = (before: string, options: ProgrammeOptions, out: Output): Promise<number> =>
  withProgramme(options, async ({ storage, policy, yingshao, record: { programme } }) => {
    if (before > (await yingshao.today())) {
      throw new CliFailure(
        1,
        `${before} 还没有到,只归档已过去的日子`,
        `${before} is yet to come: only what is past is archived`,
      )
    }
    const world = { storage, programme }
    const after = (await storage.archiving?.archivedTo(programme)) ?? 0
    const upTo = await lastBefore(world, startOfDay(before as CivilDate, policy.timeZone))
    const records = Math.max(0, upTo - after)
    if (records > 0) {
      const folder = archiveFolder(options)
      mkdirSync(folder, { recursive: true })
      const file = join(folder, `${programme}-${after + 1}-${upTo}.jsonl`)
      // It is there when this was cut off before its place was noted: then it is checked like one just written.
      if (!existsSync(file)) {
        const lines = exportJournal(world, { after, upTo, outbox: false })
        await writeWhole(file, (part) => writeLines(part, lines))
      }
      await namingFile(file, () => archiveSegment(world, bytesOf(file)))
    } else await finishArchiving(world)
    if (out.json) out.line(JSON.stringify({ programme, records, archivedTo: after + records }))
    else {
      out.paragraph(
        out.say(
          text(
            `项目 ${programme}:归档 ${records} 条,至第 ${after + records} 条`,
            `programme ${programme}: ${records} records archived, up to record ${after + records}`,
          ),
        ),
      )
    }
    return 0
  })
