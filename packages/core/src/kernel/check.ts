/**
 * What a check of a state answers: breaches of promises, and the unique keys that must be held.
 */

/** A promise that does not hold. */
export interface Breach {
  /** The promise's id, for instance `L14`. */
  readonly promise: string
  /** What is wrong, in one sentence without personal data. */
  readonly zh: string
  readonly en: string
}

export interface Checked {
  readonly breaches: readonly Breach[]
  /** Unique keys and who must hold them; `undefined`: nobody may. */
  readonly claims: readonly { readonly key: string; readonly holder: string | undefined }[]
}

/** Collects breaches: each line is a promise, whether it holds, and what to say when it does not. */
export const breachesOf = (
  ...lines: readonly (readonly [promise: string, holds: boolean, zh: string, en: string])[]
): readonly Breach[] =>
  lines.filter(([, holds]) => !holds).map(([promise, , zh, en]) => ({ promise, zh, en }))
