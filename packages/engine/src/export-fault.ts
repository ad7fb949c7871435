/**
 * What is wrong with an export: the line, the journal number from which on nothing is to be trusted, and a
 * sentence in each language. It never shows what stands in the file.
 */
export interface ExportFault extends Error {
  readonly _tag: "ExportFault"
  /** Line of the file, 1, 2, 3, … */
  readonly line: number
  /** The first bad record, where the fault lies in the journal. */
  readonly number: number | undefined
  /** The promise that is broken, for instance `A3`. */
  readonly invariant: string
  readonly zh: string
  readonly en: string
}

/** Makes an `ExportFault`. `_tag` is compared, never the class. */
export const exportFault = (
  found: Pick<ExportFault, "line" | "number" | "invariant" | "en" | "zh">,
): ExportFault => {
  const record = found.number === undefined ? "" : `, first bad record ${found.number}`
  const error = new Error(`line ${found.line}${record}: ${found.en}`)
  return Object.assign(error, { _tag: "ExportFault" as const, ...found })
}

export const isExportFault = (error: unknown): error is ExportFault =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "ExportFault"
