/** The command line on a PostgreSQL of its own: a small day, its doctor, and a password that nobody sees. */
import { readFileSync } from "node:fs"
import { startPostgres } from "@yingshao/postgres-server"
import pg from "pg"
import { afterAll, describe, expect, it } from "vitest"
import { archiveFolder } from "../src/store/archives.ts"
import { shownDatabase } from "../src/store/database.ts"
import { ownFolder, yingshao, yingshaoAlone } from "./run-cli.ts"

const started = await startPostgres({ fsync: true })
const reason = started.kind === "none" ? started.reason : undefined
if (reason !== undefined) console.warn(`the command line on PostgreSQL: skipped, ${reason}`)
afterAll(async () => {
  if (started.kind === "started") await started.server.close()
})

const inFolder = ownFolder()

describe("a postgres:// database", () => {
  it.each([
    ["postgres://li:secret@db.example/county?sslmode=require", "postgres://db.example/county"],
    ["postgresql://db.example/county", "postgresql://db.example/county"],
    ["data/yingshao.db", "data/yingshao.db"],
  ])("is shown without user and password: %s", (database, shown) => {
    expect(shownDatabase(database)).toBe(shown)
  })

  it.each([
    [{ database: "county.db" }, "county.db.archive"],
    [{ database: "county.db", archives: "sealed" }, "sealed"],
    [
      { database: "postgres://li:secret@db.example/county?sslmode=require" },
      "data/postgres-db.example-county.archive",
    ],
    [{ database: "postgres://li:secret@/county?host=/run" }, "data/postgres-county.archive"],
  ])("has its archives beside it or under data, without user and password: %j", (options, folder) => {
    expect(archiveFolder(options)).toBe(folder)
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

  // As above: the reason was said aloud.
  it.skipIf(reason !== undefined)(
    "A3 A5 takes in what SQLite gave out: the same head, nothing for the doctor, and the same file given back",
    async () => {
      const url = new URL(started.kind === "started" ? started.server.url : "")
      const admin = new pg.Client({ connectionString: url.href })
      await admin.connect()
      await admin.query("CREATE DATABASE moved")
      await admin.end()
      url.pathname = "/moved"
      const [source, file, back] = [inFolder("source.db"), inFolder("out.jsonl"), inFolder("back.jsonl")]
      expect(await yingshao(["day", "--reports", "3", "--database", source])).toMatchObject({ code: 0 })
      const exported = JSON.parse(
        (await yingshao(["export", file, "--database", source, "--json"])).stdout,
      ) as { readonly head: { readonly number: number; readonly hash: string } }
      const { head } = exported
      const imported = await yingshao(["import", file, "--database", url.href, "--take-over", "--json"])
      expect(imported.stderr).toBe("")
      expect(JSON.parse(imported.stdout)).toMatchObject({ head, imported: head.number, held: 0 })
      const doctor = await yingshao(["doctor", "--database", url.href, "--json"])
      expect(JSON.parse(doctor.stdout)).toMatchObject({ ok: true, findings: [] })
      const given = await yingshao(["export", back, "--database", url.href, "--json"])
      expect(JSON.parse(given.stdout)).toMatchObject({ head })
      const verified = await yingshao(["verify", back, "--json"])
      expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, head })
      expect(recordsOf(back)).toEqual(recordsOf(file))
      const [archives, whole] = [inFolder("sealed"), inFolder("whole.jsonl")]
      const past = ["--database", url.href, "--archives", archives, "--json"]
      const left = JSON.parse((await yingshao(["archive", "2026-03-25", ...past])).stdout)
      expect(left.records).toBeGreaterThan(20)
      // The journal is given out whole through the files.
      expect(await yingshao(["export", whole, ...past])).toMatchObject({ code: 0 })
      expect(recordsOf(whole)).toEqual(recordsOf(file))
    },
    120_000,
  )
})

/** The lines of an export that are records, byte for byte. */
const recordsOf = (file: string): readonly string[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.includes('"kind":"record"'))
