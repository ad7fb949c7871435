/**
 * Adding an example to the text of a document, below the last one, without touching anything else.
 */

import type { Places } from "../finding.ts"
import type { PolicyModel } from "../model.ts"

/** An example as it is typed: facts that are not as usual, and what is expected. */
export interface NewExample {
  readonly id: string
  readonly given: readonly { readonly fact: string; readonly value: string }[]
  readonly expect: readonly { readonly name: string; readonly value: string }[]
  /** Civil date, when it is not the policy's first day. */
  readonly date?: string
}

/**
 * The text with one more table of examples.
 *
 * @param places where the model's parts stand in `text`.
 * @throws RangeError when the example expects nothing.
 */
export const addExample = (text: string, model: PolicyModel, places: Places, example: NewExample): string => {
  if (example.expect.length === 0) throw new RangeError("an example must expect something")
  const lines = text.split("\n")
  const last = Math.max(0, ...model.examples.map((one) => places.get(one)?.line ?? 0))
  const at = last === 0 ? lines.length : last
  const header = [
    "例",
    ...example.given.map(({ fact }) => fact),
    ...(example.date === undefined ? [] : ["日期"]),
    ...example.expect.map(({ name }) => `→ ${name}`),
  ]
  const row = [
    example.id,
    ...example.given.map(({ value }) => value),
    ...(example.date === undefined ? [] : [example.date]),
    ...example.expect.map(({ value }) => value),
  ]
  const table = [header, header.map(() => "---"), row].map((cells) => `| ${cells.map(escaped).join(" | ")} |`)
  const before = lines[at - 1]?.endsWith("\r") ? "\r" : ""
  lines.splice(at, 0, ...["", ...table].map((line) => `${line}${before}`))
  return lines.join("\n")
}

/** A number for the next example that no example has yet: 例21. */
export const nextExampleId = (model: PolicyModel): string => {
  const used = model.examples.map(({ id }) => Number(/^例(\d+)/.exec(id)?.[1] ?? 0))
  return `例${Math.max(0, ...used) + 1}`
}

// internal

const escaped = (cell: string): string => cell.replaceAll("|", "\\|")
