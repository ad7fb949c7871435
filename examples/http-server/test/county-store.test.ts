/** A server goes on showing what was moved into an archive beside its database. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { archiveSegment } from "@yingshao/engine/archive"
import { exportJournal } from "@yingshao/engine/export-journal"
import { expect, test } from "vitest"
import { openCountyStore } from "../src/county/county-store.ts"
import { programme } from "../src/county/programme.ts"
import { openApp, signedIn } from "./open-app.ts"

test("F6 a reporter sees their own report also when its beginning was archived and the server started again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "county-store-"))
  const database = join(folder, "county.db")
  const first = await openCountyStore(database)
  const before = await openApp({ storage: first })
  const by = { person: "p-informant", role: "reporter" } as const
  const submitted = await before.engine.handle({
    ...{ type: "SubmitReport", id: "one", by, channel: "app", reporters: [by.person] },
    ...{ photos: [before.photo], place: { words: "路口" } },
  })
  if (!submitted.ok) throw new Error(submitted.refusal.code)
  const { number: upTo } = await first.head(programme)
  mkdirSync(`${database}.archive`)
  const file = join(`${database}.archive`, "segment.jsonl")
  const lines: string[] = []
  for await (const line of exportJournal({ storage: first, programme }, { after: 0, upTo, outbox: false })) {
    lines.push(line)
  }
  writeFileSync(file, lines.join(""))
  const bytes = async function* () {
    yield new Uint8Array(readFileSync(file))
  }
  expect(await archiveSegment({ storage: first, programme }, bytes)).toBe(upTo)
  await before.engine.close()

  const after = await openApp({ storage: await openCountyStore(database) })
  const { rows } = await after.engine.queries.page({ index: "reports/status", equals: "new", limit: 1 })
  const page = await (await signedIn(after, "informant")).get(`/mine/${rows[0]?.id}`)
  expect([page.status, after.faults]).toEqual([200, []])
  await after.engine.close()
  rmSync(folder, { recursive: true })
})
