/**
 * From the text of a `*.policy.md` to its model, with the place of every part kept beside it.
 *
 * Checks the form: columns, cells, types, dates. Whether words, parameters and units mean anything is
 * checked by `resolve`. Never throws, whatever the text is.
 */
import { isDash, type Parsed, parseConclusion, parseOperand, parseTest } from "./cell.ts"
import {
  readFacts,
  readGroups,
  readItems,
  readNames,
  readParameters,
  readProhibitions,
  readProperties,
} from "./declaration.ts"
import { createReport, didYouMean, type Locate, type Places, type Report } from "./finding.ts"
import { type Block, outline, type Sheet, type Text } from "./markdown.ts"
import type {
  ColumnModel,
  Conclusion,
  ExampleModel,
  ImpossibleModel,
  Operand,
  PolicyModel,
  RuleModel,
  TableModel,
  Test,
} from "./model.ts"
import { type Record, records } from "./sheet.ts"
import { readTableHeading, type TableHeading } from "./table-heading.ts"

/** A text of more characters than this is refused whole. */
export const longestDocumentChars = 4_000_000

export interface Reading {
  readonly model: PolicyModel
  readonly places: Places
  readonly report: Report
  /** A declaration could not be read, so that what uses it cannot be judged. */
  readonly damaged: boolean
}

/** Reads a document as far as it can be read; what cannot be read is in the report. */
export const readDocument = (text: string, file: string): Reading => {
  const places: Places = new Map()
  const report = createReport(file, places)
  const draft = emptyDraft()
  let damaged = false
  if (text.length > longestDocumentChars)
    report.add("R404", undefined, { zh: "文件太长", en: "the document is too long" })
  const blocks = text.length > longestDocumentChars ? [] : outline(text)
  const place: Locate = (part, at) => {
    places.set(part, at)
    return part
  }
  const state: State = { title: "", heading: "", pending: undefined }
  for (const block of blocks) {
    const errorsBefore = report.findings.length
    const declares = readBlock(block, draft, state, report, place)
    damaged ||= declares && report.findings.slice(errorsBefore).some((f) => f.severity === "error")
  }
  damaged = refuseHeadingWithoutTable(state, report) || damaged
  const model: PolicyModel = { language: 1, title: state.title, ...draft }
  return { model, places, report, damaged }
}

// internal

type Draft = { -readonly [K in Exclude<keyof PolicyModel, "language" | "title">]: PolicyModel[K][number][] }

interface State {
  title: string
  heading: string
  pending: TableHeading | undefined
}

const emptyDraft = (): Draft => ({
  items: [],
  facts: [],
  groups: [],
  prohibitions: [],
  impossible: [],
  names: [],
  parameters: [],
  tables: [],
  examples: [],
  properties: [],
})

const keywords = [
  "政策项",
  "事实",
  "分组",
  "负面清单",
  "译名",
  "参数",
  "规则",
  "不会发生",
  "例",
  "编号",
] as const

/** Reads one block into the draft; tells whether it declares something that others use. */
const readBlock = (block: Block, draft: Draft, state: State, report: Report, place: Locate): boolean => {
  if (block.is === "heading") {
    const lost = refuseHeadingWithoutTable(state, report)
    const heading = readTableHeading(block, report)
    if (heading) state.pending = heading
    else state.heading = block.text
    if (block.depth === 1 && state.title === "") state.title = block.text
    return lost
  }
  if (block.is === "broken") {
    const first = block.text.slice(1).split("|")[0]?.trim() ?? ""
    if (keywords.some((known) => known === first)) {
      report.add("P101", block.place, {
        zh: `“${first}”表不成表:表头和下面的横线列数不一样`,
        en: `table "${first}" is no table: the header and the line of dashes differ in columns`,
      })
      state.pending = undefined
      return first !== "例" && first !== "编号"
    }
    return false
  }
  return readSheet(block, draft, state, report, place)
}

