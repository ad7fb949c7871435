import { memoryStorage } from "@yingshao/storage-memory"
import { expect, test } from "vitest"
import { as, openSmall } from "./open-small.ts"

test("a command is decided, committed and answered with its events", async () => {
  const world = await openSmall(memoryStorage())
  const answer = await world.handle({ type: "Pay", id: "c-1", by: as("ann"), account: "a-1", amountFen: 100 })
  expect(answer).toMatchObject({
    ok: true,
    number: 2,
    events: [{ stream: "account/a-1", version: 1, event: { type: "Paid", amountFen: 100 } }],
  })
})
