/**
 * The two languages of the output. A sentence stands in both, side by side, where it is used.
 */
export type Language = "zh" | "en"

/** One text in both languages. */
export interface Text {
  readonly zh: string
  readonly en: string
}

export const text = (zh: string, en: string): Text => ({ zh, en })

/** Chinese when the terminal's locale starts with `zh`, else English. */
export const languageOf = (environment: Readonly<Record<string, string | undefined>>): Language => {
  const locale = environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || ""
  return locale.toLowerCase().startsWith("zh") ? "zh" : "en"
}

/** The value of `--lang` in raw arguments, so that even a usage error speaks the language asked for. */
export const languageAsked = (argv: readonly string[]): Language | undefined => {
  const at = argv.findLastIndex((word) => word === "--lang" || word.startsWith("--lang="))
  const word = argv[at]
  if (word === undefined) return undefined
  const value = word === "--lang" ? argv[at + 1] : word.slice("--lang=".length)
  return value === "zh" || value === "en" ? value : undefined
}
