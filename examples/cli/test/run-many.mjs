/**
 * Runs commands one after the other in one process, each as if typed: a start costs more than most commands.
 *
 * A message is `{ words, environment, folder, files }`: the words of a command, variables, where to stand and what to
 * write there before. The answer is its exit code and output, and `left`: what is still open and would keep the
 * process alive. What it does not do: it isolates nothing; only `main.ts` is evaluated again for every command.
 */

import { writeFileSync } from "node:fs"
import { setTimeout as wait } from "node:timers/promises"

// Every evaluation of the command line listens to standard output once more. Both are opened by being named.
process.stdout.setMaxListeners(0)
process.stderr.setMaxListeners(0)

const patienceMs = 10_000

/** Names of what is open now and was not in `before`; waits for what is about to end. */
const leftSince = async (before) => {
  const until = performance.now() + patienceMs
  for (;;) {
    const left = process.getActiveResourcesInfo()
    for (const name of before) {
      const at = left.indexOf(name)
      if (at >= 0) left.splice(at, 1)
    }
    if (left.length === 0 || performance.now() > until) return left
    await wait(10)
  }
}

const environmentAtStart = { ...process.env }

let started = 0
const run = async ({ words, environment, folder, files }) => {
  process.chdir(folder)
  for (const [name, content] of Object.entries(files)) writeFileSync(name, content)
  process.argv = [process.argv[0], "yingshao", ...words]
  for (const name of Object.keys(process.env)) if (!(name in environmentAtStart)) delete process.env[name]
  Object.assign(process.env, environmentAtStart, environment)
  process.exitCode = 0
  let [stdout, stderr] = ["", ""]
  process.stdout.write = (chunk) => {
    stdout += chunk
    return true
  }
  process.stderr.write = (chunk) => {
    stderr += chunk
    return true
  }
  const before = process.getActiveResourcesInfo()
  const at = started++
  await import(at === 0 ? "../bin/yingshao.mjs" : `../src/main.ts?${at}`)
  const code = process.exitCode
  process.exitCode = 0
  return { code, stdout, stderr, left: await leftSince(before) }
}

let last = Promise.resolve()
process.on("message", (turn) => {
  last = last.then(async () => {
    const ran = await run(turn)
    process.send(ran, () => ran.left.length > 0 && process.exit(1))
  })
})
// `last` is awaited by nobody: a failure ends the process, and whoever asked sees that.

// Whoever asked is gone, so that nothing keeps this process: what a command left open may not keep it for good.
process.on("disconnect", () => setTimeout(() => process.exit(1), patienceMs).unref())
