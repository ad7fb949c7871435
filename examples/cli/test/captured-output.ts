/** An output that keeps its lines, so that a command is tested without a process of its own. */
import type { Language } from "../src/terminal/language.ts"
import type { Output } from "../src/terminal/output.ts"
import { widthOf, wrap } from "../src/terminal/width.ts"

export interface Captured extends Output {
  readonly written: readonly string[]
  /** All of it as JSON. */
  parsed(): unknown
  /** Lines wider than the 80 columns written for. */
  tooWide(): readonly string[]
}

export const captured = (language: Language = "en", json = false): Captured => {
  const written: string[] = []
  const output: Captured = {
    language,
    width: 80,
    json,
    live: false,
    written,
    parsed: () => JSON.parse(written.join("\n")),
    tooWide: () => written.filter((line) => widthOf(line) > 80),
    say: (text) => text[language],
    line: (text = "") => void written.push(text),
    lines: (lines) => void written.push(...lines),
    paragraph(text, indent = "") {
      for (const [at, line] of wrap(text, 80 - indent.length).entries())
        written.push(at === 0 ? line : indent + line)
    },
    heading: (text) => void written.push("", text[language]),
    progress: () => {},
  }
  return output
}
