import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { identityFiles } from "../src/identity/identity-files.ts"

const p = "990101"
const why = { actor: "p-payer", caseKey: "award-1", purpose: "pay-award" }

describe("the identity store in files", () => {
  let folder: string
  const paths = () => ({ file: join(folder, "identity.db"), keys: join(folder, "identity-keys.db") })
  const opened = () => identityFiles({ ...paths(), now: () => "2026-03-02T01:00:00.000Z" })
  const looks = () =>
    new DatabaseSync(paths().file, { readOnly: true }).prepare("SELECT * FROM look ORDER BY number").all()
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "identity-"))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const filled = async () => {
    const identity = opened()
    await identity.put(p, "h-1", { name: "CANARY", phone: "13800000000", payee: "6222" })
    await identity.alias(p, "h-1", "h-1-department")
    return identity
  }

  test("what was kept is there after a restart, sealed in the file", async () => {
    await (await filled()).close()
    const again = opened()
    expect(await again.unmask(p, "h-1-department", ["name", "payee"], why)).toEqual({
      kind: "fields",
      fields: { name: "CANARY", payee: "6222" },
    })
    expect(await again.findByPhone(p, "13800000000")).toBe("h-1")
    expect(await again.findByPhone("522700", "13800000000")).toBeUndefined()
    expect(await again.unmask("522700", "h-1", ["name"], why)).toEqual({ kind: "nothing" })
    expect(await again.handles(p, { after: "h-1", limit: 5 })).toEqual(["h-1-department"])
    await again.close()
    for (const path of Object.values(paths())) {
      const bytes = readFileSync(path, "latin1")
      expect(bytes).not.toContain("CANARY")
      expect(bytes).not.toContain("13800000000")
    }
  })

  test("A8 P11 nothing without a purpose; each look is on record before anything is shown, and stays there", async () => {
    const identity = await filled()
    for (const missing of ["actor", "caseKey", "purpose"]) {
      const incomplete = { ...why, [missing]: " " }
      await expect(identity.unmask(p, "h-1", ["name"], incomplete)).rejects.toMatchObject({
        reason: "purpose-missing",
      })
    }
    expect(looks()).toEqual([])
    await Promise.all([
      identity.unmask(p, "h-1", ["name"], why),
      identity.unmask(p, "nobody", ["phone", "name"], why),
    ])
    expect(looks()).toMatchObject([
      { handle: "h-1", fields: "name", actor: "p-payer", case_key: "award-1", purpose: "pay-award" },
      { handle: "nobody", fields: "phone name" },
    ])
    await identity.close()
    const other = new DatabaseSync(paths().file)
    expect(() => other.exec("DELETE FROM look")).toThrow("stays on record")
    expect(() => other.exec("UPDATE look SET actor = 'x'")).toThrow("stays on record")
    other.close()
  })

  test("P7 after erasure nothing decrypts under any handle, also not from an older copy of the file", async () => {
    const identity = await filled()
    await identity.close()
    copyFileSync(paths().file, join(folder, "backup.db"))
    const again = opened()
    expect(await again.erase(p, "h-1-department")).toBe(true)
    expect(await again.erase(p, "h-1")).toBe(false)
    expect(await again.erase(p, "nobody")).toBe(false)
    for (const handle of ["h-1", "h-1-department"]) {
      expect(await again.unmask(p, handle, ["name"], why)).toEqual({ kind: "nothing" })
    }
    expect(await again.findByPhone(p, "13800000000")).toBeUndefined()
    expect(await again.handles(p, { after: undefined, limit: 10 })).toEqual([])
    await expect(again.alias(p, "h-1", "h-2")).rejects.toMatchObject({ reason: "invalid" })
    await again.close()
    copyFileSync(join(folder, "backup.db"), paths().file)
    const restored = opened()
    expect(await restored.unmask(p, "h-1", ["name"], why)).toEqual({ kind: "nothing" })
    expect(await restored.findByPhone(p, "13800000000")).toBeUndefined()
    expect(await restored.handles(p, { after: undefined, limit: 10 })).toEqual([])
    await restored.close()
  })

  test.each([
    ["keys that are missing", (keys: string) => rmSync(keys)],
    ["an empty file of keys", (keys: string) => writeFileSync(keys, "")],
    ["the keys of another county", (keys: string) => copyFileSync(join(folder, "other.db"), keys)],
    ["keys from before somebody was named", (keys: string) => copyFileSync(join(folder, "early.db"), keys)],
  ])("P7 %s open nothing and cost nobody their name", async (_, spoil) => {
    const other = identityFiles({
      file: join(folder, "other-names.db"),
      keys: join(folder, "other.db"),
      now: () => "",
    })
    await other.put(p, "h-1", { name: "somebody else" })
    await other.close()
    await (await filled()).close()
    copyFileSync(paths().keys, join(folder, "early.db"))
    const later = opened()
    await later.put(p, "h-2", { name: "later" })
    await later.close()
    copyFileSync(paths().keys, join(folder, "right.db"))
    spoil(paths().keys)
    const before = readdirSync(folder)
    expect(opened).toThrow(expect.objectContaining({ reason: "key-unavailable" }))
    expect(readdirSync(folder)).toEqual(before)
    copyFileSync(join(folder, "right.db"), paths().keys)
    const again = opened()
    expect(await again.unmask(p, "h-1", ["name"], why)).toMatchObject({ fields: { name: "CANARY" } })
    expect(await again.unmask(p, "h-2", ["name"], why)).toMatchObject({ fields: { name: "later" } })
    await again.close()
  })

  test("names that are missing are not begun anew under keys of people", async () => {
    await (await filled()).close()
    renameSync(paths().file, join(folder, "elsewhere.db"))
    expect(opened).toThrow(expect.objectContaining({ reason: "key-unavailable" }))
    renameSync(join(folder, "elsewhere.db"), paths().file)
    const again = opened()
    expect(await again.findByPhone(p, "13800000000")).toBe("h-1")
    await again.close()
  })

  test("the same handle again replaces all fields; a phone belongs to whoever gave it last", async () => {
    const identity = await filled()
    await identity.put(p, "h-1", { name: "改名" })
    expect(await identity.unmask(p, "h-1", ["name", "phone"], why)).toEqual({
      kind: "fields",
      fields: { name: "改名" },
    })
    expect(await identity.findByPhone(p, "13800000000")).toBeUndefined()
    await identity.put(p, "h-3", { phone: "13800000000" })
    await identity.put(p, "h-4", { phone: "13800000000" })
    expect(await identity.findByPhone(p, "13800000000")).toBe("h-4")
    await expect(identity.alias(p, "h-1", "h-3")).rejects.toMatchObject({ reason: "invalid" })
    await expect(identity.put(p, "h-5", { name: "字".repeat(334) })).rejects.toMatchObject({
      reason: "invalid",
    })
    await identity.close()
    await expect(identity.put(p, "h-6", { name: "CANARY" })).rejects.toMatchObject({
      _tag: "IdentityFailure",
    })
  })
})
