/**
 * The files of this repository, as its own tests read them.
 *
 * Walks the folders instead of asking git, so that it also works on an unpacked archive. Installed, built
 * and generated folders are left out.
 */
import { readdirSync, readFileSync } from "node:fs"
import { join, relative, sep } from "node:path"
import { fileURLToPath } from "node:url"

/** The repository's folder. */
export const root = fileURLToPath(new URL("../..", import.meta.url))

/** A text file: its path from the root with `/`, and what is in it. */
export interface TextFile {
  readonly path: string
  readonly text: string
}

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly exports?: unknown
}

/** Every text file of the repository whose path from the root matches. */
export const files = (matching: RegExp): readonly TextFile[] =>
  pathsBelow(root)
    .filter((path) => matching.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }))

/** @param folder a workspace, for instance `packages/core`. */
export const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest

// internal

const leftOutAnywhere = new Set([".git", "dist", "node_modules"])
const leftOutAtTheTop = new Set([".stryker-tmp", "coverage", "data", "reports", "types"])

const pathsBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isFile()) return [relative(root, path).split(sep).join("/")]
    if (!entry.isDirectory() || leftOutAnywhere.has(entry.name)) return []
    return leftOutAtTheTop.has(relative(root, path)) ? [] : pathsBelow(path)
  })
