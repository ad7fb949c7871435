/**
 * The rules of the house that a compiler does not keep.
 *
 * Each rule reads one file and answers with sentences; a file that keeps them all answers with none. Rules
 * about layout and cycles are Biome's (`biome.json`), arrows between packages are the import table's.
 */
import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { root, type TextFile } from "./repository.ts"
import { importsOf, lineAt, type Node, nodesOf } from "./syntax.ts"

/** One sentence for every place where a file of TypeScript breaks a rule of the house. */
export const untidy = ({ path, text }: TextFile): readonly string[] => {
  const file: ParsedFile = { path, text, nodes: nodesOf(text, path) }
  const found = [
    ...aboutName(file),
    ...aboutText(file),
    ...(isSource(file.path) ? [...aboutSource(file), ...aboutEffect(file)] : []),
    ...(file.path.startsWith("packages/core/src/") ? impure(file) : []),
    ...(file.path.endsWith(".test.ts") ? aboutTest(file) : []),
  ]
  return found.map(([line, sentence]) => `${path}:${line}: ${sentence}`)
}

/** What a lock file must not hold: the address of a registry, or a package without integrity. */
export const untidyLock = (text: string): readonly string[] => {
  const { packages } = JSON.parse(text) as { packages: Record<string, LockedPackage> }
  return Object.entries(packages).flatMap(([place, { resolved, integrity, link }]) => {
    if (resolved !== undefined && /^[a-z+]+:/.test(resolved)) return [`${place} names ${resolved}`]
    if (place.includes("node_modules/") && link !== true && integrity === undefined) {
      return [`${place} has no integrity`]
    }
    return []
  })
}

/** A place that belongs to one machine: a home folder, a temporary folder, a drive. */
export const machinePaths = (file: TextFile): readonly string[] =>
  [
    ...file.text.matchAll(/(?<![\w.~})])\/(?:home|Users|root|tmp|work|opt|mnt)\/[\w.-]+|\b[A-Z]:\\\\?\w+/g),
  ].map(
    ({ 0: path, index }) => `${file.path}:${lineAt(file.text, index)}: names ${path}, a place of one machine`,
  )

/** Links of a Markdown file to files that are not there. */
export const brokenLinks = ({ path, text }: TextFile): readonly string[] =>
  [...text.replace(/```[\s\S]*?```/g, "").matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)].flatMap(
    ([, target]) => {
      const file = join(root, dirname(path), decodeURI(target ?? ""))
      return existsSync(file) ? [] : [`${path}: links to ${target}, which is not there`]
    },
  )

// internal

type Finding = readonly [line: number, sentence: string]

interface ParsedFile extends TextFile {
  readonly nodes: readonly Node[]
}

interface LockedPackage {
  readonly resolved?: string
  readonly integrity?: string
  readonly link?: boolean
}

const maxLines = 600

const isSource = (path: string): boolean => /^(packages|examples)\/[^/]+\/src\//.test(path)

const aboutName = ({ path }: TextFile): readonly Finding[] => {
  const name = path.split("/").at(-1) ?? path
  if (name === "index.ts") return [[1, "is a barrel by its name; name the file after its one concept"]]
  return /^[a-z0-9]+(-[a-z0-9]+)*(\.property)?(\.(test|bench|config|d))?\.ts$/.test(name)
    ? []
    : [[1, `${name} is not in kebab-case`]]
}

const aboutText = ({ text, path, nodes }: ParsedFile): readonly Finding[] => {
  const found: Finding[] = []
  for (const { 0: word, index } of text.matchAll(/\b(?:TO-?DO|FIX-?ME|X{3})\b/g)) {
    found.push([lineAt(text, index), `leaves a ${word}; do it, or open an issue`])
  }
  for (const node of nodes) {
    const what = unwanted(node)
    if (what !== undefined) found.push([lineAt(text, node.start), `uses ${what}`])
  }
  if (!isSource(path)) return found
  const lines = text.trimEnd().split("\n").length
  return lines > maxLines ? [...found, [maxLines, `has ${lines} lines, more than ${maxLines}`]] : found
}

const unwanted = (node: Node): string | undefined => {
  if (node.type === "TSEnumDeclaration") return "an enum; a union of literals says the same"
  if (node.type === "TSModuleDeclaration" && node.kind !== "global") return "a namespace"
  if (node.type === "Decorator") return "a decorator"
  if (node.type === "TSParameterProperty") return "a parameter property"
  return notErasable[node.type]
}

