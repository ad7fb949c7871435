import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { memoryStorage } from "@yingshao/storage-memory"
import { expect, test } from "vitest"
import { serve } from "../src/serve.ts"
import { passphrase, policy } from "./open-app.ts"

test("the county has lived a month, all of it is sound, and stopping ends everything", async () => {
  const lines: string[] = []
  const photoFolder = mkdtempSync(join(tmpdir(), "yingshao-server-"))
  const server = await serve({
    storage: memoryStorage(),
    policy,
    county: "lived",
    photoFolder,
    host: "127.0.0.1",
    port: 0,
    https: false,
    passphrase,
    open311Key: "a key",
    log: (line) => lines.push(line),
  })
  expect((await server.engine.checkWorld()).findings).toEqual([])
  const tallies = await server.engine.queries.tallies("reports/")
  expect(tallies.get("reports/accepted")).toBeGreaterThan(120)
  expect(tallies.get("reports/closed")).toBeLessThan(tallies.get("reports/accepted") ?? 0)
  const { rows } = await server.engine.queries.page({ index: "reports/status", equals: "new" })
  expect(rows.length).toBeGreaterThanOrEqual(3)

  const [report] = rows.filter(({ state }) => "photos" in state && state.photos.length > 0)
  const [hash = ""] = report !== undefined && "photos" in report.state ? report.state.photos : []
  expect((await server.engine.photos?.get(server.engine.programme, hash))?.length).toBeGreaterThan(1_000)

  const page = await fetch(server.address)
  expect(page.status).toBe(200)
  expect(await page.text()).toContain("应哨")
  await server.stop()
  await expect(fetch(server.address)).rejects.toThrow()
  expect(lines).toEqual([])
  rmSync(photoFolder, { recursive: true })
})