const readSheet = (sheet: Sheet, draft: Draft, state: State, report: Report, place: Locate): boolean => {
  const first = sheet.header[0]?.text ?? ""
  switch (first) {
    case "政策项":
      draft.items.push(...readItems(sheet, report, place))
      return true
    case "事实":
      draft.facts.push(...readFacts(sheet, report, place))
      return true
    case "分组":
      draft.groups.push(...readGroups(sheet, report, place))
      return true
    case "负面清单":
      draft.prohibitions.push(...readProhibitions(sheet, report, place))
      return true
    case "译名":
      draft.names.push(...readNames(sheet, report, place))
      return true
    case "参数":
      draft.parameters.push(...readParameters(sheet, report, place))
      return true
    case "不会发生":
      draft.impossible.push(...readImpossible(sheet, report, place))
      return true
    case "例":
      draft.examples.push(...readExamples(sheet, report, place))
      return false
    case "编号":
      draft.properties.push(...readProperties(sheet, report, place))
      return false
    case "规则":
      return !readRules(sheet, draft, state, report, place)
    default:
      if (state.pending || keywords.some((known) => nearKeyword(first, known))) {
        report.add(
          "P104",
          sheet.header[0]?.place ?? sheet.place,
          { zh: `不认识以“${first}”开头的表`, en: `unknown kind of table "${first}"` },
          state.pending
            ? { zh: "决策表的第一列叫“规则”", en: 'the first column of a decision table is "规则"' }
            : didYouMean(first, keywords),
        )
        state.pending = undefined
        return true
      }
      return false
  }
}

/** One character more, less or other than a keyword of at least two characters. */
const nearKeyword = (word: string, known: string): boolean =>
  known.length > 1 &&
  word !== "" &&
  Math.abs(word.length - known.length) <= 1 &&
  [...known].filter((char) => !word.includes(char)).length === 1 &&
  [...word].filter((char) => !known.includes(char)).length <= 1 &&
  word.length >= known.length - 1 &&
  word.length > 1

const refuseHeadingWithoutTable = (state: State, report: Report): boolean => {
  const heading = state.pending
  if (!heading) return false
  report.add("P104", heading.place, {
    zh: `决策表“${heading.name}”下面没有以“规则”开头的表`,
    en: `no table that starts with "规则" follows the heading of "${heading.name}"`,
  })
  state.pending = undefined
  return true
}

/** Tells whether there is a table to work on; single rows may still be missing from it. */
const readRules = (sheet: Sheet, draft: Draft, state: State, report: Report, place: Locate): boolean => {
  const heading = state.pending
  state.pending = undefined
  if (!heading) {
    report.add("P104", sheet.place, {
      zh: "规则表的上面要有“决策表 名称 · 命中 唯一”这样的标题",
      en: 'a table of rules needs a heading such as "决策表 name · 命中 唯一"',
    })
    return false
  }
  const columns = sheet.header.slice(1)
  const conclusions = columns.filter((cell) => cell.text.startsWith("→"))
  const conditions = columns.filter((cell) => !cell.text.startsWith("→") && !reserved.has(cell.text))
  if (conclusions.length === 0) {
    report.add("P104", sheet.place, {
      zh: `决策表“${heading.name}”没有结论列(列名前写“→”)`,
      en: `decision table "${heading.name}" has no conclusion column (marked with →)`,
    })
    return false
  }
  const column = (cell: Text): ColumnModel => place({ name: bare(cell.text) }, cell.place)
  const { place: at, ...words } = heading
  const table: TableModel = {
    ...words,
    heading: state.heading,
    conditions: conditions.map(column),
    conclusions: conclusions.map(column),
    rules: readRuleRows(sheet, conditions, conclusions, report, place),
  }
  draft.tables.push(place(table, at))
  return true
}

const reserved = new Set(["例外于", "说明", "依据"])

const bare = (header: string): string => header.replace(/^→\s*/u, "")

