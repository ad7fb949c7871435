/**
 * All answers of one decision in one list: a complete case is turned into a place in it, without a branch
 * that depends on the facts.
 *
 * This is the quick way and nothing else. A case with a fact left out, unknown where the answer has to wait,
 * or of a value that the document does not know has no place here: the diagram takes it. Nor has every
 * decision a table: what would need too many places has its diagram only.
 *
 * A place is a sum of one number for each fact. Facts that are asked together are read together, by property
 * accesses and comparisons with constant words, because that is what a machine does fast; so core's words for
 * them stand here. `tabulate.ts` makes the tables.
 */
import { type GivenFacts, valueAt } from "./reader.ts"
import type { Answer } from "./runner.ts"
import { placeOf, type WordList } from "./word-list.ts"

export interface AnswerTable {
  /** Which groups and single facts are asked: bits of `asked`. */
  readonly asks: number
  /** The summands of all groups and facts in one list; the numbers below say where each one's part begins. */
  readonly summands: readonly number[]
  readonly situation: number
  readonly conversion: number
  readonly verification: number
  readonly worth: number
  readonly category: number
  readonly level: number
  readonly negative: number
  readonly affected: number
  readonly nth: number
  readonly categories: WordList
  readonly levels: WordList
  readonly negatives: WordList
  /** All other facts, read one by one. */
  readonly others: readonly OtherFact[]
  /** Undefined where no answer may be given. */
  readonly answers: readonly (Answer | undefined)[]
}

export interface OtherFact {
  /** Its number for `valueAt`. */
  readonly fact: number
  readonly start: number
  /** Undefined for a number. */
  readonly words: WordList | undefined
}

export const asked = {
  situation: 1,
  conversion: 2,
  verification: 4,
  worth: 8,
  category: 16,
  level: 32,
  negative: 64,
  affected: 128,
  nth: 256,
  others: 512,
} as const

/**
 * The words of the facts that are read together. The code of a word is its place counted from 1, any other
 * value has the code 0; a later fact's code counts as many times as the facts before it have codes together.
 */
export const groups = {
  situation: [
    { fact: "danger", words: ["yes", "no", "unknown"] },
    { fact: "ongoing", words: ["yes", "no", "unknown"] },
  ],
  conversion: [
    { fact: "currentClass", words: ["new", "ordinary", "emergency"] },
    {
      fact: "trigger",
      words: ["none", "newDanger", "warning", "countyResponse", "dangerRemoved"],
    },
  ],
  verification: [
    { fact: "verdict", words: ["true", "partlyTrue", "false", "unverifiable"] },
    {
      fact: "reporter",
      words: ["informant", "member", "suspended", "public", "onDuty", "interested", "anonymous"],
    },
    { fact: "first", words: ["yes", "no"] },
    { fact: "highestConfirmedClass", words: ["ordinary", "emergency"] },
  ],
  worth: [
    { fact: "value", words: ["minor", "notable", "major", "critical"] },
    { fact: "difficulty", words: ["easy", "medium", "hard"] },
  ],
} as const

/** The summand of a value that has no place: larger than any table. */
export const nowhere = 1 << 20

/**
 * The answer to a complete case, or undefined when the table does not have it. Allocates nothing.
 *
 * One long function on purpose: as calls of small ones it took a quarter longer.
 */
