/**
 * The syntax of a source file, as far as the repository's own tests ask.
 *
 * Uses the parser that the test runner brings along. Types and values are treated alike: an arrow between
 * packages is an arrow, also when it carries only a type.
 */
import { parseAst } from "rolldown/parseAst"

/** A node of the tree: its kind and the place where it starts, in characters. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly [key: string]: unknown
}

/** An import or re-export, static or dynamic, of values or of types. */
export interface Import {
  readonly specifier: string
  readonly line: number
}

/**
 * Every node of a file, parents before children.
 *
 * @param path for the error's text only.
 * @throws an error that shows the place, when the text is not TypeScript.
 */
export const nodesOf = (text: string, path?: string): readonly Node[] => {
  const program = parseAst(text, { lang: "ts", sourceType: "module" }, path) as unknown as Node
  const found: Node[] = []
  const waiting: unknown[] = [program]
  while (waiting.length > 0) {
    const next = waiting.pop()
    if (Array.isArray(next)) {
      waiting.push(...next.toReversed())
    } else if (isNode(next)) {
      found.push(next)
      waiting.push(...Object.values(next).reverse())
    }
  }
  return found
}

/** Every import of the file; one whose target is computed has the specifier `(computed)`. */
export const importsOf = (text: string, nodes = nodesOf(text)): readonly Import[] => {
  const found: Import[] = []
  for (const node of nodes) {
    if (!importing.has(node.type) || node.source === null) continue
    const source = node.source as Node
    const specifier = typeof source.value === "string" ? source.value : "(computed)"
    found.push({ specifier, line: lineAt(text, node.start) })
  }
  return found
}

/** The line, from 1, of a place in the text. */
export const lineAt = (text: string, start: number): number => text.slice(0, start).split("\n").length

// internal

const importing = new Set([
  "ImportDeclaration",
  "ExportNamedDeclaration",
  "ExportAllDeclaration",
  "ImportExpression",
  "TSImportType",
])

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string"