const readRuleRows = (
  sheet: Sheet,
  conditions: readonly Text[],
  conclusions: readonly Text[],
  report: Report,
  place: Locate,
): RuleModel[] => {
  const seen = new Set<string>()
  return records(sheet, report).flatMap((row): RuleModel[] => {
    const id = row.cell("规则")
    if (id.text === "" || seen.has(id.text)) {
      report.add("P102", id.place, {
        zh: id.text === "" ? "规则没有编号" : `规则编号“${id.text}”用了两次`,
        en: id.text === "" ? "a rule without an id" : `rule id "${id.text}" is used twice`,
      })
      return []
    }
    seen.add(id.text)
    const cells = conditions.map((column) => row.cell(column.text))
    const rest = id.text === "其余" || cells.some((cell) => cell.text === "其余")
    const when = cells.map((cell) => (rest ? restTest(cell, report, place) : tested(cell, report, place)))
    const gives = conclusions.map((column) => concluded(row.cell(column.text), report, place))
    if (when.includes(undefined) || gives.includes(undefined)) return []
    const rule: RuleModel = {
      id: id.text,
      rest,
      when: when.filter((test) => test !== undefined),
      gives: gives.filter((conclusion) => conclusion !== undefined),
      exceptionTo: words(row.cell("例外于").text),
      note: row.cell("说明").text,
      basis: row.cell("依据").text,
    }
    return [place(rule, id.place)]
  })
}

/** A list of words; a dash or an empty cell is none. */
const words = (text: string): string[] =>
  isDash(text)
    ? []
    : text
        .split(",")
        .map((word) => word.trim())
        .filter((word) => word !== "")

const parsed = <T extends object>(
  cell: Text,
  result: Parsed<T>,
  report: Report,
  place: Locate,
): T | undefined => {
  if (result.ok) return place(result.value, cell.place)
  report.add("P102", cell.place, { zh: result.zh, en: result.en })
  return undefined
}

const tested = (cell: Text, report: Report, place: Locate): Test | undefined =>
  parsed(cell, parseTest(cell.text), report, place)

const restTest = (cell: Text, report: Report, place: Locate): Test | undefined => {
  if (cell.text === "其余" || cell.text === "" || isDash(cell.text))
    return place({ any: true, oneOf: [] }, cell.place)
  report.add("P102", cell.place, {
    zh: `“其余”这一行不能再写条件“${cell.text}”`,
    en: `a row 其余 takes no further condition "${cell.text}"`,
  })
  return undefined
}

const concluded = (cell: Text, report: Report, place: Locate): Conclusion | undefined =>
  parsed(cell, parseConclusion(cell.text), report, place)

const readImpossible = (sheet: Sheet, report: Report, place: Locate): ImpossibleModel[] => {
  const columns = sheet.header.slice(1).filter((cell) => cell.text !== "理由")
  return records(sheet, report).flatMap((row): ImpossibleModel[] => {
    const when = columns.flatMap((column) => {
      const test = tested(row.cell(column.text), report, place)
      return test ? [place({ fact: column.text, test }, column.place)] : []
    })
    if (when.length !== columns.length || columns.length === 0) return []
    const id = row.cell("不会发生")
    return [place({ id: id.text, when, reason: row.cell("理由").text }, id.place)]
  })
}

const readExamples = (sheet: Sheet, report: Report, place: Locate): ExampleModel[] => {
  const columns = sheet.header.slice(1).filter((cell) => cell.text !== "日期" && cell.text !== "说明")
  const expected = columns.filter((cell) => cell.text.startsWith("→"))
  const given = columns.filter((cell) => !cell.text.startsWith("→"))
  const pick = (row: Record, from: readonly Text[]) =>
    from.flatMap((column): { name: string; value: Operand }[] => {
      const cell = row.cell(column.text)
      if (cell.text === "" || isDash(cell.text)) return []
      const value = parsed(cell, parseOperand(cell.text), report, place)
      return value ? [place({ name: bare(column.text), value }, cell.place)] : []
    })
  return records(sheet, report).map((row): ExampleModel => {
    const id = row.cell("例")
    const date = row.cell("日期").text
    return place(
      {
        id: id.text,
        date: isDash(date) ? "" : date,
        given: pick(row, given),
        expect: pick(row, expected),
      },
      id.place,
    )
  })
}
