/**
 * `yingshao backup`: a copy of the whole database file, while it is at work.
 *
 * Restoring it is putting the copy in the database's place while nothing has it open: `docs/operating.md`.
 */
import { type DatabaseOptions, refuseMissing } from "../store/database.ts"
import { writeWhole } from "../store/plain-file.ts"
import { text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"

export const backup = async (
  options: DatabaseOptions & { readonly file: string },
  out: Output,
): Promise<number> => {
  refuseMissing(options.database)
  const { backupSqliteFile } = await import("@yingshao/storage-sqlite/backup-file")
  const { pages, pageBytes } = await writeWhole(options.file, (part) =>
    backupSqliteFile(options.database, part),
  )
  const bytes = pages * pageBytes
  if (out.json) out.line(JSON.stringify({ file: options.file, bytes }))
  else {
    out.paragraph(
      out.say(
        text(
          `${options.database} 已备份到 ${options.file},${(bytes / 1e6).toFixed(1)} MB,逐页核对无误`,
          `${options.database} is backed up in ${options.file}, ${(bytes / 1e6).toFixed(1)} MB, every page checked`,
        ),
      ),
    )
  }
  return 0
}
