import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Storage } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import { replaced } from "@yingshao/testkit/storage-injection"
import { afterAll, expect, test } from "vitest"
import { madeUpName } from "../src/county/demo-names.ts"
import { type RunningServer, serve } from "../src/serve.ts"
import { passphrase, policy } from "./open-app.ts"

const look = (caseKey: string) => ({ actor: "p-admin", caseKey, purpose: "roster" })

const lines: string[] = []
const photoFolder = mkdtempSync(join(tmpdir(), "yingshao-server-"))
afterAll(() => rmSync(photoFolder, { recursive: true }))

const serveOn = (storage: Storage, county: "lived" | "empty"): Promise<RunningServer> =>
  serve({
    ...{ storage, policy, county, photoFolder },
    ...{ host: "127.0.0.1", port: 0, https: false },
    ...{ passphrase, open311Key: "a key", log: (line: string) => lines.push(line) },
  })

/** Takes so many commits, and then is gone. */
const dyingAfter = (commits: number, inner: Storage): Storage => {
  let left = commits
  return replaced(inner, () => ({
    commit: async (...given) => {
      left -= 1
      if (left < 0) throw new Error("killed")
      return inner.commit(...given)
    },
  }))
}

const nameOf = async ({ engine }: RunningServer, person: string): Promise<string> => {
  const seen = await engine.identity?.unmask(engine.programme, person, ["name"], look(person))
  return seen?.kind === "fields" ? `${seen.fields.name}` : `nobody: ${person}`
}

test("I1 a first start that was killed while it set up a county without reports is ended by the next one", async () => {
  const storage = replaced(memoryStorage(), () => ({ close: async () => {} }))
  for (const commits of [4, 9]) {
    await expect(serveOn(dyingAfter(commits, storage), "empty")).rejects.toThrow()
  }
  const server = await serveOn(storage, "empty")
  const member = await server.engine.queries.state("participant", "p-member")
  expect([member.version > 0, await nameOf(server, "p-member")]).toEqual([
    true,
    expect.not.stringMatching("nobody"),
  ])
  const head = await storage.head(server.engine.programme)
  await server.stop()
  // Another start finds nothing left to do.
  await (await serveOn(storage, "empty")).stop()
  expect(await storage.head(server.engine.programme)).toEqual(head)
})

test("A3 the county has lived a month, also when its import was killed; all of it is sound, and stopping ends everything", async () => {
  const storage = memoryStorage()
  await expect(serveOn(dyingAfter(60, storage), "lived")).rejects.toThrow()
  const server = await serveOn(storage, "lived")
  expect((await server.engine.checkWorld()).findings).toEqual([])
  const tallies = await server.engine.queries.tallies("reports/")
  expect(tallies.get("reports/accepted")).toBeGreaterThan(120)
  expect(tallies.get("reports/closed")).toBeLessThan(tallies.get("reports/accepted") ?? 0)
  const { rows } = await server.engine.queries.page({ index: "reports/status", equals: "new" })
  expect(rows.length).toBeGreaterThanOrEqual(3)

  const [report] = rows.filter(({ state }) => "photos" in state && state.photos.length > 0)
  const [hash = ""] = report !== undefined && "photos" in report.state ? report.state.photos : []
  expect((await server.engine.photos?.get(server.engine.programme, hash))?.length).toBeGreaterThan(1_000)

  // Everybody on the roster and in office has a name, each their own, and it is with the identities alone.
  const names: string[] = []
  for (const kind of ["participant", "staff"] as const) {
    for await (const { id } of server.engine.queries.readAll(kind)) {
      names.push(await nameOf(server, id))
    }
  }
  expect(names.length).toBeGreaterThan(500)
  expect(names.filter((name) => name.startsWith("nobody"))).toEqual([])
  for (let at = 0; at < 1_000; at += 1) expect(madeUpName(at)).toMatch(/^\p{Script=Han}{2,3}$/u)
  expect(new Set(Array.from({ length: 1_000 }, (_, at) => madeUpName(at))).size).toBe(1_000)

  const page = await fetch(server.address)
  expect(page.status).toBe(200)
  expect(await page.text()).toContain("应哨")
  await server.stop()
  await expect(fetch(server.address)).rejects.toThrow()
  expect(lines).toEqual([])
})
