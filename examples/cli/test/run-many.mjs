/**
 * Runs many commands one after the other in one process, each as if typed: a start costs more than most commands.
 *
 * Reads `{ folder, turns }` as JSON from standard input, writes the turns' exit codes and outputs as JSON. A turn is
 * the words of a command, the language, and files to write before. What it does not do: it isolates nothing; only
 * `main.ts` is evaluated again for every command.
 */

import { writeFileSync } from "node:fs"
import { text } from "node:stream/consumers"

const { folder, turns } = JSON.parse(await text(process.stdin))
process.chdir(folder)
process.env.COLUMNS = "200"
// Every evaluation of the command line listens to standard output once more.
process.stdout.setMaxListeners(0)

const write = process.stdout.write.bind(process.stdout)
const ran = []
for (const [at, { words, lang, files }] of turns.entries()) {
  for (const [name, content] of Object.entries(files)) writeFileSync(name, content)
  process.argv = [process.argv[0], "yingshao", ...words]
  process.env.LANG = lang
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
  await import(at === 0 ? "../bin/yingshao.mjs" : `../src/main.ts?${at}`)
  ran.push({ code: process.exitCode, stdout, stderr })
}
process.exitCode = 0
write(JSON.stringify(ran))
