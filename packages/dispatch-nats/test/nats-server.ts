/** A real nats-server with JetStream for the tests, where the Debian package (or another) has put one in PATH. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** Why there is no server, or `undefined` when there is one. */
export const noServer = (): string | undefined =>
  spawnSync("nats-server", ["--version"]).status === 0
    ? undefined
    : "no nats-server in PATH; Debian has it in the package nats-server"

export interface RunningServer {
  readonly url: string
  kill(): Promise<void>
  restart(): Promise<void>
  close(): Promise<void>
}

export const startNatsServer = async (): Promise<RunningServer> => {
  const folder = await mkdtemp(join(tmpdir(), "nats-"))
  const port = await freePort()
  let child = await launch(folder, port)
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once("exit", resolve))
    child.kill("SIGKILL")
    await gone
  }
  return {
    url: `127.0.0.1:${port}`,
    kill,
    restart: async () => {
      child = await launch(folder, port)
    },
    close: async () => {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const launch = async (folder: string, port: number): Promise<ChildProcess> => {
  const child = spawn("nats-server", ["-js", "-sd", folder, "-a", "127.0.0.1", "-p", String(port)], {
    stdio: ["ignore", "ignore", "pipe"],
  })
  await new Promise<void>((resolve, reject) => {
    let said = ""
    child.stderr?.on("data", (part: Buffer) => {
      said += part.toString("utf8")
      if (said.includes("Server is ready")) resolve()
    })
    child.once("exit", () => reject(new Error(`nats-server ended: ${said}`)))
  })
  return child
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })
