import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { memoryStorage } from "@yingshao/storage-memory"
import { expect, test } from "vitest"
import { madeUpName } from "../src/county/demo-names.ts"
import { serve } from "../src/serve.ts"
import { passphrase, policy } from "./open-app.ts"

const look = (caseKey: string) => ({ actor: "p-admin", caseKey, purpose: "roster" })

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

  // Everybody on the roster and in office has a name, each their own, and it is with the identities alone.
  const names: string[] = []
  for (const kind of ["participant", "staff"] as const) {
    for await (const { id } of server.engine.queries.readAll(kind)) {
      const seen = await server.engine.identity?.unmask(server.engine.programme, id, ["name"], look(id))
      names.push(seen?.kind === "fields" ? `${seen.fields.name}` : `nobody: ${id}`)
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
  rmSync(photoFolder, { recursive: true })
})
