/**
 * Sets of small whole numbers as words of 32 bits: the rows of a table, the atoms of a column.
 *
 * A fixed width for each universe; sets of different widths must not meet.
 */
export type Bits = Uint32Array

export const emptyBits = (size: number): Bits => new Uint32Array(Math.ceil(size / 32))

export const fullBits = (size: number): Bits => {
  const bits = emptyBits(size)
  for (let i = 0; i < size; i++) setBit(bits, i)
  return bits
}

export const setBit = (bits: Bits, index: number): void => {
  bits[index >>> 5] = (bits[index >>> 5] ?? 0) | (1 << (index & 31))
}

export const hasBit = (bits: Bits, index: number): boolean =>
  ((bits[index >>> 5] ?? 0) & (1 << (index & 31))) !== 0

export const intersect = (a: Bits, b: Bits): Bits => {
  const result = new Uint32Array(a.length)
  for (let i = 0; i < a.length; i++) result[i] = (a[i] ?? 0) & (b[i] ?? 0)
  return result
}

export const intersects = (a: Bits, b: Bits): boolean => {
  for (let i = 0; i < a.length; i++) if (((a[i] ?? 0) & (b[i] ?? 0)) !== 0) return true
  return false
}

/** The members in ascending order. */
export const members = (bits: Bits): number[] => {
  const result: number[] = []
  for (let i = 0; i < bits.length; i++) {
    let word = bits[i] ?? 0
    while (word !== 0) {
      const low = word & -word
      result.push(i * 32 + (31 - Math.clz32(low)))
      word ^= low
    }
  }
  return result
}

/** A short string that is equal exactly for equal sets of one width. */
export const bitsKey = (bits: Bits): string => {
  let key = ""
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i] ?? 0
    key += String.fromCharCode(word >>> 16, word & 0xffff)
  }
  return key
}
