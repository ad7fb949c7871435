/**
 * A text with holes: cut once from one example by the values that stand in it, filled as often as wanted.
 */

/** What a hole is for: the name of a value, with what stood there in the example. */
export interface Hole {
  readonly name: string
  readonly was: string
}

export type Mould = readonly (string | Hole)[]

/**
 * @param values texts of the example by the name under which they are filled in; the first match counts.
 * @example filled(mouldOf("a-1 of a-1", [["id", /a-1/]]), () => "b-2") // => "b-2 of b-2"
 */
export const mouldOf = (text: string, values: readonly (readonly [string, RegExp])[]): Mould => {
  const all = new RegExp(values.map(([name, value]) => `(?<${name}>${value.source})`).join("|"), "g")
  const parts: (string | Hole)[] = []
  let last = 0
  for (const found of text.matchAll(all)) {
    const [name, was] = Object.entries(found.groups ?? {}).find(([, value]) => value !== undefined) ?? [
      "",
      "",
    ]
    parts.push(text.slice(last, found.index), { name, was })
    last = found.index + found[0].length
  }
  parts.push(text.slice(last))
  return parts
}

export const filled = (mould: Mould, value: (hole: Hole) => string): string => {
  let text = ""
  for (const part of mould) text += typeof part === "string" ? part : value(part)
  return text
}
