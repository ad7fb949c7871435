import { once } from "node:events"
import { type AddressInfo, createServer } from "node:net"
import { isStorageFailure } from "@yingshao/ports/storage"
import { expect, test, vi } from "vitest"
import { openDatabase } from "../src/store/database.ts"

/** What PostgreSQL says to whoever may come in without a password: authenticated, ready. */
const welcome = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49])

test("O2 a server that falls silent once it was asked is an outage, not a wait without end", async () => {
  let asked = () => {}
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve
  })
  const server = createServer((socket) => {
    socket.on("error", () => {})
    socket.once("data", () => {
      socket.write(welcome)
      socket.once("data", asked)
    })
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  try {
    const opening = openDatabase({ database: `postgres://u@127.0.0.1:${port}/d` }, "read")
    const told = opening.catch((error: unknown) => error)
    await isAsked
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(isStorageFailure(await told)).toBe(true)
  } finally {
    vi.useRealTimers()
    server.close()
  }
}, 10_000)