/** What Node cannot start from source, because it takes types away and compiles nothing. */
const notErasable: Readonly<Record<string, string>> = {
  TSImportEqualsDeclaration: "import … =; write import … from",
  TSExportAssignment: "export =; write export default",
  TSTypeAssertion: "a type in angle brackets before a value; write it behind with as",
}

const aboutSource = ({ text, nodes }: ParsedFile): readonly Finding[] => {
  const found: Finding[] = []
  if (!/^(#!.*\n)?\/\*\*/.test(text)) found.push([1, "does not begin with a docstring"])
  const body = (nodes[0]?.body ?? []) as readonly Node[]
  const statements = body.filter((node) => node.type !== "EmptyStatement")
  const passedOn = statements.filter(
    (node) =>
      node.type === "ExportAllDeclaration" ||
      (node.type === "ExportNamedDeclaration" && node.source !== null),
  )
  if (passedOn.length > 0 && passedOn.length === statements.length) {
    found.push([1, "only passes on what other files export (a barrel)"])
  }
  return found
}

const aboutEffect = ({ text, path, nodes }: ParsedFile): readonly Finding[] =>
  path.startsWith("packages/")
    ? importsOf(text, nodes).flatMap(({ specifier, line }): Finding[] =>
        specifier.startsWith("effect/") && !isStable(specifier)
          ? [[line, `imports ${specifier}, which effect does not tag as stable`]]
          : [],
      )
    : []

/** Is the module's own docstring, the first in its declarations, tagged as stable? */
const isStable = (specifier: string): boolean => {
  const module = specifier.slice("effect/".length)
  const candidates = [`${module}.d.ts`, `${module}/index.d.ts`].map((name) =>
    join(root, "node_modules", "effect", "dist", name),
  )
  const file = candidates.find(existsSync)
  if (file === undefined) return false
  const header = /\/\*\*[\s\S]*?\*\//.exec(readFileSync(file, "utf8"))?.[0] ?? ""
  return /@stability stable\b/.test(header)
}

/** T1 and T3: core knows no clock, no chance, no environment and no time zone of its own. */
const impure = ({ text, nodes }: ParsedFile): readonly Finding[] => {
  const found: Finding[] = []
  for (const node of nodes) {
    const what = impurity(node)
    if (what !== undefined) found.push([lineAt(text, node.start), `uses ${what}, which core must be given`])
  }
  return found
}

const impurity = (node: Node): string | undefined => {
  if (node.type === "MemberExpression") {
    const name = `${nameOf(node.object)}.${nameOf(node.property)}`
    if (impureMembers.has(name) || name.startsWith("process.") || name.startsWith("globalThis.")) return name
    const method = nameOf(node.property)
    return localTime.test(method) ? `${method}, the time zone of this process` : undefined
  }
  if (node.type === "NewExpression" && nameOf(node.callee) === "Date") {
    const given = (node.arguments as readonly unknown[]).length
    if (given === 0) return "new Date()"
    return given > 1 ? "new Date(year, month, …), the time zone of this process" : undefined
  }
  if (node.type !== "CallExpression") return undefined
  const callee = nameOf(node.callee)
  return impureCalls.has(callee) ? `${callee}()` : undefined
}

const impureMembers = new Set([
  "Date.now",
  "Math.random",
  "performance.now",
  "crypto.randomUUID",
  "Temporal.Now",
])
const impureCalls = new Set(["Date", "fetch", "setTimeout", "setInterval", "setImmediate", "queueMicrotask"])
const localTime = /^(get|set)(FullYear|Month|Date|Day|Hours|Minutes|Seconds|Milliseconds|TimezoneOffset)$/

const nameOf = (node: unknown): string => String((node as Node | undefined)?.name ?? "")

const aboutTest = ({ text, nodes }: ParsedFile): readonly Finding[] =>
  nodes.flatMap((node): Finding[] => {
    if (node.type !== "MemberExpression" || !isTestFunction(node.object)) return []
    const how = nameOf(node.property)
    const line = lineAt(text, node.start)
    if (how === "only" || how === "todo") return [[line, `leaves a test.${how}`]]
    if (!["skip", "skipIf", "runIf", "fails"].includes(how)) return []
    const before = text.split("\n")[line - 2] ?? ""
    return /^\s*(\/\/|\*)/.test(before)
      ? []
      : [[line, `has a test.${how} without a comment above it that says why`]]
  })

const isTestFunction = (node: unknown): boolean => {
  const { type } = node as Node
  if (type === "Identifier") return ["it", "test", "describe", "suite", "bench"].includes(nameOf(node))
  return type === "MemberExpression" && isTestFunction((node as Node).object)
}
