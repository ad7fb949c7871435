/**
 * Findings: what a reader, checker or example run has to say about a policy document.
 *
 * A finding has a stable code, a place in the file and a text in both languages. Codes never change their
 * meaning; the severity belongs to the code unless a check says otherwise. This module holds no checks.
 */

/** Stable codes; the list with explanations stands in the package's README. */
export type FindingCode =
  | "P101"
  | "P102"
  | "P103"
  | "P104"
  | "P105"
  | "P106"
  | "P107"
  | "P108"
  | "P109"
  | "V201"
  | "V202"
  | "V203"
  | "V204"
  | "V205"
  | "V206"
  | "V207"
  | "V208"
  | "T301"
  | "T302"
  | "T303"
  | "T304"
  | "R401"
  | "R402"
  | "R403"
  | "R404"
  | "D501"

/** An error keeps the document from loading; a warning should be mended; a note is for the record. */
export type Severity = "error" | "warning" | "note"

/** A place in the file; lines and columns count from 1, columns in UTF-16 units. */
export interface Place {
  readonly line: number
  readonly column: number
}

export interface Bilingual {
  readonly zh: string
  readonly en: string
}

export interface Finding extends Bilingual {
  readonly code: FindingCode
  readonly severity: Severity
  readonly file: string
  readonly line: number
  readonly column: number
  readonly suggestion?: Bilingual
}

/** Where the parts of a model stand in the file. The model itself knows nothing of files. */
export type Places = Map<object, Place>

/** Remembers where a part stands and returns it. */
export type Locate = <T extends object>(part: T, at: Place) => T

/** Collects findings about parts of one model. */
export interface Report {
  readonly findings: Finding[]
  add(
    code: FindingCode,
    at: object | Place | undefined,
    text: Bilingual,
    suggestion?: Bilingual,
    severity?: Severity,
  ): void
  hasErrors(): boolean
}

/** An empty report for one file. A part without a known place is reported at the top of the file. */
export const createReport = (file: string, places: Places): Report => {
  const findings: Finding[] = []
  return {
    findings,
    add(code, at, text, suggestion, severity = severityOf(code)) {
      const place = at === undefined ? undefined : (places.get(at) ?? (isPlace(at) ? at : undefined))
      const advice = suggestion ?? usualAdvice.get(code)
      const { line, column } = place ?? { line: 1, column: 1 }
      if (findings.some((f) => f.code === code && f.line === line && f.column === column && f.zh === text.zh))
        return
      findings.push({
        code,
        severity,
        file,
        line,
        column,
        zh: text.zh,
        en: text.en,
        ...(advice && { suggestion: advice }),
      })
    },
    hasErrors: () => findings.some((finding) => finding.severity === "error"),
  }
}

/** The word of `candidates` that differs from `word` in the fewest characters, if it is near at all. */
export const nearest = (word: string, candidates: Iterable<string>): string | undefined => {
  let best: string | undefined
  let bestDistance = Math.max(1, Math.ceil(word.length / 2)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(word.slice(0, 64), candidate.slice(0, 64))
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

/** The usual suggestion for a misspelt word; nothing when no candidate is near. */
export const didYouMean = (word: string, candidates: Iterable<string>): Bilingual | undefined => {
  const near = nearest(word, candidates)
  return near === undefined ? undefined : { zh: `是不是“${near}”?`, en: `did you mean "${near}"?` }
}

/** Findings in the order of the file. */
export const inOrder = (findings: readonly Finding[]): Finding[] =>
  findings.toSorted((a, b) => a.line - b.line || a.column - b.column || (a.code < b.code ? -1 : 1))

// internal

const severityOf = (code: FindingCode): Severity => severities.get(code) ?? "error"

/** Codes that keep no document out. */
const severities = new Map<FindingCode, Severity>([
  ["V206", "note"],
  ["V208", "warning"],
  ["T302", "note"],
  ["T303", "note"],
  ["T304", "note"],
  ["R402", "warning"],
])

const advise = (zh: string, en: string): Bilingual => ({ zh, en })

/** What to do when a check has nothing better to say. */
const usualAdvice = new Map<FindingCode, Bilingual>([
  ["P101", advise("看表头有几列,每一行就写几格", "give every row as many cells as the header")],
  ["P102", advise("只写声明过的词", "write only words that are declared")],
  ["P103", advise("在参数表里补一行,或改名字", "add a row to the table 参数, or mend the name")],
  ["P104", advise("照着声明的名字写", "write the name as it is declared")],
  ["P105", advise("换成同一类的单位", "use a unit of the same kind")],
  ["P106", advise("日期写成 2026-01-01,从早到晚", "write dates as 2026-01-01, the earliest first")],
  ["P107", advise("补上缺的内容", "add what is missing")],
  ["P108", advise("只用系统能提供的事实和取值", "use only facts and values that core supplies")],
  [
    "P109",
    advise("换成系统认识的结论,或在译名表里补一行", "use a conclusion that core knows, or add a row to 译名"),
  ],
  ["V201", advise("补一条规则,或加一行“其余”", "add a rule, or a row 其余")],
  ["V202", advise("只留一处,或写明哪一条是例外", "keep one of them, or say which is the exception")],
  ["V203", advise("删去它,或改它的条件", "remove it or change its conditions")],
  ["V204", advise("去掉圈里的一处引用", "take one reference out of the circle")],
  ["V205", advise("补上空缺的日期,同一日期只留一行", "fill the hole, and keep one row a date")],
  [
    "V207",
    advise(
      "改成可能发生的情形,或改“不会发生”表",
      "describe a case that can happen, or mend the table 不会发生",
    ),
  ],
  ["V208", advise("删去它,或用上它", "remove it, or use it")],
  ["R404", advise("把大表拆成几张,或减少列", "split the table, or take out columns")],
])

const isPlace = (at: object): at is Place => "line" in at && "column" in at

const editDistance = (a: string, b: string): number => {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(swap, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    previous = row
  }
  return previous[b.length] ?? a.length
}
