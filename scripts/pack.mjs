/**
 * Packs every published package: `dist`, README, LICENSE and a manifest for hosts.
 *
 * The manifest in the repository names the sources under the export condition `@yingshao/source`. The
 * sources are not published (Node does not run TypeScript from `node_modules`), so the packed manifest is a
 * copy without that condition, without development dependencies and scripts. npm itself offers no such
 * copy; see `docs/decisions/0001-toolchain.md`.
 *
 * `node scripts/pack.mjs` packs what `scripts/build.mjs` built into `dist/npm`; `pack` is what tests use.
 */
import { spawnSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { manifestOf, publishable, root } from "./build.mjs"

/**
 * Packs one package.
 *
 * @param {string} name a folder under `packages`.
 * @param {string} built the folder that holds what was built.
 * @param {string} target a folder for the tarball; it is made if it does not exist.
 * @returns {string} the path of the tarball.
 */
export const pack = (name, built, target) => {
  const stage = join(target, name)
  rmSync(stage, { recursive: true, force: true })
  mkdirSync(stage, { recursive: true })
  cpSync(built, join(stage, "dist"), { recursive: true, filter: (file) => !file.endsWith(".tsbuildinfo") })
  cpSync(join(root, "LICENSE"), join(stage, "LICENSE"))
  const manifest = publishedManifest(manifestOf(name))
  writeFileSync(join(stage, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`)
  const readme = join(root, "packages", name, "README.md")
  if (existsSync(readme)) cpSync(readme, join(stage, "README.md"))
  else writeFileSync(join(stage, "README.md"), `# ${manifest.name}\n\n${manifest.description}\n`)
  const options = { cwd: stage, encoding: "utf8", shell: process.platform === "win32" }
  const run = spawnSync("npm", ["pack", "--json", "--silent", "--pack-destination", ".."], options)
  if (run.status !== 0) throw new Error(`npm pack of ${name} failed: ${run.stderr}${run.stdout}`)
  return join(target, `${manifest.name.replace("@", "").replace("/", "-")}-${manifest.version}.tgz`)
}

/**
 * The manifest as hosts get it; the given one stays as it is. That one is private, so that nobody publishes
 * it by mistake.
 *
 * Packages of this repository need each other at exactly one version. Everything else may be newer than
 * what the tests ran with, so that a host shares one copy of it.
 */
export const publishedManifest = ({
  devDependencies: _dev,
  scripts: _scripts,
  private: _private,
  ...manifest
}) => ({
  ...manifest,
  ...(manifest.exports === undefined ? {} : { exports: withoutSource(manifest.exports) }),
  ...(manifest.dependencies === undefined ? {} : { dependencies: withRanges(manifest.dependencies) }),
})

// internal

const withoutSource = (exports) =>
  typeof exports === "string"
    ? exports
    : Object.fromEntries(
        Object.entries(exports)
          .filter(([condition]) => condition !== "@yingshao/source")
          .map(([condition, target]) => [condition, withoutSource(target)]),
      )

const withRanges = (dependencies) =>
  Object.fromEntries(
    Object.entries(dependencies).map(([name, version]) => [
      name,
      name.startsWith("@yingshao/") ? version : `^${version}`,
    ]),
  )

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const target = join(root, "dist", "npm")
  rmSync(target, { recursive: true, force: true })
  for (const name of publishable) {
    const built = join(root, "packages", name, "dist")
    if (!existsSync(built)) throw new Error(`${name} is not built; run \`npm run build\` first`)
    process.stdout.write(`${pack(name, built, target)}\n`)
  }
}
