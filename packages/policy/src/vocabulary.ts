/**
 * Words and keys: what 译名 and 事实 say about how a Chinese word is called in code and in English.
 *
 * A name may be limited to one fact or conclusion (用于), because one word can mean two things: 退出 as a
 * status and 退出 as an advice. 是, 否 and 未知 need no translation.
 */
import type { PolicyModel } from "./model.ts"

export interface Label {
  readonly zh: string
  readonly en: string
}

export interface Vocabulary {
  /** The key of a word, first as it is used under `of`, then in general. Plain ASCII is its own key. */
  keyOf(word: string, of: string): string | undefined
  /** How people call a key, if any name has it; `of` is the key of a fact or conclusion. */
  labelOf(key: string, of?: string): Label | undefined
}

export const vocabularyOf = (model: PolicyModel): Vocabulary => {
  const scoped = new Map<string, string>()
  const general = new Map<string, string>(builtIn)
  const english = new Map<string, string>(builtInEnglish)
  for (const name of model.names) {
    if (name.of !== "") scoped.set(pair(name.of, name.zh), shared(name.key))
    else if (!general.has(name.zh)) general.set(name.zh, shared(name.key))
    english.set(pair(name.zh, name.key), name.en)
  }
  const keyOf = (word: string, of: string) =>
    scoped.get(pair(of, word)) ?? general.get(word) ?? (isAscii(word) ? shared(word) : undefined)
  const labels = collectLabels(model, keyOf, english)
  return {
    keyOf,
    labelOf: (key, of) => (of === undefined ? undefined : labels.get(pair(of, key))) ?? labels.get(key),
  }
}

// internal

/**
 * The engine's one copy of a short text. A key cut out of a long text would be compared letter by letter with
 * the facts that core hands over; a property name is compared as one pointer.
 */
const shared = (text: string): string => Object.keys({ [text]: 0 })[0] ?? text

const builtIn: readonly (readonly [string, string])[] = [
  ["是", "yes"],
  ["否", "no"],
  ["未知", "unknown"],
]

const pair = (a: string, b: string): string => `${a}\n${b}`

const builtInEnglish: readonly (readonly [string, string])[] = [
  [pair("是", "yes"), "yes"],
  [pair("否", "no"), "no"],
  [pair("未知", "unknown"), "unknown"],
]

const isAscii = (word: string): boolean => /^[\x20-\x7e]+$/.test(word)

/** `currentClass` reads as `current class`. */
const spoken = (key: string): string => key.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase()

const collectLabels = (
  model: PolicyModel,
  keyOf: (word: string, of: string) => string | undefined,
  english: ReadonlyMap<string, string>,
): Map<string, Label> => {
  const labels = new Map<string, Label>()
  const add = (at: string, zh: string, key: string) => {
    if (!labels.has(at)) labels.set(at, { zh, en: english.get(pair(zh, key)) ?? spoken(key) })
  }
  const addWord = (word: string, ofName: string, ofKey: string) => {
    const key = keyOf(word, ofName)
    if (key !== undefined) add(pair(ofKey, key), word, key)
  }
  for (const [word, key] of builtIn) add(key, word, key)
  for (const fact of model.facts) for (const value of fact.values) addWord(value, fact.name, fact.key)
  for (const table of model.tables)
    for (const [index, column] of table.conclusions.entries()) {
      const ofKey = keyOf(column.name, "") ?? column.name
      for (const rule of table.rules) {
        const cell = rule.gives[index]
        if (cell?.is === "value" && cell.of.is === "word") addWord(cell.of.text, column.name, ofKey)
      }
    }
  for (const name of model.names) if (name.of === "") add(name.key, name.zh, name.key)
  for (const fact of model.facts) add(fact.key, fact.name, fact.key)
  for (const name of model.names) add(name.key, name.zh, name.key)
  return labels
}
