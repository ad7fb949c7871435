/**
 * Text in columns of a terminal, where a Chinese character takes two.
 */
import stringWidth from "string-width"

/** Columns that a text takes. */
export const widthOf = (line: string): number => stringWidth(line)

/** Fills up with blanks to `width` columns; longer texts stay as they are. */
export const padTo = (line: string, width: number, align: "left" | "right" = "left"): string => {
  const blanks = " ".repeat(Math.max(0, width - widthOf(line)))
  return align === "left" ? line + blanks : blanks + line
}

/**
 * Breaks a text into lines of at most `width` columns: at blanks and between Chinese characters, inside a
 * word only where it is longer than a line. Closing punctuation does not begin a line.
 *
 * @param width 2 or more.
 * @example wrap("一二三 four", 6) // => ["一二三", "four"]
 */
export const wrap = (line: string, width: number): readonly string[] => {
  const lines: string[] = []
  let current = ""
  for (const piece of pieces(line)) {
    if (widthOf(current + piece.trimEnd()) <= width) {
      current += piece
      continue
    }
    if (current.trimEnd() !== "") lines.push(current.trimEnd())
    current = ""
    for (const character of piece.trimStart()) {
      if (widthOf(current + character) > width) {
        lines.push(current)
        current = ""
        if (character === " ") continue
      }
      current += character
    }
  }
  if (current.trimEnd() !== "" || lines.length === 0) lines.push(current.trimEnd())
  return lines
}

/** Cuts to `width` columns, ending in `…` when something was left out. */
export const shorten = (line: string, width: number): string => {
  if (widthOf(line) <= width) return line
  let kept = ""
  for (const character of line) {
    if (widthOf(kept + character) > width - 1) break
    kept += character
  }
  return `${kept}…`
}

/** Columns to write for: the terminal's, else what `COLUMNS` says, else 80. */
export const columnsOf = (
  stream: { readonly columns?: number | undefined },
  environment: Readonly<Record<string, string | undefined>>,
): number => {
  const asked = Number(environment.COLUMNS)
  const columns = stream.columns ?? (Number.isInteger(asked) && asked > 0 ? asked : 80)
  return Math.max(40, Math.min(columns, 200))
}

// internal

const wide = /\p{Script=Han}|[\u3000-\u303f\uff00-\uffef]/u
const closing = /^[,。;:、!?)】》”’,.;:!?)\]%]/u

/** Words with the blanks after them, and single wide characters with the closing punctuation after them. */
function* pieces(line: string): Generator<string> {
  let piece = ""
  for (const character of line) {
    const last = piece.at(-1) ?? ""
    const ends = piece !== "" && !closing.test(character) && (last === " " ? character !== " " : false)
    const breaks =
      piece !== "" &&
      !closing.test(character) &&
      character !== " " &&
      (wide.test(character) || wide.test(last))
    if (ends || breaks) {
      yield piece
      piece = ""
    }
    piece += character
  }
  if (piece !== "") yield piece
}
