/**
 * The order of keys: as UTF-8 bytes, which is the order of code points.
 *
 * JavaScript compares UTF-16 units and puts an emoji before `￥`; databases compare bytes and do the
 * opposite. Every store sorts by this order.
 */

/**
 * Compares two well-formed texts as their UTF-8 bytes would compare.
 *
 * @returns a negative number, 0, or a positive number.
 * @example compareBytes("\u{1f6a8}", "\uffe5") > 0 // => true, while "\u{1f6a8}" > "\uffe5" is false
 */
export const compareBytes = (left: string, right: string): number => {
  if (left === right) return 0
  const shared = Math.min(left.length, right.length)
  for (let at = 0; at < shared; at += 1) {
    const a = left.charCodeAt(at)
    const b = right.charCodeAt(at)
    if (a !== b) return codePointRank(a) - codePointRank(b)
  }
  return left.length - right.length
}

/**
 * The smallest text above every text that starts with `prefix`, or `undefined` when there is none.
 *
 * @example afterPrefix("report/") // => "report0"
 */
export const afterPrefix = (prefix: string): string | undefined => {
  const points = Array.from(prefix)
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const code = last.codePointAt(0) ?? 0
    if (code === 0x10ffff) continue
    return points.join("") + String.fromCodePoint(code === 0xd7ff ? 0xe000 : code + 1)
  }
  return undefined
}

// internal

/** Moves surrogates, which stand for code points above U+FFFF, behind all other units. */
const codePointRank = (unit: number): number =>
  unit < 0xd800 ? unit : unit >= 0xe000 ? unit - 0x800 : unit + 0x2000
