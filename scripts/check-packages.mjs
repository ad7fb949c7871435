/**
 * Checks the packed tarballs in `dist/npm` as a host would meet them: their files, their manifests
 * (publint), the types behind every module (are-the-types-wrong), and the READMEs' first embedding, type
 * checked against the declarations in them.
 *
 * Needs `npm run build` and `npm run pack` before. Prints one line a package and what is wrong below it.
 */
import { spawnSync } from "node:child_process"
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { publishable, root } from "./build.mjs"
import { embeddingOf, installInto, packagesOf, place } from "./embedding.mjs"
import { publishedManifest } from "./pack.mjs"

const packed = join(root, "dist", "npm")
const bin = (path) => join(root, "node_modules", ...path.split("/"))
const publint = bin("publint/src/cli.js")
const attw = bin("@arethetypeswrong/cli/dist/index.js")
const tsc = bin("typescript/bin/tsc")

const main = () => {
  for (const name of publishable) {
    const problems = [...aboutFiles(name), ...aboutManifest(name), ...aboutTypes(name)]
    process.stdout.write(`${problems.length === 0 ? "ok  " : "BAD "} @yingshao/${name}\n`)
    for (const problem of problems) process.stdout.write(`${problem}\n`)
    if (problems.length > 0) process.exitCode = 1
  }
  const problems = aboutEmbedding()
  process.stdout.write(`${problems.length === 0 ? "ok  " : "BAD "} the types of the first embedding\n`)
  for (const problem of problems) process.stdout.write(`${problem}\n`)
  if (problems.length > 0) process.exitCode = 1
}

const tarball = (name) => join(packed, `yingshao-${name}-0.1.0.tgz`)

const aboutFiles = (name) => {
  const list = spawnSync("tar", ["-tzf", tarball(name)], { encoding: "utf8" })
  if (list.status !== 0) return [`no tarball: ${list.stderr}`]
  const found = list.stdout.trim().split("\n").sort()
  const wrong = found.filter(
    (file) => !/^package\/(LICENSE|README\.md|package\.json|dist\/.*\.(js|d\.ts))$/.test(file),
  )
  const missing = found
    .filter((file) => file.endsWith(".d.ts"))
    .filter((file) => !found.includes(file.replace(/\.d\.ts$/, ".js")))
  const untyped = found
    .filter((file) => file.endsWith(".js"))
    .filter((file) => !found.includes(file.replace(/\.js$/, ".d.ts")))
  return [
    ...wrong.map((file) => `  packs ${file}, which no host needs`),
    ...missing.map((file) => `  ${file} has no JavaScript beside it`),
    ...untyped.map((file) => `  ${file} has no declarations beside it`),
  ]
}

const aboutManifest = (name) => {
  const manifest = JSON.parse(readFileSync(join(packed, name, "package.json"), "utf8"))
  const again = publishedManifest(manifest)
  const leaks = JSON.stringify(again.exports) !== JSON.stringify(manifest.exports)
  return [
    ...(leaks ? ["  its exports name the sources, which are not packed"] : []),
    ...complaints(publint, ["run", tarball(name), "--strict"]),
  ]
}

/** Every module is an entry point; are-the-types-wrong does not look behind a wildcard by itself. */
const aboutTypes = (name) => {
  const modules = globSync("**/*.d.ts", { cwd: join(packed, name, "dist") }).map((file) =>
    file.replace(/\.d\.ts$/, "").replaceAll("\\", "/"),
  )
  const door =
    "." in JSON.parse(readFileSync(join(packed, name, "package.json"), "utf8")).exports ? ["."] : []
  const args = [tarball(name), "--profile", "esm-only", "--no-color", "--format", "ascii"]
  return complaints(attw, [...args, "--entrypoints", ...door, ...modules])
}

const aboutEmbedding = () => {
  const folder = mkdtempSync(join(tmpdir(), "yingshao-types-"))
  try {
    const project = join(folder, "host")
    const { program } = embeddingOf(readFileSync(join(root, "README.md"), "utf8"))
    installInto(packagesOf(program).map(tarball), project)
    const types = { target: "es2024", module: "nodenext", strict: true, noEmit: true, skipLibCheck: false }
    const config = { compilerOptions: { ...types, types: ["node"], typeRoots: [bin("@types")] } }
    writeFileSync(
      join(project, "tsconfig.json"),
      JSON.stringify({ ...config, files: [place(program, project)] }),
    )
    return complaints(tsc, ["-p", project])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const complaints = (program, args) => {
  const run = spawnSync(process.execPath, [program, ...args], { cwd: packed, encoding: "utf8" })
  return run.status === 0 ? [] : [`${run.stdout}${run.stderr}`]
}

main()
