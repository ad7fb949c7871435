/**
 * The tables that declare: 政策项, 事实, 分组, 负面清单, 译名, 参数 and the list of properties.
 *
 * One reader a table. What is misspelt is reported and left out; nothing is guessed.
 */
import { isDash } from "./cell.ts"
import { isCivilDate } from "./civil-date.ts"
import { didYouMean, type Locate, type Report } from "./finding.ts"
import type { Sheet, Text } from "./markdown.ts"
import type {
  FactModel,
  FactType,
  GroupModel,
  ItemModel,
  NameModel,
  ParameterModel,
  ParameterStatus,
  ProhibitionModel,
  PropertyModel,
  UnknownHandling,
} from "./model.ts"
import { fixedRecords, type Record } from "./sheet.ts"
import { isUnit, unitWords } from "./unit.ts"

export const readItems = (sheet: Sheet, report: Report, place: Locate): ItemModel[] =>
  fixedRecords(sheet, ["政策项", "内容"], [], report).map((row) =>
    place({ name: row.cell("政策项").text, text: row.cell("内容").text }, row.cell("内容").place),
  )

export const readFacts = (sheet: Sheet, report: Report, place: Locate): FactModel[] =>
  fixedRecords(sheet, ["事实", "英文", "类型", "取值", "未知", "典型"], ["说明", "单位"], report).flatMap(
    (row) => {
      const fact = readFact(row, report)
      return fact ? [place(fact, row.cell("事实").place)] : []
    },
  )

export const readGroups = (sheet: Sheet, report: Report, place: Locate): GroupModel[] =>
  fixedRecords(sheet, ["分组", "取值"], ["说明"], report).map((row) =>
    place({ name: row.cell("分组").text, values: list(row.cell("取值").text, ",") }, row.cell("取值").place),
  )

export const readProhibitions = (sheet: Sheet, report: Report, place: Locate): ProhibitionModel[] =>
  fixedRecords(sheet, ["负面清单", "条文", "约束", "状态"], ["说明"], report).map((row) => {
    choose(row.cell("状态"), statuses, report)
    return place(
      {
        name: row.cell("负面清单").text,
        text: row.cell("条文").text,
        binds: row.cell("约束").text,
        status: row.cell("状态").text,
      },
      row.cell("负面清单").place,
    )
  })

export const readNames = (sheet: Sheet, report: Report, place: Locate): NameModel[] =>
  fixedRecords(sheet, ["译名", "英文", "English"], ["用于"], report).flatMap((row) => {
    const [zh, key, en, of] = [row.cell("译名"), row.cell("英文"), row.cell("English"), row.cell("用于")]
    if (!isKey(key.text)) {
      report.add("P102", key.place, {
        zh: `“${zh.text}”的英文键“${key.text}”只能用字母、数字和连字符`,
        en: `key "${key.text}" of "${zh.text}" may hold letters, digits and hyphens only`,
      })
      return []
    }
    const scope = isDash(of.text) ? "" : of.text
    return [place({ zh: zh.text, key: key.text, en: en.text, of: scope }, zh.place)]
  })

export const readParameters = (sheet: Sheet, report: Report, place: Locate): ParameterModel[] =>
  fixedRecords(sheet, ["参数", "值", "单位", "自", "依据", "状态"], ["说明"], report).flatMap((row) => {
    const parameter = readParameter(row, report)
    return parameter ? [place(parameter, row.cell("参数").place)] : []
  })

export const readProperties = (sheet: Sheet, report: Report, place: Locate): PropertyModel[] =>
  fixedRecords(sheet, ["编号", "性质"], ["说明"], report).map((row) =>
    place({ id: row.cell("编号").text, text: row.cell("性质").text }, row.cell("编号").place),
  )

// internal

const list = (text: string, mark: string): string[] =>
  text
    .split(mark)
    .map((word) => word.trim())
    .filter((word) => word !== "")

const isKey = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/.test(text)

const types = new Map<string, FactType>([
  ["枚举", "enum"],
  ["有序", "ordered"],
  ["是否", "yesNo"],
  ["整数", "integer"],
])

const unknowns = new Map<string, UnknownHandling>([
  ["不许", "refused"],
  ["作为取值", "value"],
  ["待定", "pending"],
])

