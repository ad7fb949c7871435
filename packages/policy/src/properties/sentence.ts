/**
 * The sentences that a document may promise: fixed patterns in both languages, and what each one says.
 *
 * Names and values come out as the document's own Chinese words; whether they mean anything is checked where
 * the sentence is resolved. What fits no pattern is not guessed: the nearest pattern is named.
 */
import { isDash, type Parsed, parseOperand, parseTest } from "../cell.ts"
import { type Bilingual, nearest } from "../finding.ts"
import type { Operand, PolicyModel, Test } from "../model.ts"
import { plain } from "../plain.ts"

/** `name` passes `test`. */
export interface Clause {
  readonly name: string
  readonly test: Test
}

/** What a sentence says. */
export type Sentence =
  | { readonly is: "has"; readonly of: string }
  | { readonly is: "zeroOrBetween"; readonly of: string; readonly low: Operand; readonly high: Operand }
  | { readonly is: "oneOf"; readonly of: string; readonly test: Test }
  | { readonly is: "rising"; readonly fact: string; readonly of: string; readonly never: "falls" | "rises" }
  | {
      readonly is: "whenever"
      readonly premise: readonly Clause[]
      readonly of: string
      readonly test: Test
      readonly never: boolean
    }
  | { readonly is: "noEffect"; readonly fact: string; readonly of: string }
  | { readonly is: "notBoth"; readonly both: readonly [string, string] }
  | { readonly is: "versions"; readonly from: string; readonly to: string; readonly of: string }
  | { readonly is: "unknownPays"; readonly fact: string; readonly of: readonly string[] }
  | { readonly is: "oneAward"; readonly of: string }
  | { readonly is: "monthlyCap"; readonly of: string; readonly most: Operand }
  | { readonly is: "orderFree" }
  | { readonly is: "shares"; readonly people: number }
  | { readonly is: "answeredOrFlagged" }
  | { readonly is: "spending"; readonly over: Operand; readonly below: number }

/** How a sentence could be read: what it says, or the pattern that is nearest to it. */
export type Understood =
  | { readonly ok: true; readonly sentence: Sentence }
  | { readonly ok: false; readonly nearest: Bilingual }

/** The patterns as the guide prints them, in both languages. */
export const patterns: readonly Bilingual[] = [
  { zh: "每件信息 都有 X", en: "every report has a X" },
  { zh: "X 为 0 或在 a 至 b 之间", en: "X is 0 or between a and b" },
  { zh: "X 只能是 a、b", en: "X is always one of a, b" },
  { zh: "F 越高,X 不减少", en: "more F never lowers X" },
  { zh: "F 越高,X 不增加", en: "more F never raises X" },
  { zh: "当 F=a 且 G=b 时,X 一定是 v", en: "whenever F=a and G=b, X is v" },
  { zh: "当 F=a 且 G=b 时,X 绝不是 v", en: "whenever F=a and G=b, X is never v" },
  { zh: "F 不影响 X", en: "F never affects X" },
  { zh: "X>0 与 Y>0 不会同时出现", en: "never both X>0 and Y>0" },
  { zh: "从 v1 到 v2,没有人 X 减少", en: "from v1 to v2 nobody's X falls" },
  { zh: "F 未知时,X 不提前发放", en: "unknown F never pays X" },
  { zh: "同一事件,现金合计 不超过 一份", en: "one incident, at most one award of cash" },
  { zh: "每月每人 积分 不超过 N", en: "per person and month, points is at most N" },
  { zh: "先后次序 不影响 合计", en: "order does not change the total" },
  { zh: "联名 n 人,各份之和 等于 一份", en: "for n joint reporters, the shares add up to one award" },
  { zh: "每件信息 到期前 有回应,或有逾期提醒", en: "every report is answered in time or flagged" },
  { zh: "年度支出 超过 N 的可能 低于 p", en: "the chance of spending over N in a year is below p" },
]

/** Most reporters of one joint report that are tried. */
export const mostJoint = 20

/**
 * What a sentence says.
 *
 * @param text as an officer wrote it, in Chinese or English, with any punctuation.
 * @example readSentence(model, "本月第几件 不影响 现金") // => ok, noEffect of 本月第几件 on 现金
 */
