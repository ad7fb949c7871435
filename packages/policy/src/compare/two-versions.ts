/**
 * Two documents as one with two versions, so that both can be searched side by side, case by case, and so that
 * a step under the new rules can meet a report accepted under the old ones.
 *
 * Each document is taken as it stands on one date. Parameters and tables that differ get a second version; groups
 * that differ get a name of their own. What it does not do: it compares no cases, and it does not guess where
 * the two speak of different facts: those cannot be compared and are named.
 */
import { type Bilingual, createReport } from "../finding.ts"
import type { Alternative, GroupModel, NameModel, Operand, PolicyModel, TableModel, Test } from "../model.ts"
import { resolve } from "../resolve.ts"
import type { ResolvedPolicy } from "../resolved.ts"
import { timelineOf } from "../version.ts"

/** First days of the two versions: dates that stand for *before* and *after*, not for the calendar. */
export const beforeDay = "2000-01-01"
export const afterDay = "2000-01-02"

export type Joined =
  /** One policy whose first version is the old document and whose last is the new one. */
  | { readonly ok: true; readonly policy: ResolvedPolicy; readonly changed: boolean }
  | { readonly ok: false; readonly because: readonly Bilingual[] }

/** A document and the civil date on which it is looked at; left out, the first day of its last version. */
export interface DatedModel {
  readonly model: PolicyModel
  readonly on?: string
}

/**
 * Joins two documents that both load.
 *
 * @returns why not, when they declare different facts, words or conclusions.
 * @example joinPolicies({ model: thisYear }, { model: nextYear }) // => { ok: true, policy: …, changed: true }
 */
export const joinPolicies = (before: DatedModel, after: DatedModel): Joined => {
  const old = asItStands(before)
  const now = renamedGroups(asItStands(after), old)
  const different = [...differentFacts(old, now), ...differentNames(old, now)]
  if (different.length > 0) return { ok: false, because: different }
  const model = withTwoVersions(old, now)
  const report = createReport("", new Map())
  const policy = resolve(model, report)
  if (policy && !report.hasErrors()) return { ok: true, policy, changed: policy.versions.length > 1 }
  const findings = report.findings.filter(({ severity }) => severity === "error")
  return { ok: false, because: findings.map(({ zh, en }) => ({ zh, en })) }
}

// internal

/** The document with what is in force on one date and nothing else. */
const asItStands = ({ model, on }: DatedModel): PolicyModel => {
  const start = model.items.find(({ name }) => name === "施行")?.text ?? ""
  const timeline = timelineOf(model, start, createReport("", new Map()))
  const date = on ?? timeline.starts.at(-1) ?? start
  return {
    ...model,
    parameters: timeline.parameterNames.flatMap((name) => timeline.parameterOn(name, date) ?? []),
    tables: timeline.tablesOn(date),
  }
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

const differentFacts = (old: PolicyModel, now: PolicyModel): readonly Bilingual[] => {
  const meaning = ({ facts }: PolicyModel) =>
    new Map(
      facts.map(({ typical: _typical, ...fact }) => [
        fact.key,
        { name: fact.name, text: JSON.stringify(fact) },
      ]),
    )
  const [first, second] = [meaning(old), meaning(now)]
  return [...new Set([...first.keys(), ...second.keys()])].flatMap((key) => {
    const [one, other] = [first.get(key), second.get(key)]
    if (one?.text === other?.text) return []
    const name = one?.name ?? other?.name ?? key
    return {
      zh: `事实“${name}”在两份文件里声明得不一样,不能逐种情形比较`,
      en: `fact "${key}" is declared differently in the two documents, so cases cannot be compared`,
    }
  })
}

const nameOf = ({ zh, of }: NameModel): string => `${zh}\n${of}`

const differentNames = (old: PolicyModel, now: PolicyModel): readonly Bilingual[] => {
  const known = new Map(old.names.map((name) => [nameOf(name), name.key]))
  return now.names.flatMap((name) => {
    const before = known.get(nameOf(name))
    if (before === undefined || before === name.key) return []
    return {
      zh: `“${name.zh}”的译名由 ${before} 改成了 ${name.key},不是同一个意思`,
      en: `"${name.zh}" was "${before}" and is "${name.key}": not the same thing`,
    }
  })
}

/** The new document with other names for groups that it defines otherwise. */
const renamedGroups = (now: PolicyModel, old: PolicyModel): PolicyModel => {
  const before = new Map(old.groups.map((group) => [group.name, group]))
  const renamed = new Map<string, string>()
  const groups = now.groups.map((group): GroupModel => {
    const known = before.get(group.name)
    if (known === undefined || same(known.values, group.values)) return group
    renamed.set(group.name, `${group.name}′`)
    return { ...group, name: `${group.name}′` }
  })
  if (renamed.size === 0) return now
  const tables = now.tables.map((table) => ({
    ...table,
    rules: table.rules.map((rule) => ({ ...rule, when: rule.when.map((test) => renameIn(test, renamed)) })),
  }))
  return { ...now, groups, tables }
}

const renameIn = (test: Test, names: ReadonlyMap<string, string>): Test => {
  const operand = (to: Operand): Operand =>
    to.is === "word" ? { ...to, text: names.get(to.text) ?? to.text } : to
  const alternative = (one: Alternative): Alternative =>
    one.is === "range"
      ? { ...one, low: operand(one.low), high: operand(one.high) }
      : { ...one, to: operand(one.to) }
  return { ...test, oneOf: test.oneOf.map(alternative) }
}

const withTwoVersions = (old: PolicyModel, now: PolicyModel): PolicyModel => {
  const union = <T>(
    parts: (model: PolicyModel) => readonly T[],
    nameOf: (part: T) => string,
  ): readonly T[] => {
    const known = new Set(parts(old).map(nameOf))
    return [...parts(old), ...parts(now).filter((part) => !known.has(nameOf(part)))]
  }
  const items = now.items.map((item) => (item.name === "施行" ? { ...item, text: beforeDay } : item))
  const dated = <T extends { readonly name: string; readonly from: string }>(
    before: readonly T[],
    after: readonly T[],
    first: string,
  ): readonly T[] => {
    const known = new Map(before.map((part) => [part.name, { ...part, from: "" }]))
    const later = after.flatMap((part): T[] => {
      const one = known.get(part.name)
      if (one === undefined) return [{ ...part, from: first }]
      return same(one, { ...part, from: "" }) ? [] : [{ ...part, from: afterDay }]
    })
    return inOrder([...before.map((part) => ({ ...part, from: first })), ...later])
  }
  return {
    ...now,
    items,
    groups: union(
      (model) => model.groups,
      ({ name }) => name,
    ),
    names: union((model) => model.names, nameOf),
    // A case that only one of them calls impossible can happen under the other.
    impossible: old.impossible.filter((one) => now.impossible.some((other) => same(one.when, other.when))),
    parameters: dated(old.parameters, now.parameters, beforeDay),
    tables: dated<TableModel>(old.tables, now.tables, ""),
    examples: [],
    properties: [],
  }
}

/** Versions of one name side by side, as a document lists them. */
const inOrder = <T extends { readonly name: string }>(parts: readonly T[]): readonly T[] => {
  const groups = new Map<string, T[]>()
  for (const part of parts) groups.set(part.name, [...(groups.get(part.name) ?? []), part])
  return [...groups.values()].flat()
}
