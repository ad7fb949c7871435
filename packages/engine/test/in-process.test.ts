import { describe, expect, test } from "vitest"
import { inProcessIdentity, inProcessPhotos, type UnmaskRecord } from "../src/in-process.ts"
import { readJpeg, sampleJpeg } from "../src/jpeg.ts"

const p = "522731"
const why = { actor: "payer", caseKey: "award-1", purpose: "pay-award" }

describe("the identity store in this process", () => {
  const filled = async () => {
    const records: UnmaskRecord[] = []
    const identity = inProcessIdentity((record) => {
      records.push(record)
    })
    await identity.put(p, "h-1", { name: "CANARY", phone: "13800000000", payee: "6222" })
    await identity.alias(p, "h-1", "h-1-department")
    return { identity, records }
  }

  test("A8, P11: shows the fields asked for, with a purpose, and says so first", async () => {
    const { identity, records } = await filled()
    expect(await identity.unmask(p, "h-1-department", ["name", "phone"], why)).toEqual({
      kind: "fields",
      fields: { name: "CANARY", phone: "13800000000" },
    })
    expect(records).toEqual([{ ...why, programme: p, handle: "h-1-department", fields: ["name", "phone"] }])
    for (const missing of ["actor", "caseKey", "purpose"]) {
      await expect(identity.unmask(p, "h-1", ["name"], { ...why, [missing]: " " })).rejects.toMatchObject({
        reason: "purpose-missing",
      })
    }
  })

  test("A8: shows nothing when the record cannot be written", async () => {
    const identity = inProcessIdentity(() => {
      throw new Error("no journal")
    })
    await identity.put(p, "h-1", { name: "CANARY" })
    await expect(identity.unmask(p, "h-1", ["name"], why)).rejects.toThrow("no journal")
  })

  test("P7: after erasure nothing decrypts under any handle, and the phone is unknown", async () => {
    const { identity } = await filled()
    expect(await identity.findByPhone(p, "13800000000")).toBe("h-1")
    expect(await identity.handles(p, { after: undefined, limit: 10 })).toEqual(["h-1", "h-1-department"])
    expect(await identity.erase(p, "h-1-department")).toBe(true)
    expect(await identity.erase(p, "h-1")).toBe(false)
    for (const handle of ["h-1", "h-1-department", "nobody"]) {
      expect(await identity.unmask(p, handle, ["name"], why)).toEqual({ kind: "nothing" })
    }
    expect(await identity.findByPhone(p, "13800000000")).toBeUndefined()
    expect(await identity.handles(p, { after: undefined, limit: 10 })).toEqual([])
  })

  test("programmes do not see each other, and a handle is never given twice", async () => {
    const { identity } = await filled()
    expect(await identity.unmask("522700", "h-1", ["name"], why)).toEqual({ kind: "nothing" })
    expect(await identity.findByPhone("522700", "13800000000")).toBeUndefined()
    await expect(identity.alias(p, "h-1", "h-1")).rejects.toMatchObject({ reason: "invalid" })
  })
})

describe("the photo store in this process", () => {
  const withMetadata = (picture: Uint8Array): Uint8Array => {
    const exif = Buffer.from("Exif\0\0CANARY gps")
    const segment = [0xff, 0xe1, 0, exif.length + 2, ...exif]
    return Uint8Array.from([
      ...picture.slice(0, 2),
      ...segment,
      ...picture.slice(2),
      ...Buffer.from("CANARY trailing"),
    ])
  }

  test("P5: metadata and trailing bytes are gone, and the same picture has the same hash", async () => {
    const photos = inProcessPhotos()
    const plain = await photos.put(p, sampleJpeg("a lamp"))
    const tagged = await photos.put(p, withMetadata(sampleJpeg("a lamp")))
    expect(tagged).toEqual(plain)
    if (plain.kind !== "stored") throw new Error(plain.code)
    const bytes = await photos.get(p, plain.photo.hash)
    expect(Buffer.from(bytes ?? []).toString("latin1")).not.toContain("CANARY")
    expect(await photos.get("522700", plain.photo.hash)).toBeUndefined()
    expect(await photos.remove(p, plain.photo.hash)).toBe(true)
    expect(await photos.get(p, plain.photo.hash)).toBeUndefined()
  })

  test("refuses what is no whole picture, too large, or declares too many pixels", async () => {
    const code = async (bytes: Uint8Array, maxBytes = 1_000, maxPixels = 64) => {
      const put = await inProcessPhotos(maxBytes, maxPixels).put(p, bytes)
      return put.kind === "refused" ? put.code : put.kind
    }
    const good = sampleJpeg("a lamp")
    expect(await code(good)).toBe("stored")
    expect(await code(Buffer.from("GIF89a"))).toBe("not-a-picture")
    for (let length = 0; length < good.length; length += 1) {
      expect(await code(good.slice(0, length))).toBe("not-a-picture")
    }
    expect(await code(good, 10)).toBe("too-large")
    expect(await code(good, 1_000, 63)).toBe("too-many-pixels")
    expect(readJpeg(good)).toMatchObject({ widthPx: 8, heightPx: 8 })
  })
})
