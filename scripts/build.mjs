/**
 * Builds every package that is published: JavaScript by tsup, declarations by `tsc -b`, both into `dist`.
 *
 * One file of source becomes one file of JavaScript, so that a stack trace names the module and a host
 * loads only what it imports; JSON data are written into the module that reads them. Dependencies stay
 * imports. `node scripts/build.mjs` builds all; `buildJavaScript` is what tests and packing use.
 */
import { spawnSync } from "node:child_process"
import { globSync, readFileSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "tsup"

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Folders under `packages` that are published, in the order of their imports. */
export const publishable = [
  "core",
  "ports",
  "policy",
  "engine",
  "storage-memory",
  "storage-sqlite",
  "photos-sharp",
  "dispatch-folder",
  "dispatch-http",
  "dispatch-open311",
  "dispatch-nats",
  "notify-console",
  "notify-robots",
  "notify-smtp",
  "notify-webhook",
  "storage-postgres",
  "testkit",
]

/** @param {string} name a folder under `packages`. @returns its manifest. */
export const manifestOf = (name) =>
  JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"))

/**
 * Writes the JavaScript of one package, without type checking it.
 *
 * @param {string} name a folder under `packages`.
 * @param {string} outDir where to; its old content stays.
 */
export const buildJavaScript = async (name, outDir) => {
  const folder = join(root, "packages", name)
  const source = join(folder, "src")
  const manifest = manifestOf(name)
  const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
  await build({
    config: false,
    silent: true,
    entry: globSync("**/*.ts", { cwd: source }).map((file) => join(source, file)),
    external: dependencies.flatMap((dependency) => [dependency, new RegExp(`^${dependency}/`)]),
    format: "esm",
    platform: "node",
    target: "node22",
    dts: false,
    clean: false,
    splitting: false,
    removeNodeProtocol: false,
    tsconfig: join(folder, "tsconfig.json"),
    outDir,
    esbuildOptions: (options) => {
      options.outbase = source
      options.logLevel = "error"
    },
    esbuildPlugins: [modulesStayFiles],
  })
}

// internal

/** Keeps an import of another module of the package an import, with the name it has after the build. */
const modulesStayFiles = {
  name: "modules-stay-files",
  setup: (esbuild) => {
    esbuild.onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ path, kind }) =>
      kind === "entry-point" ? undefined : { path: path.replace(/\.ts$/, ".js"), external: true },
    )
  },
}

const buildTypes = () => {
  const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url))
  const projects = publishable.map((name) => join(root, "packages", name))
  return spawnSync(process.execPath, [tsc, "-b", ...projects], { cwd: root, stdio: "inherit" }).status ?? 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of publishable) {
    const dist = join(root, "packages", name, "dist")
    rmSync(dist, { recursive: true, force: true })
    await buildJavaScript(name, dist)
  }
  process.exitCode = buildTypes()
}