const statuses = new Map<string, ParameterStatus>([
  ["原文", "given"],
  ["假设", "assumed"],
  ["待定", "open"],
  ["已确认", "confirmed"],
])

/** One word of a closed list, perhaps followed by a space and more. */
const choose = <T>(cell: Text, from: ReadonlyMap<string, T>, report: Report): T | undefined => {
  const word = cell.text.split(" ")[0] ?? ""
  const found = from.get(word)
  if (found === undefined)
    report.add(
      "P102",
      cell.place,
      {
        zh: `“${cell.text}”不在可写的词里:${[...from.keys()].join("、")}`,
        en: `"${cell.text}" is none of ${[...from.keys()].join(", ")}`,
      },
      didYouMean(word, from.keys()),
    )
  return found
}

const readFact = (row: Record, report: Report): FactModel | undefined => {
  const type = choose(row.cell("类型"), types, report)
  const unknown = choose(row.cell("未知"), unknowns, report)
  const cell = row.cell("取值")
  if (type === undefined || unknown === undefined) return undefined
  const common = {
    name: row.cell("事实").text,
    key: row.cell("英文").text,
    type,
    unknown,
    typical: row.cell("典型").text,
  }
  if (type === "integer") {
    const match = /^(\d{1,9})\s?(?:\.\.|~)\s?(\d{1,9})$/.exec(cell.text)
    const [low, high] = [Number(match?.[1]), Number(match?.[2])]
    if (!match || low > high) {
      report.add("P102", cell.place, {
        zh: `整数的取值要写成 0..100,写的是“${cell.text}”`,
        en: `the range of an integer is written 0..100, not "${cell.text}"`,
      })
      return undefined
    }
    return { ...common, values: [], low, high }
  }
  const values = list(cell.text, type === "ordered" ? "<" : ",")
  const doubled = values.find((value, index) => values.indexOf(value) !== index)
  const wrong = type === "yesNo" && [...values].toSorted().join() !== ["否", "是"].toSorted().join()
  if (values.length < 2 || doubled !== undefined || values.includes("未知") || wrong) {
    report.add("P102", cell.place, {
      zh:
        doubled !== undefined
          ? `取值“${doubled}”写了两次`
          : wrong
            ? "是否类的取值是“是、否”"
            : `取值至少两个,${type === "ordered" ? "用 < 从低到高排" : "用顿号隔开"},不写“未知”`,
      en:
        doubled !== undefined
          ? `value "${doubled}" is listed twice`
          : wrong
            ? "a yes/no fact has the values 是、否"
            : "at least two values, 未知 not among them",
    })
    return undefined
  }
  return { ...common, values, low: 0, high: 0 }
}

const readParameter = (row: Record, report: Report): ParameterModel | undefined => {
  const [value, unit, from, status] = [row.cell("值"), row.cell("单位"), row.cell("自"), row.cell("状态")]
  const kind = choose(status, statuses, report)
  const number = /^\d{1,12}(?:\.\d{1,2})?$/.test(value.text) ? Number(value.text) : undefined
  if (number === undefined)
    report.add("P102", value.place, {
      zh: `参数的值“${value.text}”不是数`,
      en: `"${value.text}" is not a number`,
    })
  const unitWord = isDash(unit.text) ? "" : unit.text
  if (unitWord !== "" && !isUnit(unitWord))
    report.add(
      "P105",
      unit.place,
      { zh: `没有“${unitWord}”这个单位`, en: `unknown unit "${unitWord}"` },
      didYouMean(unitWord, unitWords()) ?? {
        zh: "工作日、月不能准确折算,请写分钟或日",
        en: "working days and months do not convert exactly; write minutes or days",
      },
    )
  const dated = isCivilDate(from.text)
  if (!dated)
    report.add("P106", from.place, {
      zh: `“${from.text}”不是日期(要写成 2026-01-01)`,
      en: `"${from.text}" is no date (write 2026-01-01)`,
    })
  if (kind === undefined || number === undefined || !dated || (unitWord !== "" && !isUnit(unitWord)))
    return undefined
  return {
    name: row.cell("参数").text,
    value: number,
    unit: unitWord,
    from: from.text,
    source: row.cell("依据").text,
    status: kind,
    remark: status.text.split(" ").slice(1).join(" "),
  }
}
