/**
 * Notes and warnings that stop nothing: what still has to be confirmed (V206) and what nothing uses (V208).
 *
 * The negative list stands here too: fewer than three entries is an error (P107), an open text is a note.
 */
import type { Report } from "./finding.ts"
import type { Conclusion, Operand, PolicyModel, Test } from "./model.ts"
import type { Variable } from "./resolved.ts"

/** The source names three prohibitions; fewer cannot be complete. */
export const fewestProhibitions = 3

export const noteAssumptions = (model: PolicyModel, report: Report): void => {
  if (model.prohibitions.length < fewestProhibitions)
    report.add("P107", model.prohibitions[0], {
      zh: `负面清单要有${fewestProhibitions}条,写了 ${model.prohibitions.length} 条`,
      en: `the negative list needs ${fewestProhibitions} entries and has ${model.prohibitions.length}`,
    })
  for (const entry of model.prohibitions)
    if (entry.status.startsWith("待定") || entry.status.startsWith("假设"))
      report.add(
        "V206",
        entry,
        { zh: `负面清单“${entry.name}”的条文还没有定`, en: `the text of "${entry.name}" is still open` },
        { zh: "请县里提供条文", en: "ask the county for the text" },
      )
  for (const parameter of model.parameters)
    if (parameter.status === "assumed" || parameter.status === "open")
      report.add(
        "V206",
        parameter,
        {
          zh: `参数“${parameter.name}”${parameter.status === "assumed" ? "是假设" : "待定"},还没有确认`,
          en: `parameter "${parameter.name}" is ${parameter.status} and not yet confirmed`,
        },
        { zh: "确认后写“已确认”和文号", en: "once confirmed, write 已确认 and the document's number" },
      )
}

export const warnUnused = (model: PolicyModel, variables: readonly Variable[], report: Report): void => {
  const used = usedNames(model)
  const sentences = model.properties.map((property) => property.text).join("\n")
  for (const parameter of new Map(model.parameters.map((entry) => [entry.name, entry])).values())
    if (!used.parameters.has(parameter.name) && !sentences.includes(`{${parameter.name}}`))
      unused(parameter, "参数", "parameter", parameter.name, report)
  for (const group of model.groups)
    if (!used.words.has(group.name) && !sentences.includes(group.name))
      unused(group, "分组", "group", group.name, report)
  for (const fact of model.facts)
    if (!used.columns.has(fact.name) && variables.some((variable) => variable.name === fact.name))
      unused(fact, "事实", "fact", fact.name, report)
}

// internal

const unused = (at: object, zh: string, en: string, name: string, report: Report) =>
  report.add("V208", at, {
    zh: `${zh}“${name}”没有用到`,
    en: `${en} "${name}" is never used`,
  })

const usedNames = (model: PolicyModel) => {
  const used = { parameters: new Set<string>(), words: new Set<string>(), columns: new Set<string>() }
  const useOperand = (operand: Operand) => {
    if (operand.is === "parameter") used.parameters.add(operand.name)
    if (operand.is === "word") used.words.add(operand.text)
  }
  const useTest = (test: Test) => {
    for (const item of test.oneOf) {
      if (item.is === "range") {
        useOperand(item.low)
        useOperand(item.high)
      } else useOperand(item.to)
    }
  }
  const useConclusion = (cell: Conclusion) => {
    if (cell.is === "value") useOperand(cell.of)
    else cell.of.forEach(useOperand)
  }
  for (const table of model.tables) {
    for (const column of table.conditions) used.columns.add(column.name)
    for (const rule of table.rules) {
      rule.when.forEach(useTest)
      rule.gives.forEach(useConclusion)
    }
  }
  for (const row of model.impossible) for (const { test } of row.when) useTest(test)
  return used
}
