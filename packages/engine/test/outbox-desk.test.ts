import { fromMs } from "@yingshao/core/kernel/time"
import { notifyFailure } from "@yingshao/ports/notifier"
import { memoryStorage } from "@yingshao/storage-memory"
import { describe, expect, test } from "vitest"
import { catchNotices } from "../src/in-process.ts"
import { outboxDesk } from "../src/outbox-desk.ts"
import { programme, testClock } from "./open-small.ts"
import { queueNotices, relayOfNotices } from "./queued-notices.ts"

const opened = async (count: number) => {
  const storage = memoryStorage()
  const clock = testClock()
  await queueNotices(
    storage,
    clock,
    Array.from({ length: count }, (_, at) => ({ orderingKey: "case/1", data: { report: `r-${at}` } })),
  )
  return { storage, clock, desk: outboxDesk({ programme, storage, now: () => fromMs(clock.now()) }) }
}

const ids = async (rows: AsyncIterable<{ readonly id: string }>): Promise<readonly string[]> => {
  const found: string[] = []
  for await (const { id } of rows) found.push(id)
  return found
}

describe("the outbox by hand", () => {
  test("O5: lists more than a page, and by topic", async () => {
    const { desk } = await opened(450)
    expect(await ids(desk.list("pending"))).toHaveLength(450)
    expect(await ids(desk.list("pending", { topic: "dispatch" }))).toEqual([])
    expect(await ids(desk.list("dead"))).toEqual([])
  })

  test("O5: what was given up goes again, each or all, and in its old order", async () => {
    const { storage, clock, desk } = await opened(3)
    let broken = true
    const app = catchNotices("app", () => {
      if (broken) throw notifyFailure("refused", "x")
    })
    const relay = relayOfNotices(storage, clock, { notifiers: [app] })
    await relay.drain()
    expect(await desk.retryAll(({ note }) => note.includes("nothing like it"))).toBe(0)
    broken = false
    expect(await desk.retryAll()).toBe(3)
    await relay.drain()
    expect(app.caught.map(({ notice }) => notice.lines[0])).toEqual([
      "report r-0",
      "report r-1",
      "report r-2",
    ])
    expect(await desk.retry("nobody")).toBe(false)
  })

  test("O5: a message is parked with a person's name, and the next one goes on", async () => {
    const { storage, clock, desk } = await opened(2)
    const [first = ""] = await ids(desk.list("pending"))
    expect(await desk.park(first, { by: "李工", why: "called by phone" })).toBe(true)
    expect((await desk.find(first))?.note).toBe("for 李工: called by phone")
    const app = catchNotices("app")
    await relayOfNotices(storage, clock, { notifiers: [app] }).drain()
    expect(app.caught.map(({ notice }) => notice.lines[0])).toEqual(["report r-1"])
    expect(await desk.park("nobody", { by: "x", why: "y" })).toBe(false)
  })
})
