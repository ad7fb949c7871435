/**
 * Where a command writes: results on standard output, progress on standard error and only to a terminal.
 */
import type { Language, Text } from "./language.ts"
import { columnsOf, shorten, wrap } from "./width.ts"

export interface Output {
  readonly language: Language
  /** Columns to write for. */
  readonly width: number
  readonly json: boolean
  say(text: Text): string
  line(text?: string): void
  lines(lines: readonly string[]): void
  /** A paragraph, wrapped. `indent` goes before every line but the first. */
  paragraph(text: string, indent?: string): void
  heading(text: Text): void
  /** Is standard error a terminal, so that progress is seen? */
  readonly live: boolean
  /** Replaces the last progress line; empty clears it. Nothing when standard error is no terminal. */
  progress(text: string): void
}

export const openOutput = (language: Language, json: boolean): Output => {
  const width = columnsOf(process.stdout, process.env)
  const live = process.stderr.isTTY === true
  let shown = 0
  const output: Output = {
    language,
    width,
    json,
    live,
    say: (text) => text[language],
    line: (text = "") => void process.stdout.write(`${text}\n`),
    lines(lines) {
      for (const line of lines) output.line(line)
    },
    paragraph(text, indent = "") {
      for (const [at, line] of wrap(text, width - indent.length).entries())
        output.line(at === 0 ? line : indent + line)
    },
    heading(text) {
      output.line()
      output.line(text[language])
    },
    progress(text) {
      if (!live || (text === "" && shown === 0)) return
      const line = shorten(text, columnsOf(process.stderr, {}) - 1)
      process.stderr.write(`\r\u001b[2K${line}`)
      shown = line.length
    },
  }
  return output
}
