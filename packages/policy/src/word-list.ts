/**
 * Words as small numbers: found by their length, words of one length one after the other.
 *
 * It knows nothing of facts or decisions. A few dozen different words is what it is made for; for many words
 * of one length a `Map` is the better thing.
 */

export interface WordList {
  /** The first word of each length (modulo 32) at that place, others behind; "" where there is none. */
  readonly words: readonly string[]
  /** Where the next word of the same length stands, or -1. */
  readonly next: readonly number[]
  /** The most words that are compared for one. */
  readonly longest: number
}

/** @param words different, none empty. */
export const createWordList = (words: Iterable<string>): WordList => {
  const places: string[] = []
  const next: number[] = []
  for (let at = 0; at < lengths; at++) {
    places.push("")
    next.push(-1)
  }
  let longest = 0
  for (const word of words) {
    let at = word.length % lengths
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
  return { words: places, next, longest }
}

/**
 * The place of a word in `words`, or -1 for any other value; the empty text may find an empty place.
 *
 * @example placeOf(createWordList(["yes", "no"]), "no") // => 2
 */
export const placeOf = (list: WordList, value: unknown): number => {
  if (typeof value !== "string") return -1
  const { words } = list
  let at = value.length & (lengths - 1)
  while (words[at] !== value) {
    at = (list.next[at] as number) | 0
    if (at < 0) return -1
  }
  return at
}

// internal

/** A power of two. */
const lengths = 32
