/**
 * `yingshao export`: the journal of a programme as lines with hashes, in a file of its own.
 */
import { exportJournal } from "@yingshao/engine/export-journal"
import { writeLines, writeWhole } from "../store/plain-file.ts"
import { type ProgrammeOptions, withProgramme } from "../store/recorded-programme.ts"
import { signerOf } from "../store/trust.ts"
import { text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"

export interface ExportCommand extends ProgrammeOptions {
  readonly file: string
  /** File of an Ed25519 private key, PEM. */
  readonly sign?: string | undefined
}

export const exportFile = (options: ExportCommand, out: Output): Promise<number> =>
  withProgramme(options, async ({ storage, record: { programme } }) => {
    const sign =
      options.sign === undefined
        ? {}
        : { sign: { signer: signerOf(options.sign), at: new Date().toISOString() } }
    const head = await storage.head(programme)
    const lines = exportJournal({ storage, programme }, { upTo: head.number, ...sign })
    await writeWhole(options.file, (part) => writeLines(part, lines))
    if (out.json) out.line(JSON.stringify({ programme, head, file: options.file }))
    else {
      out.paragraph(
        out.say(
          text(
            `项目 ${programme}:${head.number} 条,首部 ${head.hash.slice(0, 12)}…,写入 ${options.file}`,
            `programme ${programme}: ${head.number} records, head ${head.hash.slice(0, 12)}…, written to ${options.file}`,
          ),
        ),
      )
    }
    return 0
  })
