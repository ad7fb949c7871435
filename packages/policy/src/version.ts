/**
 * Versions in time: which value of a parameter and which version of a table hold from which date.
 *
 * Dates are civil dates; a hole before the first version, a date that comes twice and dates out of order
 * are errors. A version begins whenever something changes.
 */
import { isCivilDate } from "./civil-date.ts"
import type { Report } from "./finding.ts"
import type { ParameterModel, PolicyModel, TableModel } from "./model.ts"

export interface Timeline {
  /** First dates of the versions, ascending; the first one is the policy's own. */
  readonly starts: readonly string[]
  readonly parameterOn: (name: string, date: string) => ParameterModel | undefined
  readonly parameterNames: readonly string[]
  readonly tablesOn: (date: string) => readonly TableModel[]
}

/** Orders parameters and tables in time and reports holes, doubles and disorder. */
export const timelineOf = (model: PolicyModel, effectiveFrom: string, report: Report): Timeline => {
  const parameters = group(model.parameters)
  const tables = group(model.tables)
  for (const [name, versions] of parameters) {
    refuseDisorder(name, "参数", "parameter", versions, report)
    refuseHole(name, "参数", "parameter", versions, effectiveFrom, report)
  }
  for (const [name, versions] of tables) {
    refuseDisorder(name, "决策表", "table", versions, report)
    refuseHole(name, "决策表", "table", versions, effectiveFrom, report)
  }
  const later = [...model.parameters, ...model.tables].map((part) => part.from)
  const starts = [effectiveFrom, ...new Set(later.filter((from) => from > effectiveFrom))].toSorted()
  return {
    starts,
    parameterOn: (name, date) => inForce(parameters.get(name), date),
    parameterNames: [...parameters.keys()],
    tablesOn: (date) =>
      [...tables.values()].flatMap((versions) => {
        const table = inForce(versions, date)
        return table ? [table] : []
      }),
  }
}

/** The policy's number, first day and zone, or undefined after reporting what is missing. */
export const readIdentity = (
  model: PolicyModel,
  report: Report,
): { readonly id: string; readonly effectiveFrom: string; readonly timeZone: string } | undefined => {
  const item = (name: string) => model.items.find((candidate) => candidate.name === name)
  const missing = ["编号", "施行", "时区"].filter((name) => (item(name)?.text ?? "") === "")
  if (missing.length > 0) {
    report.add("P107", undefined, {
      zh: `“政策项”表缺少:${missing.join("、")}`,
      en: `table "政策项" lacks ${missing.join(", ")}`,
    })
    return undefined
  }
  const [id, effectiveFrom, timeZone] = [item("编号"), item("施行"), item("时区")]
  if (!id || !effectiveFrom || !timeZone) return undefined
  if (!isCivilDate(effectiveFrom.text))
    report.add("P106", effectiveFrom, {
      zh: `施行日期“${effectiveFrom.text}”不是日期(要写成 2026-01-01)`,
      en: `"${effectiveFrom.text}" is no date (write 2026-01-01)`,
    })
  if (!isTimeZone(timeZone.text))
    report.add(
      "P102",
      timeZone,
      { zh: `没有“${timeZone.text}”这个时区`, en: `unknown time zone "${timeZone.text}"` },
      { zh: "中国写 Asia/Shanghai", en: "for China write Asia/Shanghai" },
    )
  return isCivilDate(effectiveFrom.text) && isTimeZone(timeZone.text)
    ? { id: id.text, effectiveFrom: effectiveFrom.text, timeZone: timeZone.text }
    : undefined
}

// internal

interface Dated {
  readonly name: string
  readonly from: string
}

const group = <T extends Dated>(parts: readonly T[]): Map<string, T[]> => {
  const groups = new Map<string, T[]>()
  for (const part of parts) groups.set(part.name, [...(groups.get(part.name) ?? []), part])
  return groups
}

const inForce = <T extends Dated>(versions: readonly T[] | undefined, date: string): T | undefined => {
  let best: T | undefined
  for (const version of versions ?? [])
    if (version.from <= date && (best === undefined || version.from >= best.from)) best = version
  return best
}

const refuseDisorder = (name: string, zh: string, en: string, versions: readonly Dated[], report: Report) => {
  for (const [index, version] of versions.entries()) {
    const before = versions[index - 1]
    if (before === undefined) continue
    if (version.from === before.from)
      report.add("V205", version, {
        zh: `${zh}“${name}”从 ${version.from || "施行之日"} 起写了两次`,
        en: `${en} "${name}" is given twice from ${version.from || "the first day"}`,
      })
    else if (version.from < before.from)
      report.add(
        "P106",
        version,
        {
          zh: `${zh}“${name}”的日期 ${version.from} 早于上面的 ${before.from}`,
          en: `${en} "${name}": ${version.from} comes after ${before.from}`,
        },
        { zh: "按日期从早到晚排列", en: "list the earliest first" },
      )
  }
}

const refuseHole = (
  name: string,
  zh: string,
  en: string,
  versions: readonly Dated[],
  effectiveFrom: string,
  report: Report,
) => {
  const first = versions.reduce<Dated | undefined>(
    (least, version) => (least === undefined || version.from < least.from ? version : least),
    undefined,
  )
  if (first === undefined || first.from <= effectiveFrom) return
  report.add(
    "V205",
    first,
    {
      zh: `${zh}“${name}”从 ${first.from} 才开始,${effectiveFrom} 到那之前没有`,
      en: `${en} "${name}" begins on ${first.from}; there is none from ${effectiveFrom} until then`,
    },
    { zh: `补上从 ${effectiveFrom} 起的一行`, en: `add one that begins on ${effectiveFrom}` },
  )
}

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== ""
  } catch {
    return false
  }
}
