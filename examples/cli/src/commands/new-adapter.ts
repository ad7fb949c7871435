/**
 * `yingshao new adapter notify|dispatch NAME`: a package of its own for a new channel or transport.
 *
 * The package stands outside this repository, depends on packed tarballs of ports and testkit, and its tests
 * pass at the first run: a working adapter for an imaginary vendor, a strict fake of it, the contract's cases.
 * What it does not do: it installs nothing and overwrites nothing.
 */
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { CliFailure } from "../terminal/failure.ts"
import { text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"

export interface NewAdapterOptions {
  /** `notify` or `dispatch`. */
  readonly kind: string
  /** Kebab-case: `acme`, `sms-gateway`. */
  readonly name: string
  /** Folder that gets the package's folder. */
  readonly into: string
  /** Folder with the tarballs that `npm run pack` makes. */
  readonly packages: string
}

/** Tarballs of this clone, where `npm run pack` puts them. */
export const packedHere = fileURLToPath(new URL("../../../../dist/npm", import.meta.url))

/** @returns 0. @throws CliFailure for a name that is none, a folder that is there, or tarballs that are not. */
export const newAdapter = async (options: NewAdapterOptions, out: Output): Promise<number> => {
  const { kind, name } = options
  if (kind !== "notify" && kind !== "dispatch") {
    throw new CliFailure(
      2,
      `不认识“${kind}”:应为 notify 或 dispatch`,
      `"${kind}" is neither notify nor dispatch`,
    )
  }
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 40) {
    throw new CliFailure(
      2,
      `名称“${name}”不合要求:小写字母、数字,以 - 连接,如 sms-gateway`,
      `the name "${name}" will not do: lower-case letters and digits joined by -, such as sms-gateway`,
    )
  }
  const folder = resolve(options.into, `yingshao-${kind}-${name}`)
  if (existsSync(folder)) {
    throw new CliFailure(2, `${folder} 已存在,不覆盖`, `${folder} is there already and is not overwritten`)
  }
  const tarballs = tarballsIn(options.packages)
  const templates = fileURLToPath(new URL(`../../templates/${kind}`, import.meta.url))
  for (const file of globSync("**/*.{ts,md}", { cwd: templates })) {
    const target = join(folder, named(file, name))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, named(readFileSync(join(templates, file), "utf8"), name))
  }
  const manifest = manifestOf(kind, name, (tarball) => `file:${relative(folder, tarball)}`, tarballs)
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`)
  out.line(out.say(text(`已生成 ${folder}`, `made ${folder}`)))
  out.line(out.say(text("接着:在那里运行 npm install && npm test", "next: npm install && npm test in there")))
  return 0
}

// internal

interface Tarballs {
  readonly ports: string
  readonly testkit: string
}

const tarballsIn = (folder: string): Tarballs => {
  const find = (name: string): string => {
    const [found] = globSync(`yingshao-${name}-*.tgz`, { cwd: folder })
    if (found === undefined) {
      throw new CliFailure(
        2,
        `${folder} 里没有 yingshao-${name} 的包:先运行 npm run build && npm run pack,或用 --packages 指明`,
        `no yingshao-${name} tarball in ${folder}: run npm run build && npm run pack first, or name another folder with --packages`,
      )
    }
    return resolve(folder, found)
  }
  return { ports: find("ports"), testkit: find("testkit") }
}

/** `acme` and `Acme` are the template's own name. */
const named = (content: string, name: string): string => {
  const [first = "", ...rest] = name.split("-")
  const joined = rest.map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`).join("")
  const title = `${first.slice(0, 1).toUpperCase()}${first.slice(1)}${joined}`
  return content
    .replace(/\bacme(?=[A-Z])/g, `${first}${joined}`)
    .replaceAll("acme", name)
    .replaceAll("Acme", title)
}

const manifestOf = (
  kind: string,
  name: string,
  file: (tarball: string) => string,
  { ports, testkit }: Tarballs,
): object => ({
  name: `yingshao-${kind}-${name}`,
  version: "0.1.0",
  private: true,
  type: "module",
  engines: { node: ">=22.19" },
  scripts: { test: 'node --test "test/*.test.ts"' },
  dependencies: { "@yingshao/ports": file(ports) },
  devDependencies: { "@yingshao/testkit": file(testkit) },
})
