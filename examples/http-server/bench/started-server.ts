/**
 * One of the servers of `servers.ts`, started as a process of its own.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

export interface StartedServer {
  /** Of `POST /api/reports`. */
  readonly url: string
  readonly origin: string
  /** Of whoever sends; none for the bare one. */
  readonly tokens: readonly string[]
  /** Milliseconds of processor time that it has used. */
  cpuMs(): Promise<number>
  end(): Promise<void>
}

export interface StartOptions {
  /** Which thread writes. Default: a second one. */
  readonly writer?: string
  /** False: no store of photos, so that none is looked for. */
  readonly photos?: boolean
  /** A folder for a profile of its processor time. */
  readonly profile?: string | undefined
}

/** @throws Error when it ends before it has told its address. */
export const startServer = async (
  which: "ours" | "bare",
  file: string,
  { writer = "beside", photos = true, profile }: StartOptions = {},
): Promise<StartedServer> => {
  const script = fileURLToPath(new URL("./servers.ts", import.meta.url))
  const child = spawn(
    process.execPath,
    [
      ...(profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`]),
      ...["--disable-warning=ExperimentalWarning", "--conditions=@yingshao/source"],
      ...[script, which, file, writer, photos ? "" : "no-photos"],
    ],
    { stdio: ["ignore", "pipe", "inherit", "ipc"] },
  )
  const told = await new Promise<{ readonly url: string; readonly tokens?: readonly string[] }>(
    (resolve, reject) => {
      let text = ""
      child.stdout?.on("data", (part) => {
        text += String(part)
        if (text.includes("\n")) resolve(JSON.parse(text))
      })
      child.once("exit", (code) => reject(new Error(`${which} ended with ${code}`)))
    },
  )
  return {
    url: told.url,
    origin: new URL(told.url).origin,
    tokens: told.tokens ?? [],
    async cpuMs() {
      const answer = once(child, "message")
      child.send("cpu")
      const [{ user, system }] = (await answer) as [NodeJS.CpuUsage]
      return (user + system) / 1_000
    },
    async end() {
      const gone = once(child, "exit")
      child.kill("SIGTERM")
      await gone
    },
  }
}
