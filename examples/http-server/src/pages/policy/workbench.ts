/**
 * Runs jobs about policy documents in a thread of its own, one after the other, so that nobody else waits.
 *
 * The thread starts with the first job and does not keep the process alive. A job that takes longer than a
 * minute ends with its thread. More than a few waiting jobs are refused.
 */
import { Worker } from "node:worker_threads"
import { WebFailure } from "../../web/failure.ts"
import { text } from "../../web/language.ts"
import type { Job, Results } from "./workbench-jobs.ts"

const longestMs = 60_000
const mostWaiting = 8

/** @throws WebFailure 503 when too many wait, 504 when it takes too long. */
export const work = async <J extends Job>(job: J): Promise<Results[J["kind"]]> => {
  if (waiting.size >= mostWaiting) throw busy()
  running ??= start()
  const thread = running
  serial += 1
  const id = serial
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => stop(thread, tooLong()), longestMs)
    waiting.set(id, {
      resolve: (result) => resolve(result as Results[J["kind"]]),
      reject,
      done: () => clearTimeout(timer),
    })
    thread.postMessage({ id, job })
  })
}

// internal

interface Waiting {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
  readonly done: () => void
}

type Told =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly why: string }

const waiting = new Map<number, Waiting>()
let running: Worker | undefined
let serial = 0

const start = (): Worker => {
  const source = import.meta.url.endsWith(".ts")
  const thread = new Worker(new URL(`./workbench-thread.${source ? "ts" : "js"}`, import.meta.url), {
    // From sources the packages are read as sources too.
    execArgv: source ? ["--conditions=@yingshao/source"] : [],
  })
  thread.on("message", (told: Told) => {
    const one = waiting.get(told.id)
    waiting.delete(told.id)
    one?.done()
    if (told.ok) one?.resolve(told.result)
    else one?.reject(new Error(told.why))
  })
  thread.on("error", (error) => stop(thread, error))
  thread.unref()
  return thread
}

/** Whoever waits is told; the next job starts another thread. */
const stop = (thread: Worker, error: unknown): void => {
  if (running === thread) running = undefined
  for (const one of waiting.values()) {
    one.done()
    one.reject(error)
  }
  waiting.clear()
  void thread.terminate()
}

const busy = (): WebFailure =>
  new WebFailure(
    503,
    "workbench-busy",
    text("判断规则的人太多,请稍后再试。", "too many documents wait to be judged"),
    {
      "Retry-After": "10",
    },
  )

const tooLong = (): WebFailure =>
  new WebFailure(
    504,
    "workbench-too-long",
    text("超过一分钟还没判断完。", "it was not judged within a minute"),
  )
