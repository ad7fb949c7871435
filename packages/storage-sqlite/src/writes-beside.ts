/**
 * Lets another thread write while this one decides: the disk of one group commit and the rules of the next
 * commands then go on side by side.
 *
 * A write that is alone is done here, since handing it over would cost more than it saves. Several that wait
 * together go to the thread, and so does whatever comes while the thread is at work; the two never write at
 * the same time. The thread starts when it is first of use. If it dies, what it had not answered has an
 * unknown outcome, which the command's id settles, and writing goes on here.
 *
 * What it does not do: it does not read in the thread. Reads see what was acknowledged.
 */
import { Worker } from "node:worker_threads"
import { type StorageFailure, storageFailure } from "@yingshao/ports/storage"
import type { CheckedWrites, WriterSettings } from "./checked-writes.ts"
import { type WriteAnswer, type WriteCall, type WriteMethod, writeMethods, writeOf } from "./write-call.ts"

export interface ThreadLimits {
  /** So many writes that wait together go to the thread; fewer are done here. At least 1. */
  readonly threadFrom: number
  /** So many waiting writes are handed over at once, before this thread has finished what it is doing. */
  readonly threadEager: number
}

/** @param here writes on this thread. @param start makes the other; called when it is first of use. */
export const writesBeside = (
  here: CheckedWrites,
  start: () => Worker,
  limits: ThreadLimits,
): CheckedWrites & { close(): Promise<void> } => {
  let waiting: Waiting[] = []
  let scheduled = false
  let atWork: "nobody" | "here" | "thread" = "nobody"
  let thread: WriterThread | undefined
  const whenQuiet: (() => void)[] = []

  const rest = (): void => {
    atWork = "nobody"
    if (waiting.length > 0) schedule()
    else for (const resolve of whenQuiet.splice(0)) resolve()
  }

  const schedule = (): void => {
    if (scheduled) return
    scheduled = true
    setImmediate(turn)
  }

  const turn = (): void => {
    scheduled = false
    if (atWork === "here" || waiting.length === 0) return
    if (atWork === "nobody" && waiting.length >= limits.threadFrom) thread ??= writerThread(start(), rest)
    if (atWork === "thread" || (waiting.length >= limits.threadFrom && thread?.state() === "ready"))
      handOver()
    else doHere()
  }

  const handOver = (): void => {
    const batch = waiting
    waiting = []
    atWork = "thread"
    thread?.send(batch)
  }

  const doHere = (): void => {
    const batch = waiting
    waiting = []
    atWork = "here"
    const all = batch.map(({ method, programme, parts, resolve, reject }) =>
      writeOf(here, method)(programme, ...parts).then(resolve, reject),
    )
    void Promise.all(all).then(rest)
  }

  const write =
    (method: WriteMethod) =>
    (programme: string, ...parts: readonly unknown[]): Promise<unknown> =>
      new Promise((resolve, reject) => {
        waiting.push({ method, programme, parts, resolve, reject })
        const eager = waiting.length >= limits.threadEager && thread?.state() === "ready"
        if (eager && atWork !== "here") handOver()
        else schedule()
      })

  const drained = (): Promise<void> =>
    atWork === "nobody" && waiting.length === 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          whenQuiet.push(resolve)
        })

  return {
    ...(Object.fromEntries(writeMethods.map((method) => [method, write(method)])) as unknown as Pick<
      CheckedWrites,
      WriteMethod
    >),
    drained,
    close: async () => {
      await drained()
      await thread?.close()
    },
  }
}

/** The thread of a file, not yet of use. Its young generation is small, because it keeps nothing. */
export const startWriter = (data: { readonly file: string; readonly settings: WriterSettings }): Worker => {
  const source = import.meta.url.endsWith(".ts") ? ".ts" : ".js"
  return new Worker(new URL(`./writer-thread${source}`, import.meta.url), {
    workerData: data,
    execArgv:
      source === ".ts" ? ["--conditions=@yingshao/source", "--disable-warning=ExperimentalWarning"] : [],
    resourceLimits: { maxYoungGenerationSizeMb: 16 },
  })
}

// internal

interface Waiting extends Pick<WriteCall, "method" | "programme" | "parts"> {
  readonly resolve: (value: unknown) => void
  readonly reject: (failure: StorageFailure) => void
}

interface WriterThread {
  state(): "starting" | "ready" | "dead"
  send(batch: readonly Waiting[]): void
  close(): Promise<void>
}

/** @param rested is called when nothing is unanswered any more. */
const writerThread = (worker: Worker, rested: () => void): WriterThread => {
  const unanswered = new Map<number, Waiting>()
  let state: ReturnType<WriterThread["state"]> = "starting"
  let last = 0
  worker.unref()

  const settle = (answer: WriteAnswer): void => {
    const one = unanswered.get(answer.id)
    unanswered.delete(answer.id)
    if (answer.failure === undefined) one?.resolve(answer.value)
    else one?.reject(storageFailure(answer.failure.reason, answer.failure.outcome, answer.failure.message))
  }
  const died = (why: string): void => {
    state = "dead"
    const lost = [...unanswered.keys()]
    for (const id of lost)
      settle({ id, failure: { reason: "unavailable", outcome: "unknown", message: why } })
    if (lost.length > 0) rested()
  }
  worker.on("message", (message: readonly WriteAnswer[] | "ready") => {
    if (message === "ready") {
      state = "ready"
      return
    }
    for (const answer of message) settle(answer)
    if (unanswered.size > 0) return
    worker.unref()
    rested()
  })
  worker.on("error", (error) => died(`the writing thread ended: ${error.message}`))
  worker.on("exit", () => died("the writing thread ended"))

  return {
    state: () => state,
    send: (batch) => {
      const calls = batch.map((one): WriteCall => {
        last += 1
        unanswered.set(last, one)
        const { method, programme, parts } = one
        return { id: last, method, programme, parts }
      })
      worker.ref()
      try {
        worker.postMessage(calls)
      } catch (error) {
        // An argument that cannot be copied is no argument of the port.
        for (const { id } of calls)
          settle({ id, failure: { reason: "invalid", outcome: "unchanged", message: String(error) } })
        if (unanswered.size === 0) rested()
      }
    },
    close: async () => {
      if (state === "dead") return
      worker.ref()
      worker.postMessage("close")
      await new Promise((resolve) => worker.once("exit", resolve))
    },
  }
}