export const readSentence = (model: PolicyModel, text: string): Understood => {
  const words = plain(text).replace(/[。.]$/u, "")
  const names = nameFinder(model)
  for (const [shape, read] of readers) {
    const match = shape.exec(words)
    const sentence = match
      ? read(
          match.slice(1).map((part) => (part ?? "").trim()),
          names,
        )
      : undefined
    if (sentence) return { ok: true, sentence }
  }
  return { ok: false, nearest: nearestPattern(withoutNames(model, words)) }
}

/** The tests of a sentence on facts and conclusions, so that numbers can be cut where it names a bound. */
export const testsOf = (sentence: Sentence): readonly Clause[] =>
  sentence.is === "whenever" ? sentence.premise : []

// internal

/** From any name of a fact, a conclusion or a value to the document's own word. */
interface Names {
  readonly column: (word: string) => string
  readonly test: (column: string, cell: string) => Test | undefined
  readonly pays: readonly string[]
}

type Reader = (parts: readonly string[], names: Names) => Sentence | undefined

const readers: readonly (readonly [RegExp, Reader])[] = [
  [/^每件信息 ?到期前 ?有回应, ?或有逾期提醒$/u, () => ({ is: "answeredOrFlagged" })],
  [/^every report is answered in time,? or flagged$/iu, () => ({ is: "answeredOrFlagged" })],
  [/^每件信息 ?都有 ?(.+)$/u, ([of = ""], names) => ({ is: "has", of: names.column(of) })],
  [/^every report has an? (.+)$/iu, ([of = ""], names) => ({ is: "has", of: names.column(of) })],
  [/^(.+?) ?为 ?0 ?或在 ?(.+?) ?至 ?(.+?) ?之间$/u, (parts, names) => between(parts, names)],
  [/^(.+?) is 0 or between (.+?) and (.+)$/iu, (parts, names) => between(parts, names)],
  [/^(.+?) ?只能是 ?(.+)$/u, (parts, names) => oneOf(parts, names)],
  [/^(.+?) is always one of (.+)$/iu, (parts, names) => oneOf(parts, names)],
  [
    /^当 ?(.+?) ?时, ?(.+?) ?(一定是|绝不是) ?(.+)$/u,
    ([premise = "", of = "", how, value = ""], names) =>
      whenever(premise.split("且"), of, value, how === "绝不是", names),
  ],
  [
    /^whenever (.+), (.+?) is never (.+)$/iu,
    ([premise = "", of = "", value = ""], names) =>
      whenever(premise.split(/ and /iu), of, value, true, names),
  ],
  [
    /^whenever (.+), (.+?) is (.+)$/iu,
    ([premise = "", of = "", value = ""], names) =>
      whenever(premise.split(/ and /iu), of, value, false, names),
  ],
  [
    /^(.+?) ?越[高多大], ?(.+?) ?(不减少|不增加)$/u,
    ([fact = "", of = "", how], names) => rising(fact, of, how === "不减少", names),
  ],
  [
    /^more (.+?) never (lowers|raises) (.+)$/iu,
    ([fact = "", how = "", of = ""], names) => rising(fact, of, how.toLowerCase() === "lowers", names),
  ],
  [/^(.+?) ?不影响 ?合计$/u, ([what]) => (what === "先后次序" ? { is: "orderFree" } : undefined)],
  [/^order does not change the total$/iu, () => ({ is: "orderFree" })],
  [
    /^(.+?) ?不影响 ?(.+)$/u,
    ([fact = "", of = ""], names) => ({ is: "noEffect", fact: names.column(fact), of: names.column(of) }),
  ],
  [
    /^(.+?) never affects (.+)$/iu,
    ([fact = "", of = ""], names) => ({ is: "noEffect", fact: names.column(fact), of: names.column(of) }),
  ],
  [/^(.+?) ?> ?0 ?[与和] ?(.+?) ?> ?0 ?不会同时出现$/u, (parts, names) => notBoth(parts, names)],
  [/^never both (.+?) ?> ?0 and (.+?) ?> ?0$/iu, (parts, names) => notBoth(parts, names)],
  [/^从 ?(.+?) ?到 ?(.+?), ?没有人 ?(.+?) ?减少$/u, (parts, names) => versions(parts, names)],
  [/^from (.+?) to (.+?),? nobody's (.+?) falls$/iu, (parts, names) => versions(parts, names)],
  [/^(.+?) ?未知时, ?(.+?) ?不提前发放$/u, (parts, names) => unknownPays(parts, names)],
  [/^unknown (.+?) never pays(?: (.+))?$/iu, (parts, names) => unknownPays(parts, names)],
  [
    /^同一事件, ?(.+?) ?合计 ?不超过 ?一份$/u,
    ([of = ""], names) => ({ is: "oneAward", of: names.column(of) }),
  ],
  [
    /^one incident, at most one award(?: of (.+))?$/iu,
    ([of = ""], names) => ({ is: "oneAward", of: names.column(of || "cash") }),
  ],
  [/^每月每人 ?(.+?) ?不超过 ?(.+)$/u, (parts, names) => monthlyCap(parts, names)],
  [/^per person and month, (.+?) is at most (.+)$/iu, (parts, names) => monthlyCap(parts, names)],
  [/^联名 ?(n|\d{1,2}) ?人, ?各份之和 ?等于 ?一份$/iu, ([people = ""]) => shares(people)],
  [
    /^for (n|\d{1,2}) joint reporters,? the shares add up(?: to one award)?$/iu,
    ([people = ""]) => shares(people),
  ],
  [/^年度支出 ?超过 ?(.+?) ?的可能 ?低于 ?(.+)$/u, (parts) => spending(parts)],
  [/^the chance of spending over (.+?) in a year is below (.+)$/iu, (parts) => spending(parts)],
]

const between: Reader = ([of = "", a = "", b = ""], names) => {
  const [low, high] = [parseOperand(a), parseOperand(b)]
  if (!low.ok || !high.ok) return undefined
  return { is: "zeroOrBetween", of: names.column(of), low: low.value, high: high.value }
}

const oneOf: Reader = ([of = "", values = ""], names) => {
  const column = names.column(of)
  const test = names.test(column, values)
  return test && { is: "oneOf", of: column, test }
}

const whenever = (
  premise: readonly string[],
  of: string,
  value: string,
  never: boolean,
  names: Names,
): Sentence | undefined => {
  const clauses = premise.map((part) => clause(part.trim(), names))
  const column = names.column(of)
  const test = names.test(column, value)
  if (!test || !clauses.every((one) => one !== undefined)) return undefined
  return { is: "whenever", premise: clauses, of: column, test, never }
}

/** `核实结论=属实`, `影响人数>=30`. */
const clause = (text: string, names: Names): Clause | undefined => {
  const match = /^(.+?) ?(>=|<=|=|>|<) ?(.+)$/u.exec(text)
  if (!match) return undefined
  const name = names.column(match[1] ?? "")
  const cell = match[2] === "=" ? (match[3] ?? "") : `${match[2]}${match[3]}`
  const test = names.test(name, cell)
  return test && { name, test }
}

const rising = (fact: string, of: string, neverFalls: boolean, names: Names): Sentence => ({
  is: "rising",
  fact: names.column(fact),
  of: names.column(of),
  never: neverFalls ? "falls" : "rises",
})

const notBoth: Reader = ([a = "", b = ""], names) => ({
  is: "notBoth",
  both: [names.column(a), names.column(b)],
})

const versions: Reader = ([from = "", to = "", of = ""], names) => ({
  is: "versions",
  from,
  to,
  of: names.column(of),
})

const unknownPays: Reader = ([fact = "", of = ""], names) => ({
  is: "unknownPays",
  fact: names.column(fact),
  of: of === "" ? names.pays : [names.column(of)],
})

const monthlyCap: Reader = ([of = "", most = ""], names) => {
  const operand = parseOperand(most)
  return operand.ok ? { is: "monthlyCap", of: names.column(of), most: operand.value } : undefined
}

const shares = (people: string): Sentence | undefined => {
  const count = /^\d+$/.test(people) ? Number(people) : mostJoint
  return count >= 1 && count <= mostJoint ? { is: "shares", people: count } : undefined
}

const spending = ([over = "", below = ""]: readonly string[]): Sentence | undefined => {
  const operand = parseOperand(over)
  const match = /^(\d{1,3}(?:\.\d{1,6})?) ?(%?)$/.exec(below)
  const chance = Number(match?.[1]) / (match?.[2] === "%" ? 100 : 1)
  return operand.ok && match && chance <= 1
    ? { is: "spending", over: operand.value, below: chance }
    : undefined
}

const nameFinder = (model: PolicyModel): Names => {
  const columns = new Map<string, string>()
  const add = (zh: string, key: string | undefined) => {
    columns.set(zh, zh)
    for (const name of model.names)
      if (name.zh === zh && name.of === "") {
        columns.set(name.en.toLowerCase(), zh)
        columns.set(name.key.toLowerCase(), zh)
      }
    if (key !== undefined) columns.set(key.toLowerCase(), zh)
  }
  for (const table of model.tables) for (const { name } of table.conclusions) add(name, undefined)
  for (const fact of model.facts) add(fact.name, fact.key)
  const column = (word: string) => columns.get(word) ?? columns.get(word.toLowerCase()) ?? word
  return {
    column,
    test: (of, cell) => readTest(model, of, cell),
    pays: ["cash", "points"].map(column),
  }
}

/** A cell whose English words become the document's own. */
const readTest = (model: PolicyModel, of: string, cell: string): Test | undefined => {
  const read: Parsed<Test> = isDash(cell) ? { ok: false, zh: "", en: "" } : parseTest(cell)
  if (!read.ok) return undefined
  const known = new Set([
    ...(model.facts.find(({ name }) => name === of)?.values ?? []),
    ...model.groups.map(({ name }) => name),
  ])
  const translate = (operand: Operand): Operand => {
    if (operand.is !== "word" || known.has(operand.text) || !/^[\x20-\x7e]+$/.test(operand.text))
      return operand
    const word = operand.text.toLowerCase()
    const fixed = { yes: "是", no: "否", unknown: "未知" }[word]
    const fits = model.names.filter(({ en, key }) => en.toLowerCase() === word || key.toLowerCase() === word)
    const found = fits.find((name) => name.of === of) ?? fits.find(({ zh }) => known.has(zh)) ?? fits[0]
    return { is: "word", text: fixed ?? found?.zh ?? operand.text }
  }
  return {
    any: false,
    oneOf: read.value.oneOf.map((item) =>
      item.is === "range"
        ? { ...item, low: translate(item.low), high: translate(item.high) }
        : { ...item, to: translate(item.to) },
    ),
  }
}

/** The text with a blank in place of every fact, conclusion and value, so that only fixed words are left. */
const withoutNames = (model: PolicyModel, text: string): string => {
  const names = [
    ...model.facts.flatMap(({ name, values }) => [name, ...values]),
    ...model.tables.flatMap(({ conclusions }) => conclusions.map(({ name }) => name)),
  ].filter((name) => name.length > 1)
  let left = text
  for (const name of names.toSorted((a, b) => b.length - a.length)) left = left.replaceAll(name, " ")
  return left
}

/** The pattern with the most fixed words in common; among those alike the one that is spelt most alike. */
const nearestPattern = (text: string): Bilingual => {
  const english = /^[\x20-\x7e]*$/.test(text)
  const of = (pattern: Bilingual) => plain(english ? pattern.en : pattern.zh)
  const score = (pattern: Bilingual) =>
    of(pattern)
      .split(/[ ,=>]|[A-Z]\b/u)
      .filter((word) => word.length > (english ? 3 : 1))
      .reduce((sum, word) => sum + common(word, text, english ? 3 : 1), 0)
  const best = Math.max(...patterns.map(score))
  const alike = patterns.filter((pattern) => score(pattern) === best)
  const near = nearest(text, alike.map(of))
  return alike.find((pattern) => of(pattern) === near) ?? alike[0] ?? { zh: "", en: "" }
}

/** The length of the longest beginning or end of a fixed word that the text holds. */
const common = (word: string, text: string, least: number): number => {
  for (let size = word.length; size >= least; size--)
    if (text.includes(word.slice(0, size)) || text.includes(word.slice(-size))) return size
  return 0
}
