#!/usr/bin/env node
/**
 * The command `yingshao`, started by whatever Node runs npm.
 *
 * Plain JavaScript that an old Node understands. When that Node is too old to run the sources, this file
 * starts itself again under the Node that the lock file pins, and passes on the exit code and the signals.
 * It resolves workspace packages to their TypeScript sources (the export condition `@yingshao/source`), so
 * that no build is needed, and hides the warnings about experimental parts of Node.
 *
 * What it does not do: it installs nothing. `npm start` and `npm test` do that.
 */
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import * as nodeModule from "node:module"
import { constants } from "node:os"
import { fileURLToPath } from "node:url"

const oldest = [22, 19]

const isRecent = () => {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1])
}

const pinnedNode = () => {
  const modules = new URL("../../../node_modules/", import.meta.url)
  const windows = process.platform === "win32"
  const name = `node-${windows ? "win" : process.platform}-${process.arch}`
  const file = fileURLToPath(new URL(`${name}/bin/${windows ? "node.exe" : "node"}`, modules))
  return existsSync(file) ? file : undefined
}

const runAgain = (node) => {
  const child = spawn(node, process.argv.slice(1), { stdio: "inherit" })
  // A terminal sends Ctrl-C to both processes; this one then waits for the other's answer.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal)
    })
  }
  child.on("error", (error) => {
    process.stderr.write(`yingshao: ${node} does not start: ${error.message}\n`)
    process.exitCode = 1
  })
  child.on("exit", (code, signal) => {
    process.exitCode = signal === null ? (code ?? 1) : 128 + (constants.signals[signal] ?? 0)
  })
}

const runHere = async () => {
  const warn = process.emitWarning
  process.emitWarning = (warning, ...rest) => {
    const type = typeof rest[0] === "object" ? rest[0]?.type : rest[0]
    if (type !== "ExperimentalWarning") Reflect.apply(warn, process, [warning, ...rest])
  }
  // Kept in the system's temporary folder: the second start need not strip types and compile again.
  nodeModule.enableCompileCache()
  nodeModule.registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, { ...context, conditions: ["@yingshao/source", ...context.conditions] }),
  })
  await import("../src/main.ts")
}

if (isRecent()) {
  await runHere()
} else {
  const node = pinnedNode()
  if (node === undefined) {
    process.stderr.write(
      `yingshao: needs Node ${oldest.join(".")} or newer; this is ${process.version}. ` +
        "Run `npm ci`, or install a newer Node where npm has no pinned one (macOS).\n",
    )
    process.exitCode = 1
  } else {
    runAgain(node)
  }
}
