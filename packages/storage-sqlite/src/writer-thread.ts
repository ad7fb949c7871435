/**
 * The thread that writes for `writesBesides`: a store of its own on the same file.
 *
 * It answers calls in groups, as they became durable together. What it does not do: it decides nothing, and
 * it reads nothing for anybody.
 */
import { parentPort, workerData } from "node:worker_threads"
import { isStorageFailure } from "@yingshao/ports/storage"
import { type WriterSettings, writesOn } from "./checked-writes.ts"
import { openSqliteFile } from "./open-file.ts"
import { setPragmas } from "./schema.ts"
import { type WriteAnswer, type WriteCall, writeOf } from "./write-call.ts"

const { file, settings } = workerData as { readonly file: string; readonly settings: WriterSettings }
const database = openSqliteFile(file)
setPragmas(database, settings)
const { writes } = writesOn(database, settings)

let answers: WriteAnswer[] = []

/** Whatever became durable in one transaction is told in one message. */
const tell = (answer: WriteAnswer): void => {
  answers.push(answer)
  if (answers.length > 1) return
  queueMicrotask(() => {
    parentPort?.postMessage(answers)
    answers = []
  })
}

const failed = (id: number, error: unknown): WriteAnswer => ({
  id,
  failure: isStorageFailure(error)
    ? { reason: error.reason, outcome: error.outcome, message: error.message }
    : { reason: "unavailable", outcome: "unknown", message: String(error) },
})

const perform = ({ id, method, programme, parts }: WriteCall): void => {
  writeOf(writes, method)(programme, ...parts).then(
    (value) => tell({ id, value }),
    (error: unknown) => tell(failed(id, error)),
  )
}

parentPort?.on("message", (calls: readonly WriteCall[] | "close") => {
  if (calls !== "close") {
    for (const call of calls) perform(call)
    return
  }
  void writes.drained().then(() => {
    database.close()
    parentPort?.close()
  })
})
parentPort?.postMessage("ready")
