/**
 * Units: the words of a document, and the unit in which core counts.
 *
 * Only exact conversions exist. A working day or a month is not a fixed number of minutes or days, and
 * whether a day means 24 hours depends on the clock, so none of them converts.
 */

/** Units of core's schemas. */
export type CoreUnit = "fen" | "minute" | "day" | "metre" | "person" | "count" | "year" | "point"

/** Is this a unit that a document may write? */
export const isUnit = (word: string): boolean => units.has(word)

/** All unit words, for suggestions. */
export const unitWords = (): Iterable<string> => units.keys()

/** What a unit word counts, and how many of core's units make one. */
export const unitOf = (word: string): { readonly unit: CoreUnit; readonly factor: number } | undefined =>
  units.get(word)

/**
 * A written number in core's unit, or undefined when the units do not agree or the result is not whole.
 * A number without a unit is in the unit that people use for the column: yuan for money, else core's own.
 *
 * @example inCoreUnit(50, "元", "fen") // => 5000
 * @example inCoreUnit(2, "小时", "minute") // => 120
 * @example inCoreUnit(1, "工作日", "minute") // => undefined
 */
export const inCoreUnit = (value: number, word: string, unit: CoreUnit | undefined): number | undefined => {
  const written = word === "" ? { unit, factor: unit === "fen" ? 100 : 1 } : units.get(word)
  if (written === undefined || (unit !== undefined && written.unit !== unit)) return undefined
  const result = Math.round(value * 100 * written.factor) / 100
  return Number.isSafeInteger(result) ? result : undefined
}

/** How people write an amount of a core unit: `5000 fen` is `50 元`. */
export const showAmount = (value: number, unit: CoreUnit | undefined): string =>
  unit === "fen" ? `${value / 100}` : `${value}`

// internal

const units = new Map<string, { readonly unit: CoreUnit; readonly factor: number }>([
  ["元", { unit: "fen", factor: 100 }],
  ["分钟", { unit: "minute", factor: 1 }],
  ["小时", { unit: "minute", factor: 60 }],
  ["日", { unit: "day", factor: 1 }],
  ["天", { unit: "day", factor: 1 }],
  ["周", { unit: "day", factor: 7 }],
  ["米", { unit: "metre", factor: 1 }],
  ["公里", { unit: "metre", factor: 1000 }],
  ["千米", { unit: "metre", factor: 1000 }],
  ["人", { unit: "person", factor: 1 }],
  ["件", { unit: "count", factor: 1 }],
  ["次", { unit: "count", factor: 1 }],
  ["级", { unit: "count", factor: 1 }],
  ["岁", { unit: "year", factor: 1 }],
  ["分", { unit: "point", factor: 1 }],
])
