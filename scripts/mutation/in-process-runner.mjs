/**
 * A test runner for Stryker that loads core and its tests once and then switches one mutant on after the other.
 *
 * The runner for vitest starts a worker and imports everything again for each mutant, half a second of the processor where the
 * tests themselves take milliseconds. Here only a mutant of code that runs while modules load has them loaded anew.
 *
 * What one mutant spoils must not kill the next: at the start every test runs twice and has to pass both times, and a test that
 * fails under a mutant runs once more without it. When that fails too, everything is loaded anew and the mutant is judged again.
 *
 * A folder's own tests come first, quick ones before slow ones. A mutant whose code runs a hundred times as often in one test as it did without it is in a loop without
 * an end; Stryker allows as much over all tests together, which takes minutes where a calendar's days are counted.
 */
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs"
import { registerHooks, stripTypeScriptTypes } from "node:module"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { collecting } from "./collected-tests.mjs"

class InProcessRunner {
  /** Where instrumented code looks which mutant is on, and counts what it covers. */
  #switch = {}
  #tests = []
  #loads = 0

  constructor() {
    globalThis.__stryker__ = this.#switch
    const sandbox = `${pathToFileURL(process.cwd()).href}/`
    const texts = new Map()
    const standIn = new URL("collected-tests.mjs", import.meta.url).href
    registerHooks({
      resolve: (specifier, context, next) => {
        if (!context.parentURL?.startsWith(sandbox)) return next(specifier, context)
        if (specifier === "vitest") return { url: standIn, shortCircuit: true }
        const found = next(specifier, context)
        const ours = found.url.startsWith(sandbox) && !found.url.includes("/node_modules/")
        return ours ? { ...found, url: `${found.url}?load=${this.#loads}` } : found
      },
      // Taking the types out is half of what loading costs, and each load needs the same texts.
      load: (url, context, next) => {
        const [path = ""] = url.split("?")
        if (!url.startsWith(sandbox) || !path.endsWith(".ts")) return next(url, context)
        const source = texts.get(path) ?? stripTypeScriptTypes(readFileSync(fileURLToPath(path), "utf8"))
        texts.set(path, source)
        return { format: "module", source, shortCircuit: true }
      },
    })
  }

  capabilities() {
    return { reloadEnvironment: true }
  }

  /** Loads outside of any time limit: on a busy machine that may take longer than a mutant may. */
  init() {
    return this.#load()
  }

  async dryRun() {
    const coverage = { static: {}, perTest: {} }
    this.#switch.mutantCoverage = coverage
    await this.#load()
    const first = []
    for (const each of this.#tests) {
      this.#switch.currentTestId = each.id
      first.push(await resultOf(each))
      this.#switch.currentTestId = undefined
    }
    // Planted code keeps counting into the object that it saw first.
    const counted = structuredClone(coverage)
    const second = []
    for (const each of this.#tests) second.push(await resultOf(each))
    const spoilt = second.find(({ status }, at) => status !== first[at].status)
    const known = first.map(({ id, timeSpentMs }) => [id, { timeSpentMs, hits: counted.perTest[id] ?? {} }])
    writeFileSync(knowledge, JSON.stringify(Object.fromEntries(known)))
    if (spoilt !== undefined) {
      return { status: "error", errorMessage: `${spoilt.id} passes once only: ${spoilt.failureMessage}` }
    }
    return { status: "complete", tests: first, mutantCoverage: counted }
  }

  async mutantRun(options) {
    const first = await this.#judge(
      options,
      options.reloadEnvironment || options.mutantActivation === "static",
    )
    if (first.status !== "killed") return first
    const killer = this.#tests.find(({ id }) => id === first.killedBy[0])
    const clean = options.mutantActivation === "static" || (await resultOf(killer)).status === passed
    return clean ? first : this.#judge(options, true)
  }

  async #judge({ activeMutant, mutantActivation, testFilter, hitLimit }, anew) {
    const asked = testFilter === undefined ? undefined : new Set(testFilter)
    const turnOn = (limit = hitLimit) =>
      Object.assign(this.#switch, { activeMutant: activeMutant.id, hitCount: 0, hitLimit: limit })
    try {
      if (mutantActivation === "static") turnOn()
      if (anew) await this.#load()
      const started = performance.now()
      let ran = 0
      for (const each of this.#tests) {
        if (asked !== undefined && !asked.has(each.id)) continue
        ran += 1
        turnOn(100 * (each.hits[activeMutant.id] ?? hitLimit))
        const result = await resultOf(each)
        if (this.#switch.hitCount > this.#switch.hitLimit) {
          return { status: "timeout", reason: `${each.id} runs it more than ${this.#switch.hitLimit} times` }
        }
        if (result.status === failed) {
          const { failureMessage } = result
          return {
            status: "killed",
            killedBy: [each.id],
            failureMessage,
            nrOfTests: ran,
            duration: performance.now() - started,
          }
        }
      }
      return { status: "survived", nrOfTests: ran, duration: performance.now() - started }
    } catch (error) {
      return { status: "error", errorMessage: String(error) }
    } finally {
      Object.assign(this.#switch, { activeMutant: undefined, hitCount: undefined, hitLimit: undefined })
    }
  }

  /** Imports every test file, and by it the rules, as if for the first time. */
  async #load() {
    this.#loads += 1
    this.#tests = []
    const seen = new Map()
    const places = process.env.YINGSHAO_MUTATION.split(",")
    const files = places.flatMap((place, rank) =>
      globSync(place)
        .sort()
        .map((file) => ({ file, rank })),
    )
    for (const { file, rank } of files) {
      const fileName = join(process.cwd(), file)
      const collected = collecting()
      await import(`${pathToFileURL(fileName).href}?load=${this.#loads}`)
      for (const { name, run, stack } of collected) {
        const plain = `${file}#${name}`
        const times = (seen.get(plain) ?? 0) + 1
        seen.set(plain, times)
        const id = times === 1 ? plain : `${plain} (${times})`
        this.#tests.push({ id, name, run, fileName, startPosition: positionIn(file, stack), rank, hits: {} })
      }
    }
    if (!existsSync(knowledge)) return
    const known = JSON.parse(readFileSync(knowledge, "utf8"))
    for (const each of this.#tests) Object.assign(each, known[each.id])
    this.#tests.sort((a, b) => a.rank - b.rank || a.timeSpentMs - b.timeSpentMs)
  }
}

export const strykerPlugins = [{ kind: "TestRunner", name: "in-process", injectableClass: InProcessRunner }]

// internal

// What Stryker calls them; its enum is not exported without its own package.
const passed = 0
const failed = 1

/** What the first run without a mutant found out, for runners that start later; in the sandbox. */
const knowledge = "what-tests-do.json"

const resultOf = async ({ id, name, run, fileName, startPosition }) => {
  const about = { id, name, fileName, startPosition }
  const started = performance.now()
  const spent = () => performance.now() - started
  try {
    const pending = run()
    if (pending instanceof Promise) await pending
    return { ...about, status: passed, timeSpentMs: spent() }
  } catch (error) {
    return { ...about, status: failed, timeSpentMs: spent(), failureMessage: String(error?.message ?? error) }
  }
}

/** Line and column, counted from 0, where a test of a file was written. */
const positionIn = (file, stack) => {
  const line = stack.split("\n").find((each) => each.includes(file)) ?? ""
  const [, row, column] = /:(\d+):(\d+)\)?$/.exec(line) ?? []
  return row === undefined ? undefined : { line: Number(row) - 1, column: Number(column) - 1 }
}
