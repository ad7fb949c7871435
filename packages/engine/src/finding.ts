/**
 * What a check found: which promise is broken, where, and a sentence in each language for the person who
 * reads it. It names streams and journal numbers, never what stands in them.
 */

export interface Finding {
  /** The promise's id, for instance `L2`. */
  readonly invariant: string
  /** A journal number, a stream's key, a tally's key, a setting. */
  readonly where: string
  readonly zh: string
  readonly en: string
}

export const finding = (invariant: string, where: string, en: string, zh: string): Finding => ({
  invariant,
  where,
  zh,
  en,
})
