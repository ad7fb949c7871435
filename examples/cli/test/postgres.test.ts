/** The command line on a PostgreSQL of its own: a small day, its doctor, and a password that nobody sees. */
import { startPostgres } from "@yingshao/postgres-server"
import { afterAll, describe, expect, it } from "vitest"
import { shownDatabase } from "../src/store/database.ts"
import { yingshao, yingshaoAlone } from "./run-cli.ts"

const started = await startPostgres({ fsync: true })
const reason = started.kind === "none" ? started.reason : undefined
if (reason !== undefined) console.warn(`the command line on PostgreSQL: skipped, ${reason}`)
afterAll(async () => {
  if (started.kind === "started") await started.server.close()
})

describe("a postgres:// database", () => {
  it.each([
    ["postgres://li:secret@db.example/county?sslmode=require", "postgres://db.example/county"],
    ["postgresql://db.example/county", "postgresql://db.example/county"],
    ["data/yingshao.db", "data/yingshao.db"],
  ])("is shown without user and password: %s", (database, shown) => {
    expect(shownDatabase(database)).toBe(shown)
  })

  it("that cannot be reached is one sentence without the password", async () => {
    const { code, stderr } = await yingshao([
      "doctor",
      "--database",
      "postgres://li:secret@127.0.0.1:1/county",
    ])
    expect(code).toBe(1)
    expect(stderr).not.toContain("secret")
    expect(stderr.trim().split("\n")).toHaveLength(1)
  })

  // PostgreSQL's binaries are not there for every machine; the reason was said aloud.
  it.skipIf(reason !== undefined)(
    "takes a small day, and the doctor shows its settings",
    async () => {
      const url = started.kind === "started" ? started.server.url : ""
      const day = await yingshaoAlone(["day", "--reports", "3", "--database", url])
      expect(day).toMatchObject({ code: 0, stderr: "" })
      const { code, stdout } = await yingshao(["doctor", "--database", url, "--json"])
      expect(code).toBe(0)
      const { ok, facts } = JSON.parse(stdout)
      expect(ok).toBe(true)
      expect(facts.store).toContain("postgres")
      expect(facts.settings).toContainEqual({ name: "fsync", value: "on", wanted: "on", ok: true })
    },
    120_000,
  )
})
