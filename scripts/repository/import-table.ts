/**
 * Which package may import what.
 *
 * TypeScript's project references do not keep the arrows: a core that imports the engine compiles. This
 * table does, for values and for types. A package that is not in the table may import nothing.
 */
import type { Manifest, TextFile } from "./repository.ts"
import { importsOf, nodesOf } from "./syntax.ts"

/** What the sources of one workspace may import besides their own files. */
export interface Allowed {
  /** Other packages of this repository, by the name behind `@yingshao/`. */
  readonly packages: readonly string[]
  /** Packages from npm. */
  readonly modules: readonly string[]
  /** Parts of Node, with `node:`. */
  readonly builtins: readonly string[]
}

export const importTable: Readonly<Record<string, Allowed | "everything">> = {
  "packages/core": {
    packages: [],
    modules: ["zod", "@date-fns/tz", "gcoord"],
    builtins: [],
  },
  "packages/ports": {
    packages: [],
    modules: [],
    builtins: [
      "node:crypto",
      "node:dns/promises",
      "node:fs/promises",
      "node:http",
      "node:https",
      "node:net",
      "node:path",
    ],
  },
  "packages/policy": {
    packages: ["core"],
    modules: [
      "echarts",
      "hast-util-to-html",
      "mdast-util-from-markdown",
      "mdast-util-gfm-table",
      "mdast-util-to-hast",
      "micromark-extension-gfm-table",
      "zod",
    ],
    builtins: ["node:crypto"],
  },
  "packages/engine": {
    packages: ["core", "ports"],
    modules: ["effect", "zod"],
    builtins: ["node:crypto"],
  },
  "packages/storage-memory": { packages: ["ports"], modules: [], builtins: ["node:crypto"] },
  "packages/storage-sqlite": {
    packages: ["ports"],
    modules: [],
    builtins: ["node:crypto", "node:fs", "node:sqlite", "node:worker_threads"],
  },
  "packages/storage-postgres": { packages: ["ports"], modules: [], builtins: [] },
  "packages/postgres-server": {
    packages: [],
    modules: [],
    builtins: [
      "node:child_process",
      "node:fs",
      "node:module",
      "node:os",
      "node:path",
      "node:timers/promises",
    ],
  },
  "packages/testkit": {
    packages: ["core", "ports", "engine"],
    modules: ["fast-check"],
    builtins: ["node:assert/strict", "node:crypto", "node:http", "node:net"],
  },
  "packages/photos-sharp": {
    packages: ["ports"],
    modules: ["aws4fetch", "sharp"],
    builtins: ["node:crypto", "node:fs/promises", "node:path"],
  },
  "packages/dispatch-folder": {
    packages: ["ports"],
    modules: [],
    builtins: ["node:crypto", "node:fs/promises", "node:path"],
  },
  "packages/dispatch-nats": { packages: ["ports"], modules: ["@nats-io/jetstream"], builtins: [] },
  "packages/dispatch-open311": {
    packages: ["ports"],
    modules: [],
    builtins: ["node:crypto", "node:fs/promises", "node:path"],
  },
  "packages/dispatch-http": { packages: ["ports"], modules: [], builtins: [] },
  "packages/notify-console": { packages: ["ports"], modules: [], builtins: [] },
  "packages/notify-robots": { packages: ["ports"], modules: [], builtins: ["node:crypto"] },
  "packages/notify-smtp": { packages: ["ports"], modules: [], builtins: [] },
  "packages/notify-webhook": { packages: ["ports"], modules: [], builtins: [] },
  "packages/bench": "everything",
  "packages/evidence": "everything",
  "examples/cli": "everything",
  "examples/http-server": "everything",
}

/**
 * One sentence for every import of a source file that the table or the package's manifest does not allow.
 *
 * @param file a file below `src` of a workspace.
 * @param manifest of that workspace.
 */
export const wrongImports = (file: TextFile, manifest: Manifest): readonly string[] => {
  const folder = workspaceOf(file.path)
  const allowed = importTable[folder]
  if (allowed === undefined) return [`${folder} is not in the import table of scripts/repository`]
  return importsOf(file.text, nodesOf(file.text, file.path)).flatMap(({ specifier, line }) => {
    const problem = wrong(specifier, file.path, allowed, manifest)
    return problem === undefined ? [] : [`${file.path}:${line}: ${problem}`]
  })
}

/** `packages/core` of `packages/core/src/streams.ts`. */
export const workspaceOf = (path: string): string => path.split("/").slice(0, 2).join("/")

// internal

const wrong = (
  specifier: string,
  path: string,
  allowed: Allowed | "everything",
  manifest: Manifest,
): string | undefined => {
  if (specifier === "(computed)") {
    return allowed === "everything" ? undefined : "imports a computed name; write the name out"
  }
  if (specifier.startsWith(".")) return wrongRelative(specifier, path)
  if (specifier.startsWith("node:")) {
    return allowed === "everything" || allowed.builtins.includes(specifier)
      ? undefined
      : `${manifest.name} may not import ${specifier}`
  }
  const name = packageOf(specifier)
  if (barrels.has(specifier) && allowed !== "everything") {
    return `imports all of ${specifier}; name the module, for instance ${barrels.get(specifier)}`
  }
  if (!mayImport(name, allowed)) return `${manifest.name} may not import ${name}`
  if (name in { ...manifest.dependencies, ...manifest.peerDependencies }) return undefined
  return `imports ${name}, which the dependencies of ${manifest.name} do not name`
}

const wrongRelative = (specifier: string, path: string): string | undefined => {
  const source = `${workspaceOf(path)}/src/`
  const target = new URL(specifier, `file:///${path}`).pathname.slice(1)
  if (!target.startsWith(source)) return `reaches out of ${source} with ${specifier}; import the package`
  return /\.(ts|json)$/.test(specifier) ? undefined : `${specifier} lacks its ending, .ts or .json`
}

const mayImport = (name: string, allowed: Allowed | "everything"): boolean =>
  allowed === "everything" ||
  (name.startsWith("@yingshao/")
    ? allowed.packages.includes(name.slice("@yingshao/".length))
    : allowed.modules.includes(name))

/** Packages whose first door loads all of them, and a module to name instead. */
const barrels = new Map([["effect", "effect/Effect"]])

const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/")
