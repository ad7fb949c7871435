import { copyFileSync } from "node:fs"
import { catchNotices } from "@yingshao/engine/in-process"
import { notifyFailure } from "@yingshao/ports/notifier"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import { describe, expect, test } from "vitest"
import { outboxList, outboxPark, outboxRetry } from "../src/commands/outbox.ts"
import { recordDay } from "../src/store/days.ts"
import { captured } from "./captured-output.ts"
import { openedCounty } from "./opened-county.ts"
import { ownFolder } from "./run-cli.ts"

const inFolder = ownFolder()
const reporter = "p-canary-13800138000"

/** A county with two reports whose receipts wait, and whose whistles nobody could deliver. */
const made = async (database: string): Promise<string> => {
  const storage = await openSqliteStorage(database)
  let asked = 0
  const yingshao = await openedCounty(storage, "990101", {
    notifiers: [
      catchNotices("app", () => {
        asked += 1
        throw notifyFailure("refused", "x", { vendorCode: asked === 1 ? "40008" : "93000" })
      }),
    ],
    recipients: async (to) =>
      to.kind === "unit" ? [{ person: "duty", addresses: [{ channel: "app", address: "a" }] }] : [],
    plan: { budgets: {}, relays: 1, keepers: { developer: "张工" }, parkAfterHours: 72 },
  })
  for (const id of ["1", "2"]) {
    await yingshao.handle({
      type: "SubmitReport",
      id,
      by: { person: reporter, role: "reporter" },
      channel: "app",
      reporters: [reporter],
      place: { coordinate: { lng: 106.654321, lat: 26.123456, crs: "gcj02" } },
      photos: [id.repeat(64)],
    })
  }
  await yingshao.relay.drain()
  await recordDay(storage, {
    programme: "990101",
    kind: "county",
    date: "2026-03-02",
    source: "1",
    reports: 2,
  })
  await yingshao.close()
  return database
}

const source = await made(inFolder("source.db"))

/** A copy for one test. */
const county = (name: string): string => {
  const database = inFolder(name)
  copyFileSync(source, database)
  return database
}

interface Listed {
  readonly counts: unknown
  readonly rows: readonly { readonly id: string; readonly kind: string; readonly note: string }[]
}

const list = async (
  database: string,
  status: "given-up" | "waiting" | "sent",
  limit = 20,
): Promise<Listed> => {
  const out = captured("en", true)
  await outboxList({ database, status, limit }, out)
  return out.parsed() as Listed
}

describe("the outbox on the command line", () => {
  test("O5: what was given up and who looks after it, in 80 columns and both languages, nobody's name in it", async () => {
    const database = county("list.db")
    for (const [language, status] of [
      ["zh", "given-up"],
      ["en", "waiting"],
    ] as const) {
      const out = captured(language)
      expect(await outboxList({ database, status, limit: 20 }, out)).toBe(1)
      expect(out.tooWide()).toEqual([])
      expect(out.written.join("\n")).not.toMatch(/canary|138001|106\.65|26\.12/)
      expect(out.written.at(-1)).toMatch(/已送 0,待送 3,停投 4|0 sent, 3 waiting, 4 given up/)
    }
    const { rows } = await list(database, "given-up")
    expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(["whistle"]))
    expect(rows.map(({ note }) => note).sort()).toEqual([
      "for 张工: app: refused 40008",
      ...Array.from({ length: 3 }, () => "for 张工: app: refused 93000"),
    ])
    expect(JSON.stringify(await list(database, "waiting", 2))).toMatch(/^(?!.*canary).*"more":true}$/)
  })

  test("O5: retry puts one back, or all whose note says so, and tells what it could not", async () => {
    const database = county("retry.db")
    const first = (await list(database, "given-up")).rows.find(({ note }) => note.includes("93000"))
    const out = captured("en", true)
    expect(await outboxRetry({ database, ids: [first?.id ?? "", "m-nobody"] }, out)).toBe(1)
    expect(out.parsed()).toEqual({ again: 1, missed: ["m-nobody"] })
    expect(await outboxRetry({ database, ids: [], all: true, note: "93000" }, captured())).toBe(0)
    expect(await list(database, "waiting")).toMatchObject({ counts: { pending: 6, dead: 1 } })
    expect(() => outboxRetry({ database, ids: [] }, captured())).toThrow("name the messages, or say --all")
    expect(() => outboxRetry({ database, ids: ["x"], all: true }, captured())).toThrow()
  })

  test("a county that some server runs is found by its code; without a code it is said which", async () => {
    const database = inFolder("server.db")
    const storage = await openSqliteStorage(database)
    const server = await openedCounty(storage, "990102")
    await expect(list(database, "sent")).rejects.toThrow("--programme CODE")
    // The server goes on while the command line reads.
    const out = captured("en", true)
    await outboxList({ database, programme: "990102", status: "sent", limit: 5 }, out)
    expect(out.parsed()).toMatchObject({ programme: "990102", rows: [] })
    await expect(
      outboxList({ database, programme: "990103", status: "sent", limit: 5 }, captured()),
    ).rejects.toThrow("990103")
    await recordDay(storage, {
      programme: "990102",
      kind: "server",
      date: "2026-03-02",
      source: "a server",
      reports: 0,
    })
    expect(await list(database, "sent")).toMatchObject({ programme: "990102" })
    await server.close()
  })

  test("O5: park puts a person's name on a message", async () => {
    const database = county("park.db")
    const [waiting] = (await list(database, "waiting")).rows
    const id = waiting?.id ?? ""
    const out = captured("zh")
    expect(await outboxPark({ database, id, by: "王站长", why: "已电话告知" }, out)).toBe(0)
    expect(out.written.join("")).toContain("由 王站长 处理")
    expect((await list(database, "given-up")).rows.find((row) => row.id === id)?.note).toBe(
      "for 王站长: 已电话告知",
    )
    expect(await outboxPark({ database, id: "m-nobody", by: "x", why: "y" }, captured())).toBe(1)
    for (const bad of [
      { by: " ", why: "y" },
      { by: "x", why: "" },
      { by: "x".repeat(61), why: "y" },
    ]) {
      expect(() => outboxPark({ database, id, ...bad }, captured())).toThrow("--by takes 1 to 60 characters")
    }
  })
})
