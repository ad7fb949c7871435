/**
 * Stands for `vitest` while mutants are judged: remembers tests instead of running them, so that the same
 * loaded tests run for one mutant after the other.
 *
 * It has what core's tests use and no more (`describe`, `test`, `each`, `skipIf`); `expect` is vitest's own. A test file that uses
 * another export does not load, so nothing is passed over in silence.
 */
import { format } from "node:util"

export { expect } from "vitest"

/** Forgets all tests and collects anew; `stack` is where a test was written. */
export const collecting = () => {
  tests = []
  return tests
}

export const describe = (name, body) => {
  path.push(name)
  body()
  path.pop()
}
describe.skipIf = (skipped) => (skipped ? () => {} : describe)

export const test = (name, run) => {
  tests.push({ name: [...path, name].join(" > "), run, stack: new Error("here").stack ?? "" })
}
test.each = (rows) => (name, run) => {
  const { stack = "" } = new Error("here")
  for (const row of rows) {
    const values = Array.isArray(row) ? row : [row]
    const { text, used } = titled(name, values)
    tests.push({ name: [...path, used ? text : name].join(" > "), run: () => run(...values), stack })
  }
}

// internal

let tests = []
const path = []

/** Fills `%s` and the like; values without a placeholder are left out. */
const titled = (name, values) => {
  const count = [...name.matchAll(/%[sdijfoO]/g)].length
  return { text: format(name, ...values.slice(0, count)), used: count > 0 }
}
