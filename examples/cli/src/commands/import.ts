/**
 * `yingshao import`: rebuilds a programme from an export, in a database that does not have it yet.
 */
import { importJournal } from "@yingshao/engine/import-journal"
import { programmeCatalogue } from "@yingshao/engine/programme-catalogue"
import type { Storage } from "@yingshao/ports/storage"
import { type DatabaseOptions, openDatabase } from "../store/database.ts"
import { recordDay } from "../store/days.ts"
import { bytesOf } from "../store/plain-file.ts"
import { namingFile, type TrustOptions, trustOf } from "../store/trust.ts"
import { CliFailure } from "../terminal/failure.ts"
import { text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"

export interface ImportCommand extends DatabaseOptions, TrustOptions {
  readonly file: string
  readonly takeOver?: boolean | undefined
}

export const importFile = async (options: ImportCommand, out: Output): Promise<number> => {
  const { file, takeOver = false } = options
  const [open, trust] = [bytesOf(file), trustOf(options)]
  const storage = await openDatabase(options, "create")
  try {
    const report = await explained(() =>
      namingFile(file, () =>
        importJournal({
          storage,
          catalogue: programmeCatalogue,
          open,
          trust,
          takeOver,
          onProgress: (number, of) =>
            out.progress(out.say(text(`已导入 ${number}/${of}`, `${number} of ${of} imported`))),
        }),
      ),
    )
    out.progress("")
    await remember(storage, report.programme, file)
    const { programme, head, imported, held } = report
    if (out.json) {
      out.line(JSON.stringify(report))
      return 0
    }
    out.paragraph(
      out.say(
        text(
          `项目 ${programme}:导入 ${imported} 条,共 ${head.number} 条,首部 ${head.hash.slice(0, 12)}…`,
          `programme ${programme}: ${imported} records imported of ${head.number}, head ${head.hash.slice(0, 12)}…`,
        ),
      ),
    )
    if (held > 0) {
      out.paragraph(
        out.say(
          text(
            `有 ${held} 条消息在原处待发,现暂停:确认原处不再发送后,用 --take-over 再运行一次。`,
            `${held} messages were waiting at the source and are held: once the source sends nothing any more, run again with --take-over.`,
          ),
        ),
      )
    }
    return 0
  } finally {
    await storage.close()
  }
}

// internal

/** So that the other commands find it. */
const remember = async (storage: Storage, programme: string, file: string): Promise<void> => {
  const { number } = await storage.head(programme)
  const [last] = await storage.journal(programme, { after: number - 1, limit: 1 })
  const at = (JSON.parse(last?.entry ?? "{}") as { command?: { at?: string } }).command?.at ?? ""
  await recordDay(storage, { programme, kind: "import", date: at.slice(0, 10), source: file, reports: 0 })
}

const explained = async <A>(work: () => Promise<A>): Promise<A> => {
  try {
    return await work()
  } catch (error) {
    const { _tag: tag, why, programme } = error as Readonly<Record<string, string | undefined>>
    const words = tag === "CannotImport" && why !== undefined ? reasons[why] : undefined
    if (words === undefined) throw error
    throw new CliFailure(
      1,
      `项目 ${programme} 不能导入:${words.zh}`,
      `${programme} cannot be imported: ${words.en}`,
    )
  }
}

const reasons: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  "not-empty": text(
    "这个数据库里已有该项目,请换一个数据库",
    "this database has it already; use another database",
  ),
  "another-import": text(
    "另一个文件的导入没有完成:用那个文件再运行一次,或换一个数据库",
    "an import of another file is not finished: run it again with that file, or use another database",
  ),
  "another-journal": text(
    "已有的部分不是这个文件的开头,请换一个数据库",
    "what is there is not the beginning of this file; use another database",
  ),
  order: text(
    "存储没有按交付的次序编号",
    "the store does not number commits in the order they are handed over",
  ),
}
