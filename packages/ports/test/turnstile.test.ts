import { expect, test } from "vitest"
import { makeTurnstile } from "../src/turnstile.ts"

test("a turnstile lets so many in at a time, in the order they came, and goes on after a failure", async () => {
  const order: number[] = []
  let inside = 0
  let most = 0
  const { run } = makeTurnstile(3)
  const visits = Array.from({ length: 20 }, (_, at) =>
    run(async () => {
      order.push(at)
      inside += 1
      most = Math.max(most, inside)
      await new Promise((resolve) => setImmediate(resolve))
      inside -= 1
      if (at % 4 === 0) throw new Error(`${at}`)
      return at
    }),
  )
  const ends = await Promise.allSettled(visits)
  expect(order).toEqual(Array.from({ length: 20 }, (_, at) => at))
  expect(most).toBe(3)
  expect(ends.map(({ status }) => status === "rejected")).toEqual(order.map((at) => at % 4 === 0))
  await expect(run(async () => "afterwards")).resolves.toBe("afterwards")
})
