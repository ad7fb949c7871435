/**
 * Words as small numbers: found by their length, first and last letter, one step for nearly every list.
 *
 * Two factors are chosen so that no two words of the list meet at one place; then finding one takes no branch
 * that depends on the word. Where no factors keep the words apart, those of one place are compared one after the
 * other. It knows nothing of facts or decisions. A few dozen different words is what it is made for; for many
 * words a `Map` is the better thing.
 */

export interface WordList {
  /** The first word of each place, others behind; "" where there is none. */
  readonly words: readonly string[]
  /** Where the next word of the same place stands, or -1. */
  readonly next: readonly number[]
  /** The most words that are compared for one. */
  readonly longest: number
  readonly key: PlaceKey
}

/** How many places, less one, and what the first and the last letter count. */
interface PlaceKey {
  readonly mask: number
  readonly first: number
  readonly last: number
}

/** @param words different, none empty. */
export const createWordList = (words: Iterable<string>): WordList => {
  const all = [...words]
  const key = keyFor(all)
  const places = new Array<string>(key.mask + 1).fill("")
  const next = new Array<number>(key.mask + 1).fill(-1)
  let longest = 0
  for (const word of all) {
    let at = place(key, word)
    let compared = 1
    if (places[at] === "") places[at] = word
    else {
      for (let after = next[at] ?? -1; after >= 0; after = next[at] ?? -1) {
        at = after
        compared++
      }
      next[at] = places.length
      places.push(word)
      next.push(-1)
      compared++
    }
    longest = Math.max(longest, compared)
  }
  return { words: places, next, longest, key }
}

/**
 * The place of a word in `words`, or -1 for any other value.
 *
 * @example placeOf(createWordList(["yes", "no"]), "maybe") // => -1
 */
export const placeOf = (list: WordList, value: unknown): number => {
  if (typeof value !== "string" || value.length === 0) return -1
  const { words } = list
  let at = place(list.key, value)
  while (words[at] !== value) {
    at = (list.next[at] as number) | 0
    if (at < 0) return -1
  }
  return at
}

// internal

const place = ({ mask, first, last }: PlaceKey, word: string): number =>
  (word.length + first * word.charCodeAt(0) + last * word.charCodeAt(word.length - 1)) & mask

const masks = [7, 15, 31, 63]
const factors = Array.from({ length: 16 }, (_, factor) => factor)

/** The fewest places and the smallest factors that keep the words apart; else those with the fewest meetings. */
const keyFor = (words: readonly string[]): PlaceKey => {
  let best: PlaceKey = { mask: 7, first: 0, last: 0 }
  let apart = 0
  for (const mask of masks) {
    for (const first of factors) {
      for (const last of factors) {
        const key = { mask, first, last }
        const found = new Set(words.map((word) => place(key, word))).size
        if (found <= apart) continue
        best = key
        apart = found
        if (apart === words.length) return best
      }
    }
  }
  return best
}
