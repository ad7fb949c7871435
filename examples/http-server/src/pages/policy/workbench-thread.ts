/** The thread in which documents are judged: a job comes in, its result or its fault goes out. */
import { parentPort } from "node:worker_threads"
import { doJob, type Job } from "./workbench-jobs.ts"

parentPort?.on("message", ({ id, job }: { readonly id: number; readonly job: Job }) => {
  try {
    parentPort?.postMessage({ id, ok: true, result: doJob(job) })
  } catch (error) {
    parentPort?.postMessage({ id, ok: false, why: error instanceof Error ? error.message : String(error) })
  }
})
