/**
 * Which numbers of a table may be shown: none from 1 to 4, and none from which such a number follows.
 *
 * Rows and columns are taken to stand beside their totals. What it does not do: whoever holds the history itself, or
 * several tables made of it, can still find out; a table for publication is read by a person first.
 */

/** Fewer people or reports than this are not shown by themselves. */
export const fewest = 5

/**
 * For each cell, must it be hidden?
 *
 * In every row and column with something hidden, at least two cells are and they hold at least five together, as far as
 * there are other cells that are not zero.
 *
 * @param counts rows of equal length, whole numbers of 0 or more.
 * @example hideFew([[2, 40, 9, 0]]) // => [[true, false, true, false]]
 */
export const hideFew = (counts: readonly (readonly number[])[]): readonly (readonly boolean[])[] => {
  const hidden = counts.map((row) => row.map((count) => isFew(count)))
  const width = counts[0]?.length ?? 0
  const rows = counts.map((row, at) => row.map((_, column) => [at, column] as const))
  const columns = Array.from({ length: width }, (_, column) => counts.map((_, at) => [at, column] as const))
  // One row has no totals of columns beside it.
  const lines = counts.length > 1 ? [...rows, ...columns] : rows
  const countAt = ([row, column]: Cell): number => counts[row]?.[column] ?? 0
  const isHidden = ([row, column]: Cell): boolean => hidden[row]?.[column] === true
  // Every turn but the last hides one cell more.
  for (let turn = 0; turn <= counts.length * width; turn += 1) {
    const next = lines.flatMap((line) => {
      const gone = line.filter(isHidden)
      const sum = gone.reduce((total, cell) => total + countAt(cell), 0)
      if (gone.length === 0 || (gone.length > 1 && sum >= fewest)) return []
      const others = line.filter((cell) => !isHidden(cell) && countAt(cell) > 0)
      return others.toSorted((one, other) => countAt(one) - countAt(other)).slice(0, 1)
    })[0]
    if (next === undefined) break
    const row = hidden[next[0]]
    if (row !== undefined) row[next[1]] = true
  }
  return hidden
}

/** 1 to 4. */
export const isFew = (count: number): boolean => count > 0 && count < fewest

/**
 * Names of groups that are shown as one, because some of them are too small: the small ones, and the next smallest
 * until the one is large enough.
 *
 * @example mergeFew(new Map([["a", 2], ["b", 7], ["c", 30]])) // => ["a", "b"]
 */
export const mergeFew = (sizes: ReadonlyMap<string, number>): readonly string[] => {
  const rising = [...sizes].toSorted(([, one], [, other]) => one - other)
  const merged: string[] = []
  let size = 0
  for (const [name, count] of rising) {
    if (!isFew(count) && (merged.length === 0 || (merged.length > 1 && size >= fewest))) break
    merged.push(name)
    size += count
  }
  return merged
}

// internal

type Cell = readonly [row: number, column: number]
