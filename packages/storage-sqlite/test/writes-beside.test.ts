import { EventEmitter } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Worker } from "node:worker_threads"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import type { CheckedWrites } from "@yingshao/storage-sqlite/checked-writes"
import type { WriteCall } from "@yingshao/storage-sqlite/write-call"
import { writesBeside } from "@yingshao/storage-sqlite/writes-beside"
import { command } from "@yingshao/testkit/storage-cases/storage-case"
import { afterAll, describe, expect, it } from "vitest"

const folder = mkdtempSync(join(tmpdir(), "yingshao-beside-"))
afterAll(() => rmSync(folder, { recursive: true }))

/** Writes here and in a thread of the test's own, which answers when it is told to. */
const twoWriters = (limits = { threadFrom: 2, threadEager: 8 }) => {
  const log: string[] = []
  let started = 0
  let told: WriteCall[] = []
  const thread = Object.assign(new EventEmitter(), {
    ref: () => {},
    unref: () => {},
    postMessage: (calls: readonly WriteCall[] | "close") => {
      if (calls === "close") {
        log.push("thread closes")
        setImmediate(() => thread.emit("exit"))
        return
      }
      for (const call of calls) log.push(`thread ${String(call.parts[0])}`)
      told.push(...calls)
    },
  })
  const here: CheckedWrites = {
    commit: async () => ({ kind: "committed", number: 0, hash: "" }),
    restate: async () => 0,
    lease: async () => [],
    settle: async () => [],
    redrive: async (_programme, id) => {
      log.push(`here ${id}`)
      return true
    },
    park: async () => false,
    drained: async () => {},
  }
  const start = () => {
    started += 1
    return thread as unknown as Worker
  }
  return {
    log,
    thread,
    writes: writesBeside(here, start, limits),
    started: () => started,
    /** Answers some, oldest first. */
    answer: (count = told.length) => {
      const answers = told.slice(0, count).map(({ id }) => ({ id, value: true }))
      told = told.slice(count)
      thread.emit("message", answers)
    },
  }
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

describe("a second thread that writes", () => {
  it("is not started for writes that come alone", async () => {
    const { writes, log, started } = twoWriters()
    await writes.redrive("p", "1", "")
    await writes.redrive("p", "2", "")
    expect(log).toEqual(["here 1", "here 2"])
    expect(started()).toBe(0)
  })

  it("gets what waits together once it is ready, and whatever comes while it is at work, in order", async () => {
    const { writes, log, thread, answer, started } = twoWriters()
    const first = ["1", "2"].map((id) => writes.redrive("p", id, ""))
    await Promise.all(first)
    expect(log).toEqual(["here 1", "here 2"])
    thread.emit("message", "ready")
    const second = ["3", "4"].map((id) => writes.redrive("p", id, ""))
    await turns()
    const third = writes.redrive("p", "5", "")
    await turns()
    answer(2)
    await turns()
    const fourth = writes.redrive("p", "almost done", "")
    await turns()
    expect(log.slice(2)).toEqual(["thread 3", "thread 4", "thread 5", "thread almost done"])
    answer()
    expect(await Promise.all([...second, third, fourth])).toEqual([true, true, true, true])
    await turns()
    await writes.redrive("p", "6", "")
    expect(log.at(-1)).toBe("here 6")
    expect(started()).toBe(1)
  })

  it("gets many at once, before this thread has ended its turn", async () => {
    const { writes, log, thread, answer } = twoWriters({ threadFrom: 2, threadEager: 3 })
    await Promise.all(["1", "2"].map((id) => writes.redrive("p", id, "")))
    thread.emit("message", "ready")
    await turns()
    const sent = ["3", "4", "5"].map((id) => writes.redrive("p", id, ""))
    expect(log.slice(2)).toEqual(["thread 3", "thread 4", "thread 5"])
    answer()
    await Promise.all(sent)
  })

  it("I4 that ends leaves unanswered writes unknown, never unchanged, and writing goes on here", async () => {
    const { writes, log, thread } = twoWriters()
    await Promise.all(["1", "2"].map((id) => writes.redrive("p", id, "")))
    thread.emit("message", "ready")
    const lost = ["3", "4"].map((id) => writes.redrive("p", id, "").catch((error: unknown) => error))
    await turns()
    thread.emit("error", new Error("out of memory"))
    thread.emit("exit")
    for (const failure of await Promise.all(lost))
      expect(failure).toMatchObject({ _tag: "StorageFailure", reason: "unavailable", outcome: "unknown" })
    expect(await Promise.all(["5", "6"].map((id) => writes.redrive("p", id, "")))).toEqual([true, true])
    expect(log.slice(4)).toEqual(["here 5", "here 6"])
    await writes.close()
  })

  it("is closed after everything that was accepted is answered", async () => {
    const { writes, log, thread, answer } = twoWriters()
    await Promise.all(["1", "2"].map((id) => writes.redrive("p", id, "")))
    thread.emit("message", "ready")
    const sent = ["3", "4"].map((id) => writes.redrive("p", id, ""))
    await turns()
    const closed = writes.close()
    await turns()
    expect(log).not.toContain("thread closes")
    answer()
    await Promise.all(sent)
    await closed
    expect(log.at(-1)).toBe("thread closes")
  })

  it("A1 A3 I4 on a real file: one chain without gaps, each acknowledged write seen at once", async () => {
    const file = join(folder, "chain.db")
    const storage = await openSqliteStorage(file, { writer: "beside" })
    const programme = "p"
    const numbers: number[] = []
    let next = 0
    const client = async (): Promise<void> => {
      while (next < 600) {
        next += 1
        const commandId = `c${next}`
        const result = await storage.commit(
          programme,
          command(commandId, {
            tallies: [{ key: "count", by: 1 }],
          }),
        )
        if (result.kind !== "committed") throw new Error(`${commandId}: ${result.kind}`)
        numbers.push(result.number)
        expect((await storage.command(programme, commandId))?.number).toBe(result.number)
      }
    }
    await Promise.all(Array.from({ length: 24 }, client))
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 600 }, (_, at) => at + 1))
    await storage.close()
    const again = await openSqliteStorage(file)
    expect(await again.tallies(programme, { prefix: "count", limit: 10, after: undefined })).toEqual([
      { key: "count", value: 600 },
    ])
    await again.close()
  })

  it("does not write for a database that lives in memory", async () => {
    const storage = await openSqliteStorage(":memory:", { writer: "beside", thread: { threadFrom: 1 } })
    expect(await storage.head("p")).toMatchObject({ number: 0 })
    await storage.close()
  })
})
