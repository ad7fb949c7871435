import { generateKeyPairSync } from "node:crypto"
import { copyFileSync, cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, test } from "vitest"
import { recordsIn } from "./journal-records.ts"
import { killedAtCommit, ownFolder, yingshao } from "./run-cli.ts"

const inFolder = ownFolder()
const database = inFolder("source.db")
const file = inFolder("day.jsonl")
const { privateKey, publicKey } = generateKeyPairSync("ed25519")
writeFileSync(inFolder("key.pem"), privateKey.export({ type: "pkcs8", format: "pem" }))
writeFileSync(inFolder("public.pem"), publicKey.export({ type: "spki", format: "pem" }))

const made = await yingshao(["day", "--reports", "6", "--database", database, "--json"])
const exported = await yingshao([
  "export",
  file,
  "--database",
  database,
  "--sign",
  inFolder("key.pem"),
  "--json",
])
const lines = readFileSync(file, "utf8").split("\n")

describe("moving a programme", () => {
  test("A5 export, verify with a key, import: the head is the same, and every command reads it", async () => {
    expect([made.code, exported.stderr, exported.code]).toEqual([0, "", 0])
    const { head, programme } = JSON.parse(exported.stdout) as { head: { number: number }; programme: string }
    const verified = await yingshao(["verify", file, "--key", inFolder("public.pem"), "--json"])
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, programme, head, signatureChecked: true })
    const target = inFolder("target.db")
    const imported = await yingshao(["import", file, "--database", target, "--json"])
    expect(imported.stderr).toBe("")
    expect(JSON.parse(imported.stdout)).toMatchObject({ programme, head, imported: head.number, held: 0 })
    const story = await yingshao(["explain", "w-00001", "--database", target])
    expect(story.code).toBe(0)
  })

  test("A3 an import that is killed is ended by the next one", async () => {
    const target = inFolder("killed.db")
    const args = ["import", file, "--database", target]
    expect(await killedAtCommit(args, 120)).toBe("SIGKILL")
    const { head } = JSON.parse(exported.stdout) as { head: { number: number } }
    expect(recordsIn(target)).toBeGreaterThan(100)
    expect(recordsIn(target)).toBeLessThan(head.number - 100)
    const ended = await yingshao([...args, "--json"])
    expect(JSON.parse(ended.stdout)).toMatchObject({ head, held: 0 })
    const doctor = await yingshao(["doctor", "--database", target, "--json"])
    expect(JSON.parse(doctor.stdout)).toMatchObject({ ok: true, findings: [] })
  })

  test("A4 a damaged file is refused with file, line and first bad record in both languages, and changes nothing", async () => {
    const at = lines.findIndex((line) => line.includes('"number":40,') && line.includes('"kind":"record"'))
    const damaged = inFolder("damaged.jsonl")
    writeFileSync(
      damaged,
      lines.map((line, place) => (place === at ? line.replace("2026-", "2025-") : line)).join("\n"),
    )
    const target = inFolder("untouched.db")
    const [zh, en, verified] = await Promise.all([
      yingshao(["import", damaged, "--database", target, "--lang", "zh"]),
      yingshao(["import", damaged, "--database", target]),
      yingshao(["verify", damaged]),
    ])
    expect(zh.stderr).toContain(`damaged.jsonl:${at + 1}: 叶子散列与记录内容不符;从第 40 条起不可信`)
    expect(en.stderr).toContain(`damaged.jsonl:${at + 1}: the leaf is not the hash of the entry`)
    expect(verified.stderr).toContain("from record 40 on")
    expect([zh.code, en.code, verified.code]).toEqual([1, 1, 1])
    expect(recordsIn(target)).toBe(0)
  })

  test("files in the way, missing files and wrong keys: exit code 2, nothing is overwritten", async () => {
    const before = readFileSync(file, "utf8")
    const [over, none, key] = await Promise.all([
      yingshao(["export", file, "--database", database]),
      yingshao(["verify", inFolder("none.jsonl")]),
      yingshao(["verify", file, "--key", file]),
    ])
    expect([over.code, none.code, key.code]).toEqual([2, 2, 2])
    expect(over.stderr).toContain("left as it is")
    expect(readFileSync(file, "utf8")).toBe(before)
  })
})

test("A3 a backup is put in the place of a database that is gone, and checks", async () => {
  const copy = inFolder("copy.db")
  const backup = await yingshao(["backup", copy, "--database", database, "--lang", "zh"])
  expect(backup.stdout).toContain("逐页核对无误")
  const doctor = await yingshao(["doctor", "--database", copy, "--json"])
  expect(JSON.parse(doctor.stdout)).toMatchObject({ ok: true, findings: [] })
  const restated = await yingshao(["restate", "--database", copy, "--json"])
  expect(JSON.parse(restated.stdout)).toMatchObject({ refolded: 0, complete: true })
  expect(readdirSync(dirname(copy)).filter((name) => name.includes(".part"))).toEqual([])
})

test("A2 A3 what is past leaves for a sealed file, and every command reads on through it", async () => {
  const target = inFolder("archived.db")
  copyFileSync(database, target)
  const archived = await yingshao(["archive", "2026-03-25", "--database", target, "--json"])
  expect(archived.stderr).toBe("")
  const { records, archivedTo } = JSON.parse(archived.stdout) as { records: number; archivedTo: number }
  expect(records).toBeGreaterThan(100)
  const segment = readdirSync(`${target}.archive`)
  expect(segment).toEqual([expect.stringMatching(new RegExp(`-1-${archivedTo}\\.jsonl$`))])
  const [doctor, story] = await Promise.all([
    yingshao(["doctor", "--database", target, "--json"]),
    yingshao(["explain", "w-00001", "--database", target]),
  ])
  expect(story.code).toBe(0)
  expect(JSON.parse(doctor.stdout)).toMatchObject({ ok: true, findings: [], facts: { archivedTo } })
  const without = ["--database", target, "--archives", inFolder("moved-away"), "--lang", "zh"]
  const lost = await yingshao(["explain", "w-00001", ...without])
  expect([lost.code, lost.stdout]).toEqual([2, ""])
  expect(lost.stderr).toContain("--archives")
  expect(lost.stderr).not.toContain("程序出错")
})

test("A2 A4 archiving that was cut off once the file had its name is finished by the same command, with no other file", async () => {
  const target = inFolder("cut-off.db")
  copyFileSync(database, target)
  cpSync(inFolder("archived.db.archive"), `${target}.archive`, { recursive: true })
  const segment = join(`${target}.archive`, readdirSync(`${target}.archive`)[0] ?? "")
  const sealed = readFileSync(segment)
  const archive = ["archive", "2026-03-25", "--database", target, "--json"]
  writeFileSync(segment, sealed.subarray(0, -5_000))
  const refused = await yingshao(archive)
  expect([refused.code, refused.stdout]).toEqual([1, ""])
  expect(refused.stderr).toContain("cut-off.db.archive")
  expect(refused.stderr).toContain("the last line is cut off")
  writeFileSync(segment, sealed)
  const archived = await yingshao(archive)
  expect(archived.stderr).toBe("")
  const { records, archivedTo } = JSON.parse(archived.stdout) as { records: number; archivedTo: number }
  expect(records).toBeGreaterThan(100)
  expect(readFileSync(segment).equals(sealed)).toBe(true)
  const doctor = await yingshao(["doctor", "--database", target, "--json"])
  expect(JSON.parse(doctor.stdout)).toMatchObject({ ok: true, findings: [], facts: { archivedTo } })
})
