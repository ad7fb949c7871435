/**
 * Findings on the terminal: place, code and severity, then both languages and one suggestion.
 */
import type { Finding } from "@yingshao/policy"
import { text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"

/** Notes of one code that are printed before the rest is only counted. */
export const notesOfOneCode = 5

/** Prints findings; of many notes with one code only the first, unless `all` are wanted. */
export const printFindings = (
  findings: readonly Finding[],
  file: string,
  all: boolean,
  out: Output,
): void => {
  const notes = new Map<string, number>()
  for (const finding of findings) {
    if (finding.severity === "note" && !all) {
      const count = (notes.get(finding.code) ?? 0) + 1
      notes.set(finding.code, count)
      if (count > notesOfOneCode) continue
    }
    printFinding(finding, file, out)
  }
  for (const [code, count] of notes)
    if (count > notesOfOneCode)
      out.paragraph(
        out.say(
          text(
            `${code} 提示还有 ${count - notesOfOneCode} 条(--notes 全部列出)`,
            `${code}: ${count - notesOfOneCode} more notes (--notes lists all)`,
          ),
        ),
      )
}

// internal

const severities = {
  error: text("错误", "error"),
  warning: text("警告", "warning"),
  note: text("提示", "note"),
}

const printFinding = (
  { code, severity, line, column, zh, en, suggestion }: Finding,
  file: string,
  out: Output,
) => {
  const { zh: kind, en: english } = severities[severity]
  out.paragraph(`${file}:${line}:${column} ${code} ${kind} ${english}`, "  ")
  out.paragraph(`  ${zh}`, "  ")
  out.paragraph(`  ${en}`, "  ")
  if (suggestion === undefined) return
  out.paragraph(`  → ${suggestion.zh}`, "    ")
  out.paragraph(`  → ${suggestion.en}`, "    ")
}
