/**
 * A list that stays sorted, without duplicates. Insertion moves what is behind, which is quick at the sizes a
 * memory store is for; it is no tree.
 */

export interface SortedList<A> {
  readonly values: readonly A[]
  add(value: A): void
  remove(value: A): void
  /** Place of the first value that is not below `value`. */
  placeOf(value: A): number
}

export const sortedList = <A>(compare: (left: A, right: A) => number): SortedList<A> => {
  const values: A[] = []
  const placeOf = (value: A): number => {
    let low = 0
    let high = values.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compare(values[middle] as A, value) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
  const holds = (place: number, value: A): boolean =>
    place < values.length && compare(values[place] as A, value) === 0
  return {
    values,
    placeOf,
    add: (value) => {
      const place = placeOf(value)
      if (!holds(place, value)) values.splice(place, 0, value)
    },
    remove: (value) => {
      const place = placeOf(value)
      if (holds(place, value)) values.splice(place, 1)
    },
  }
}
