/**
 * Processor time of this process and of one PostgreSQL server with its backends: on a machine that is shared, the
 * clock on the wall tells how long somebody waited for a core, this tells what the work took.
 */
import { readdirSync, readFileSync } from "node:fs"

/** @param url of the server: the folder of its socket stands in it and in the command line of the server. */
export const cpuMsWith = (url: string): (() => number) => {
  const folder = decodeURIComponent(/@([^/]+)\//.exec(url)?.[1] ?? "")
  const known = processes().find((pid) => {
    const [program = "", flag, data = ""] = commandLine(pid).split("\0")
    return program.endsWith("postgres") && flag === "-D" && folder !== "" && data.startsWith(folder)
  })
  return () => {
    const { user, system } = process.cpuUsage()
    const mine = (user + system) / 1_000
    return known === undefined ? mine : mine + treeMs(known)
  }
}

// internal

/** Clock ticks a second; the same on every Linux that Node runs on. */
const ticks = 100

const processes = (): readonly number[] => {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger)
  } catch {
    return []
  }
}

const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}

const commandLine = (pid: number): string => read(`/proc/${pid}/cmdline`)

/** Fields behind the name in brackets, from the state on. */
const statOf = (pid: number): readonly string[] =>
  read(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, "")
    .split(" ")

const parentOf = (pid: number): number => Number(statOf(pid)[1])

/** Of a process, its children that live, and those that ended. */
const treeMs = (root: number): number => {
  const own = statOf(root)
  const ofTree = [11, 12, 13, 14].reduce((sum, at) => sum + Number(own[at] ?? 0), 0)
  const children = processes().filter((pid) => parentOf(pid) === root)
  const alive = children.reduce((sum, pid) => {
    const stat = statOf(pid)
    return sum + Number(stat[11] ?? 0) + Number(stat[12] ?? 0)
  }, 0)
  return ((ofTree + alive) / ticks) * 1_000
}