export const answerIn = (table: AnswerTable, facts: GivenFacts): Answer | undefined => {
  const { asks, summands } = table
  let place = 0
  if ((asks & asked.situation) !== 0) {
    const { danger, ongoing } = facts
    // biome-ignore format: a line for each fact, as in `groups`
    const code =
      +(danger === "yes") + 2 * +(danger === "no") + 3 * +(danger === "unknown") +
      4 * +(ongoing === "yes") + 8 * +(ongoing === "no") + 12 * +(ongoing === "unknown")
    place = (place + (summands[(table.situation + code) | 0] as number)) | 0
  }
  if ((asks & asked.conversion) !== 0) {
    const { currentClass, trigger } = facts
    // biome-ignore format: a line for each fact, as in `groups`
    const code =
      +(currentClass === "new") + 2 * +(currentClass === "ordinary") + 3 * +(currentClass === "emergency") +
      4 * +(trigger === "none") + 8 * +(trigger === "newDanger") + 12 * +(trigger === "warning") +
      16 * +(trigger === "countyResponse") + 20 * +(trigger === "dangerRemoved")
    place = (place + (summands[(table.conversion + code) | 0] as number)) | 0
  }
  if ((asks & asked.verification) !== 0) {
    const { verdict, reporter, first, highestConfirmedClass } = facts
    // biome-ignore format: a line for each fact, as in `groups`
    const code =
      +(verdict === "true") + 2 * +(verdict === "partlyTrue") + 3 * +(verdict === "false") +
      4 * +(verdict === "unverifiable") +
      5 * +(reporter === "informant") + 10 * +(reporter === "member") + 15 * +(reporter === "suspended") +
      20 * +(reporter === "public") + 25 * +(reporter === "onDuty") + 30 * +(reporter === "interested") +
      35 * +(reporter === "anonymous") +
      40 * +(first === "yes") + 80 * +(first === "no") +
      120 * +(highestConfirmedClass === "ordinary") + 240 * +(highestConfirmedClass === "emergency")
    place = (place + (summands[(table.verification + code) | 0] as number)) | 0
  }
  if ((asks & asked.worth) !== 0) {
    const { value, difficulty } = facts
    // biome-ignore format: a line for each fact, as in `groups`
    const code =
      +(value === "minor") + 2 * +(value === "notable") + 3 * +(value === "major") + 4 * +(value === "critical") +
      5 * +(difficulty === "easy") + 10 * +(difficulty === "medium") + 15 * +(difficulty === "hard")
    place = (place + (summands[(table.worth + code) | 0] as number)) | 0
  }
  if (asks >= asked.category) {
    if ((asks & asked.category) !== 0)
      place = (place + wordSummand(summands, table.category, table.categories, facts.category)) | 0
    if ((asks & asked.level) !== 0)
      place = (place + wordSummand(summands, table.level, table.levels, facts.level)) | 0
    if ((asks & asked.negative) !== 0)
      place = (place + wordSummand(summands, table.negative, table.negatives, facts.negative)) | 0
    if ((asks & asked.affected) !== 0)
      place = (place + numberSummand(summands, table.affected, facts.affected)) | 0
    if ((asks & asked.nth) !== 0) place = (place + numberSummand(summands, table.nth, facts.nth)) | 0
    if ((asks & asked.others) !== 0) place = (place + othersSummand(summands, table.others, facts)) | 0
  }
  const { answers } = table
  return place < answers.length ? answers[place] : undefined
}

// internal

const wordSummand = (summands: readonly number[], start: number, words: WordList, value: unknown): number => {
  const at = placeOf(words, value)
  return at < 0 ? nowhere : (summands[(start + at) | 0] as number)
}

/**
 * A number's part: how many stretches (a power of two), the highest number, the summand of *unknown*, the first
 * number of each stretch, the summand of each stretch. The search takes the sign of a difference for a branch.
 */
const numberSummand = (summands: readonly number[], start: number, value: unknown): number => {
  if (typeof value !== "number") return value === "unknown" ? (summands[(start + 2) | 0] as number) : nowhere
  const whole = value | 0
  if (whole !== value || whole < (summands[(start + 3) | 0] as number)) return nowhere
  if (whole > (summands[(start + 1) | 0] as number)) return nowhere
  const size = (summands[start] as number) | 0
  let at = (start + 3) | 0
  for (let half = size >> 1; half > 0; half >>= 1)
    at = (at + (half & (((summands[(at + half) | 0] as number) - 1 - whole) >> 31))) | 0
  return summands[(at + size) | 0] as number
}

const othersSummand = (
  summands: readonly number[],
  others: readonly OtherFact[],
  facts: GivenFacts,
): number => {
  let sum = 0
  for (let at = 0; at < others.length; at++) {
    const { fact, start, words } = others[at] as OtherFact
    const value = valueAt(facts, fact)
    const summand =
      words === undefined ? numberSummand(summands, start, value) : wordSummand(summands, start, words, value)
    sum = (sum + summand) | 0
  }
  return sum
}
