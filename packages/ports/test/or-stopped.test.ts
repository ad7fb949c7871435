import { orStopped } from "@yingshao/ports/outbound/or-stopped"
import { expect, test } from "vitest"

const stopped = () => new Error("nobody waits")
const never = new Promise<string>(() => {})

test("what the work comes to, good or bad, when nobody stops it", async () => {
  const { signal } = new AbortController()
  expect(await orStopped(Promise.resolve("sent"), signal, stopped)).toBe("sent")
  await expect(orStopped(Promise.reject(new Error("550")), signal, stopped)).rejects.toThrow("550")
})

test("the failure that was asked for, once nobody waits: during the work, and before it", async () => {
  const end = new AbortController()
  const waiting = orStopped(never, end.signal, stopped)
  end.abort()
  await expect(waiting).rejects.toThrow("nobody waits")
  await expect(orStopped(never, end.signal, stopped)).rejects.toThrow("nobody waits")
})
