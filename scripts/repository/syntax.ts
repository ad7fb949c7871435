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

/** @throws SyntaxError when the text is not TypeScript. */
export const parse = (text: string): Node =>
  parseAst(text, { lang: "ts", sourceType: "module" }) as unknown as Node

/** Every node of the tree, parents first. */
export const nodes = function* (node: Node): Generator<Node> {
  yield node
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) yield* nodes(child)
    }
  }
}

/** Every import of the file; one whose target is computed has the specifier `(computed)`. */
export const importsOf = (text: string): readonly Import[] => {
  const found: Import[] = []
  for (const node of nodes(parse(text))) {
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
