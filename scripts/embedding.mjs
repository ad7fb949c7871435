/**
 * The first embedding that the READMEs show, taken out and put into an empty project.
 *
 * A fenced block after the comment `<!-- embedding -->` is the program. What it prints stands behind its
 * `console.log` lines as `// => …`, so that the README promises nothing that the test does not see.
 */
import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { buildJavaScript, manifestOf, publishable, root } from "./build.mjs"
import { pack, publishedManifest } from "./pack.mjs"

/**
 * @param {string} markdown a README.
 * @returns {{ program: string, printed: string[] }} the program and the lines that it promises to print.
 */
export const embeddingOf = (markdown) => {
  const program = /<!-- embedding -->\s*```(?:ts|js)\n([\s\S]*?)```/.exec(markdown)?.[1]
  if (program === undefined) throw new Error("no fenced block follows `<!-- embedding -->`")
  const printed = [...program.matchAll(/console\.log\(.*\/\/ => (.*)$/gm)].map((match) => match[1])
  return { program, printed }
}

/** The packages of this repository that a program needs, with those that they need in turn. */
export const packagesOf = (program) => {
  const needed = new Set()
  const add = (name) => {
    if (!publishable.includes(name)) throw new Error(`${name} is not among the published packages`)
    if (needed.has(name)) return
    needed.add(name)
    for (const dependency of Object.keys(manifestOf(name).dependencies ?? {})) {
      if (dependency.startsWith("@yingshao/")) add(dependency.slice("@yingshao/".length))
    }
  }
  for (const [, name] of program.matchAll(/from "@yingshao\/([a-z-]+)/g)) add(name)
  return [...needed]
}

/** Builds and packs packages without touching their `dist`. @returns {Promise<string[]>} the tarballs. */
export const packFresh = async (names, folder) => {
  const tarballs = []
  for (const name of names) {
    const built = join(folder, "built", name)
    await buildJavaScript(name, built)
    tarballs.push(pack(name, built, join(folder, "packed")))
  }
  return tarballs
}

/**
 * Installs tarballs into an empty project, with everything they need in the versions that the lock file of
 * this repository names. npm's cache has those after `npm ci`; a lock file for the project spares npm the
 * question which versions there are, so that no network is needed.
 *
 * @param {string[]} tarballs
 * @param {string} project a folder; it is made if it does not exist.
 * @param {object} manifest its package.json; an empty host's when left out.
 */
export const installInto = (tarballs, project, manifest = hostOf(tarballs)) => {
  mkdirSync(project, { recursive: true })
  writeFileSync(join(project, "package.json"), JSON.stringify(manifest))
  const { name, version } = manifest
  const lock = { name, version, lockfileVersion: 3, requires: true }
  const packages = { "": manifest, ...lockedPackages(tarballs) }
  writeFileSync(join(project, "package-lock.json"), JSON.stringify({ ...lock, packages }))
  const args = ["ci", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"]
  const options = { cwd: project, encoding: "utf8", shell: process.platform === "win32" }
  const run = spawnSync("npm", args, options)
  if (run.status === 0) return
  throw new Error(`npm ci in an empty project failed (is npm's cache empty and no network there?):
${run.stdout}${run.stderr}`)
}

/** Puts a program and the example policies into a project. @returns {string} the program's file name. */
export const place = (program, project) => {
  cpSync(join(root, "examples", "policies"), project, { recursive: true })
  writeFileSync(join(project, "embedding.ts"), program)
  return "embedding.ts"
}

// internal

const hostOf = (tarballs) => {
  const dependencies = Object.fromEntries(tarballs.map((tarball) => [nameOf(tarball), `file:${tarball}`]))
  return { name: "host", version: "1.0.0", private: true, type: "module", dependencies }
}

/** `@yingshao/storage-memory` of `…/yingshao-storage-memory-0.1.0.tgz`. */
const nameOf = (tarball) => basename(tarball).replace(/^yingshao-(.*)-\d+\.\d+\.\d+\.tgz$/, "@yingshao/$1")

/** Entries of a lock file for the tarballs and for all that they need. */
const lockedPackages = (tarballs) => {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"))
  const found = {}
  const needs = ({ dependencies, peerDependencies }) => Object.keys({ ...dependencies, ...peerDependencies })
  /** Where a package finds another: beside itself first, then for all. */
  const placeOf = (name, from) => {
    const beside = `${from}/node_modules/${name}`
    return from !== "" && beside in packages ? beside : `node_modules/${name}`
  }
  const add = (name, from = "") => {
    const place = placeOf(name, from)
    if (name.startsWith("@yingshao/") || place in found) return
    const { dev: _dev, peer: _peer, ...entry } = packages[place]
    found[place] = entry
    for (const dependency of needs(entry)) add(dependency, place)
  }
  for (const tarball of tarballs) {
    const name = nameOf(tarball)
    const { version, license, engines, dependencies, peerDependencies } = publishedManifest(
      manifestOf(name.slice("@yingshao/".length)),
    )
    const entry = { version, resolved: `file:${tarball}`, license, engines, dependencies, peerDependencies }
    found[`node_modules/${name}`] = entry
    for (const dependency of needs(entry)) add(dependency)
  }
  return found
}
