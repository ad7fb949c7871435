/**
 * Makes `npm start` and `npm test` work alone in a fresh clone.
 *
 * Compares the lock file with what is installed, runs `npm ci` when they differ, and then checks the Node
 * that npm scripts really get: the pinned one where the lock file has one for this platform, otherwise the
 * user's own, which must be new enough. Says nothing when there is nothing to do.
 *
 * Plain JavaScript for Node 20.19, because it runs before the pinned Node is there. It writes nothing
 * outside `node_modules` except a lock in the system's temporary folder while it installs.
 */
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const oldestNode = [22, 19]

class Stop extends Error {}

const main = () => {
  const locked = readPackages(join(root, "package-lock.json"))
  if (locked === undefined) throw new Stop("package-lock.json is missing or is not JSON; restore it from git")
  const reason = whyInstall(locked)
  if (reason !== undefined) installAlone(locked, reason)
  checkNode(locked)
}

// What is installed

const readPackages = (file) => {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages
  } catch {
    return undefined
  }
}

/** Why an install is needed, in words; `undefined` when what is there is what the lock file says. */
const whyInstall = (locked) => {
  if (!existsSync(join(root, "node_modules"))) return "nothing is installed yet"
  const installed = readPackages(join(root, "node_modules", ".package-lock.json"))
  if (installed === undefined) return "an earlier install did not finish"
  for (const [place, entry] of Object.entries(locked)) {
    if (place === "") continue
    const there = installed[place]
    if (there === undefined) {
      if (mayBeMissing(entry)) continue
      return `${place} is not installed`
    }
    if (isOther(entry, there)) return `${place} is not the version that the lock file names`
    if (!existsSync(join(root, place, "package.json"))) return `${place} is damaged`
  }
  for (const place of Object.keys(installed)) {
    if (locked[place] === undefined) return `${place} is installed and not in the lock file`
  }
  return undefined
}

const isOther = (wanted, there) =>
  wanted.version !== there.version ||
  wanted.link !== there.link ||
  (wanted.integrity !== undefined && wanted.integrity !== there.integrity)

/**
 * npm leaves out optional packages that are made for another platform, and what only those need. One made
 * for this platform must be there: npm does not say so when its download failed.
 */
const mayBeMissing = (entry) => {
  if (entry.optional !== true) return false
  const isForOnePlatform = entry.os !== undefined || entry.cpu !== undefined
  const isForThisOne = fits(entry.os, process.platform) && fits(entry.cpu, process.arch)
  return !isForOnePlatform || !isForThisOne || entry.libc !== undefined
}

const fits = (list, own) =>
  list === undefined || (list.includes(`!${own}`) ? false : list.includes(own) || list[0]?.startsWith("!"))

// Installing

const installAlone = (locked, reason) => {
  if (process.platform === "win32" && process.execPath.startsWith(join(root, "node_modules"))) {
    throw new Stop(`${reason}. Windows cannot replace the Node that is running: please run \`npm ci\``)
  }
  const lock = join(
    tmpdir(),
    `yingshao-install-${createHash("sha256").update(root).digest("hex").slice(0, 16)}`,
  )
  const waited = take(lock)
  try {
    // Whoever held the lock may have installed everything meanwhile.
    const still = waited ? whyInstall(locked) : reason
    if (still !== undefined) install(still)
    const left = whyInstall(locked)
    if (left !== undefined) throw new Stop(`\`npm ci\` ended, but ${left}`)
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

const install = (reason) => {
  process.stderr.write(`Running npm ci: ${reason}.\n`)
  const own = process.env.npm_execpath
  // npm's own Node, because `npm ci` deletes the pinned one together with everything else.
  const node = process.env.npm_node_execpath ?? process.execPath
  const args = ["ci", "--include=dev", "--include=optional", "--loglevel=error"]
  const options = { cwd: root, stdio: ["ignore", 2, 2], env: withoutWorkspaces(process.env) }
  const run =
    own === undefined
      ? spawnSync("npm", args, { ...options, shell: process.platform === "win32" })
      : spawnSync(node, [own, ...args], options)
  if (run.status !== 0) throw new Stop("`npm ci` failed; its message stands above")
}

const withoutWorkspaces = (env) => {
  const { npm_config_workspace: _one, npm_config_workspaces: _all, ...rest } = env
  return rest
}

/** Waits, at most ten minutes, until no other process installs here. True when it had to wait. */
const take = (lock) => {
  for (let tenths = 0; tenths < 6000; tenths++) {
    try {
      mkdirSync(lock)
      writeFileSync(join(lock, "pid"), String(process.pid))
      return tenths > 0
    } catch (error) {
      if (error.code !== "EEXIST") throw error
    }
    if (tenths === 0) process.stderr.write("Waiting for another install in this folder.\n")
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
    if (isAbandoned(lock, tenths)) rmSync(lock, { recursive: true, force: true })
  }
  throw new Stop(`another install has held ${lock} for ten minutes; delete it if none is running`)
}

const isAbandoned = (lock, tenths) => {
  try {
    process.kill(Number(readFileSync(join(lock, "pid"), "utf8")), 0)
    return false
  } catch (error) {
    // No such process, or a lock whose owner died before it wrote its number.
    return error.code === "ESRCH" || (error.code === "ENOENT" && tenths > 20)
  }
}

// The Node of npm's scripts

const checkNode = (locked) => {
  const version = nodeOfScripts()
  const pin = pinned(locked)
  if (pin !== undefined) {
    if (version === pin) return
    throw new Stop(
      `npm scripts would run on Node ${version}, the lock file pins ${pin}. ` +
        "Run `npm ci --include=optional`, then start again through npm",
    )
  }
  const [major = 0, minor = 0] = version.split(".").map(Number)
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return
  throw new Stop(
    `this platform (${process.platform} ${process.arch}) has no pinned Node, and yours is ${version}. ` +
      `Please install Node ${oldestNode.join(".")} or newer`,
  )
}

const pinned = (locked) => {
  const system = process.platform === "win32" ? "win" : process.platform
  return locked[`node_modules/node-${system}-${process.arch}`]?.version
}

const nodeOfScripts = () => {
  const bin = join(root, "node_modules", ".bin")
  if (isInside(process.execPath, join(root, "node_modules"))) return process.versions.node
  const run = spawnSync("node", ["--print", "process.versions.node"], {
    encoding: "utf8",
    shell: process.platform === "win32",
    env: { ...process.env, PATH: bin + delimiter + (process.env.PATH ?? process.env.Path ?? "") },
  })
  return run.stdout?.trim() || "unknown"
}

const isInside = (file, folder) => existsSync(folder) && file.startsWith(realpathSync(folder))

try {
  main()
} catch (error) {
  if (!(error instanceof Stop)) throw error
  process.stderr.write(`yingshao: ${error.message}.\n`)
  process.exitCode = 1
}
