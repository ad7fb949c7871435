/**
 * One spelling for punctuation: whatever an office keyboard produced, the engine reads and hashes the same
 * characters. Full-width forms become ASCII (NFKC); `、` becomes `,`; `≥ ≤` become `>= <=`; dashes become `-`.
 *
 * It changes no words and is not a linter: quotes and full stops stay as they were written.
 */

/**
 * @example plain("火情、溺水") // => "火情,溺水"
 * @example plain(" ≥{人数线}、 未知 ") // => ">={人数线}, 未知"
 */
export const plain = (text: string): string =>
  text
    .normalize("NFKC")
    .replaceAll("、", ",")
    .replaceAll("≥", ">=")
    .replaceAll("≤", "<=")
    .replaceAll("->", "→")
    .replace(/[‐‑‒–—―−]/gu, "-")
    .replace(/[•‧・]/gu, "·")
    .replace(/\s+/gu, " ")
    .trim()

/** The same list of words as a Chinese reader would write it. */
export const listZh = (words: readonly string[]): string => words.join("、")
