/** How a county tells people: by the page, by a channels file, and what an operator sees when it does not work. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { CommandInput } from "@yingshao/core/commands"
import { inProcessIdentity } from "@yingshao/engine/in-process"
import { memoryStorage } from "@yingshao/storage-memory"
import { afterEach, beforeEach, expect, test } from "vitest"
import { openTelling, type Telling } from "../src/channels/telling.ts"
import { readPartners } from "../src/county/county-partners.ts"
import { openCounty, settle } from "../src/county/open-county.ts"
import { programme } from "../src/county/programme.ts"
import { policy } from "./open-app.ts"

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "telling-"))
})
afterEach(() => rmSync(folder, { recursive: true }))

const now = () => Date.parse("2026-03-02T01:00:00.000Z")
const secret = `whsec_${Buffer.from("a secret of thirty-two characters").toString("base64")}`

const fileOf = (name: string, content: unknown): string => {
  const path = join(folder, name)
  writeFileSync(path, JSON.stringify(content))
  return path
}

const county = async (telling: Telling, more: object = {}) => {
  const engine = await openCounty({
    policy,
    storage: memoryStorage(),
    identity: inProcessIdentity(() => {}),
    clock: { now },
    telling,
    ...more,
  })
  await settle(engine, policy)
  let serial = 0
  const give = async (type: string, person: string, role: string, fields: object): Promise<string> => {
    serial += 1
    const command = { ...fields, type, id: `told-${serial}`, by: { person, role } } as CommandInput
    const answer = await engine.handle(command)
    if (!answer.ok) throw new Error(`${type}: ${answer.refusal.code}`)
    const stream = answer.events.find((one) => /^(report|incident)\//.test(one.stream))?.stream ?? "/"
    return stream.slice(stream.indexOf("/") + 1)
  }
  const report = () =>
    give("SubmitReport", "p-member", "reporter", {
      channel: "app",
      reporters: ["p-member"],
      photos: ["a".repeat(64)],
      place: { words: "环城路口" },
    })
  const answered = async (): Promise<string> => {
    const id = await report()
    const facts = { category: "environment", danger: "no", ongoing: "yes", affected: 3 }
    await give("AnswerWhistle", "p-duty", "duty-officer", { report: id, facts })
    const { state } = await engine.queries.state("report", id)
    return state.status === "open" ? `${state.incident}` : ""
  }
  return { engine, give, report, answered }
}

/** An endpoint on this machine that answers with a status, and keeps what came. */
const endpoint = async (status: () => number) => {
  const came: string[] = []
  const server = createServer((request, response) => {
    let body = ""
    request.on("data", (part) => {
      body += part
    })
    request.on("end", () => {
      came.push(`${request.url} ${body}`)
      response.writeHead(status(), { "content-type": "application/json" }).end('{"partnerRef":"W-1"}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, came, close: () => server.close() }
}

test("O2 a reporter and a duty officer find on the page what they were told; nothing is sent twice", async () => {
  const lines: string[] = []
  const telling = openTelling({ environment: {}, now, log: (line) => lines.push(line) })
  const { engine, report } = await county(telling)
  await report()
  await engine.relay.drain()
  await engine.relay.drain()
  expect(telling.inbox.page("p-member").notices.length).toBeGreaterThan(0)
  expect(telling.inbox.page("p-duty").notices.length).toBeGreaterThan(0)
  const ids = telling.inbox.page("p-duty").notices.map((one) => JSON.stringify(one))
  expect(new Set(ids).size).toBe(ids.length)
  // Whoever reported is not told to the desk.
  expect(ids.join()).not.toContain("p-member")
  await engine.close()
})

test("O2, O5: where the page is the only channel an emergency and its escalation are shown there, and nothing is given up", async () => {
  const log: string[] = []
  let at = now()
  const storage = memoryStorage()
  const telling = openTelling({ environment: {}, now: () => at, log: (line) => log.push(line) })
  const { engine, report } = await county(telling, { storage, clock: { now: () => at } })
  await report()
  await engine.relay.drain()
  const urgent = () => telling.inbox.page("p-duty").notices.filter((one) => one.urgent)
  expect(urgent().map(({ title }) => title)).toContain("【紧急】新信息待应哨")
  at += 3 * 86_400_000
  await engine.scheduler.runDue()
  await engine.relay.drain()
  const people = ["p-duty", "p-admin", "p-captain"].flatMap((one) => telling.inbox.page(one).notices)
  expect(people.map(({ title }) => title)).toContain("【紧急】逾期催办")
  const overdue = people.find(({ title }) => title === "【紧急】逾期催办")
  expect(overdue?.lines).toContain("承办 应哨值班室")
  expect(await storage.outboxCounts(programme)).toMatchObject({ pending: 0, dead: 0 })
  expect(log).toEqual([])
  expect(telling.problems()).toEqual([
    "emergencies go over the page alone, twice: name a second channel with --channels",
  ])
  await engine.close()
})

test("a channels file adds an endpoint for units and roles; one that refuses our key is named to the operator", async () => {
  let status = 200
  const hook = await endpoint(() => status)
  const file = fileOf("channels.json", {
    channels: {
      webhook: { endpoints: { all: { url: hook.url, secrets: ["env:HOOK"] } }, audience: "group" },
    },
    privateRanges: ["127.0.0.0/8"],
    plainHttp: true,
  })
  const log: string[] = []
  const telling = openTelling({ file, environment: { HOOK: secret }, now, log: (line) => log.push(line) })
  const { engine, report } = await county(telling)
  await report()
  await engine.relay.drain()
  expect(hook.came.length).toBeGreaterThan(0)
  expect(hook.came.join()).not.toContain("p-member")
  expect(telling.problems()).toEqual([])
  status = 401
  await report()
  await engine.relay.drain()
  expect(telling.problems().join()).toContain("channel webhook is stopped")
  expect(log.join()).toContain("channel webhook: stopped")
  expect([...log, ...telling.problems()].join()).not.toContain(secret)
  await engine.close()
  hook.close()
})

test("a channels file that is wrong, or a secret that is missing, is told with its place", () => {
  const wrong = fileOf("wrong.json", {
    channels: { webhook: { endpoints: { all: { url: "https://a.example" } } } },
  })
  const open = (file: string) => () => openTelling({ file, environment: {}, now, log: () => {} })
  expect(open(wrong)).toThrow(/channels\.webhook\.endpoints\.all\.secrets/)
  const missing = fileOf("missing.json", {
    channels: { webhook: { endpoints: { all: { url: "https://a.example", secrets: ["env:NOT_SET"] } } } },
  })
  expect(open(missing)).toThrow("NOT_SET")
})

test("a partner of the partners' file gets the orders of its unit, and no other's", async () => {
  const partner = await endpoint(() => 200)
  const file = fileOf("partners.json", {
    water: { secrets: [secret], url: partner.url, units: ["water"], privateRanges: ["127.0.0.0/8"] },
    watcher: { secrets: [secret] },
  })
  const { receipts, orders } = readPartners(file)
  expect(Object.keys(receipts)).toEqual(["water", "watcher"])
  const telling = openTelling({ environment: {}, now, log: () => {} })
  const { engine, give, answered } = await county(telling, orders)
  const hand = async (owner: string) =>
    give("HandOver", "p-duty", "duty-officer", {
      incident: await answered(),
      route: { kind: "ordinary", owner },
      reason: "辖区",
    })
  await hand("urban-management")
  await engine.relay.drain()
  expect(partner.came).toEqual([])
  await hand("water")
  await engine.relay.drain()
  expect(partner.came).toHaveLength(1)
  expect(partner.came[0]).toMatch(/^\/orders /)
  expect(partner.came[0]).not.toContain("p-member")
  await engine.close()
  partner.close()
})
