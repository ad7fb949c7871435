import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, it } from "vitest"
import { relayCrowd } from "../src/relay-crowd.ts"
import { relayKills } from "../src/relay-kills.ts"

const folder = mkdtempSync(join(tmpdir(), "yingshao-relay-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const say = () => {}

it("O4, O5: while two channels hang and some messages are poison nobody else is passed over by a poll", async () => {
  expect(await relayCrowd({ messages: 400, reports: 20, say })).toEqual([])
})

it("O4: a store that hides some rows from a lease is found out", async () => {
  const problems = await relayCrowd({
    messages: 200,
    reports: 20,
    say,
    before: (storage) => ({
      ...storage,
      lease: async (programme, request) =>
        storage.lease(programme, { ...request, limit: Math.max(1, Math.min(3, request.limit)) }),
    }),
  })
  expect(problems.join("\n")).toContain("was passed over by a lease")
})

it("O2, O3: workers that are killed lose nothing and reorder nothing", { timeout: 120_000 }, async () => {
  expect(
    await relayKills({
      place: join(folder, "relay.db"),
      messages: 120,
      reports: 12,
      kills: 1,
      workers: 1,
      say,
    }),
  ).toEqual([])
})
