import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Photos } from "@yingshao/ports/photos"
import sharp from "sharp"
import { afterAll, describe, expect, test } from "vitest"
import { folderBlobs } from "../src/folder-blobs.ts"
import { keyOf, photosSharp } from "../src/photos-sharp.ts"
import { animation, canary, declaring, picture, plain, telling } from "./pictures.ts"

const root = mkdtempSync(join(tmpdir(), "yingshao-photos-"))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const photos: Photos = photosSharp({ blobs: folderBlobs(root) })
const stored = async (bytes: Uint8Array, programme = "990101") => {
  const put = await photos.put(programme, bytes)
  if (put.kind === "refused") throw new Error(put.code)
  return put.photo
}

describe("what is kept", () => {
  test("P5 nothing of the original's metadata or of what follows its end survives, and it is a whole JPEG", async () => {
    const original = await telling()
    expect(original.toString("latin1").split(canary).length).toBeGreaterThan(4)
    const photo = await stored(original)
    const kept = Buffer.from((await photos.get("990101", photo.hash)) ?? [])
    expect(kept.toString("latin1")).not.toContain(canary)
    const header = await sharp(kept).metadata()
    expect([header.exif, header.xmp, header.iptc, header.icc, header.orientation]).toEqual(
      Array(5).fill(undefined),
    )
    expect(kept.subarray(-2)).toEqual(Buffer.from([0xff, 0xd9]))
    expect(photo.bytes).toBe(kept.length)
  })

  test("a picture taken upright stands upright without its mark, and a large one is made smaller", async () => {
    const lying = await picture(60, 20).withMetadata({ orientation: 6 }).jpeg().toBuffer()
    expect(await stored(lying)).toMatchObject({ widthPx: 20, heightPx: 60 })
    expect(await stored(await plain(4_000, 1_000))).toMatchObject({ widthPx: 2_048, heightPx: 512 })
  })

  test("the same picture again has the same name and one file; PNG and WebP become JPEG", async () => {
    const [first, again] = [await stored(await plain()), await stored(await plain())]
    expect(again).toEqual(first)
    expect(readdirSync(join(root, "990101", first.hash.slice(0, 2)))).toEqual([`${first.hash}.jpg`])
    for (const bytes of [await picture(9, 9).png().toBuffer(), await picture(9, 9).webp().toBuffer()]) {
      expect((await stored(bytes)).mediaType).toBe("image/jpeg")
    }
  })
})

test.each([
  ["declares 1.6 GB of pixels", "too-many-pixels", async () => declaring(20_000, 26_700)],
  ["declares more than there can be", "not-a-picture", async () => declaring(2 ** 31 - 1, 1)],
  ["is animated", "animated", animation],
  [
    "is a drawing that names a file",
    "not-a-picture",
    async () =>
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'),
  ],
  ["is a web page", "not-a-picture", async () => Buffer.from("<!doctype html><script>alert(1)</script>")],
  ["is empty", "not-a-picture", async () => Buffer.alloc(0)],
  [
    "begins like a JPEG and is none",
    "not-a-picture",
    async () => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(500)]),
  ],
  ["ends too early", "not-a-picture", async () => (await plain(400, 300)).subarray(0, 700)],
  ["is a PNG with nothing in it", "not-a-picture", async () => declaring(200, 200).subarray(0, 40)],
  ["is a TIFF", "not-a-picture", () => picture(4, 4).tiff().toBuffer()],
  ["is a GIF", "not-a-picture", () => picture(4, 4).gif().toBuffer()],
  ["has too many bytes", "too-large", async () => Buffer.alloc(20_000_001)],
])("what %s is refused as %s", async (_, code, make) => {
  expect(await photos.put("990101", await make())).toEqual({ kind: "refused", code })
})

describe("the store", () => {
  test("bytes that do not match their name any more are a failure, and no others are given out", async () => {
    const photo = await stored(await plain(33, 33))
    writeFileSync(join(root, keyOf("990101", photo.hash)), "something else")
    await expect(photos.get("990101", photo.hash)).rejects.toMatchObject({
      _tag: "PhotosFailure",
      reason: "corrupt",
    })
  })

  test("a name that is no hash is nobody's, whatever path it spells; a programme that is a path is refused", async () => {
    for (const name of ["../../etc/passwd", "a".repeat(63), `${"a".repeat(62)}/.`, ""]) {
      expect(await photos.get("990101", name)).toBeUndefined()
      expect(await photos.remove("990101", name)).toBe(false)
    }
    await expect(photos.put("../..", await plain())).rejects.toMatchObject({ reason: "invalid" })
  })

  test("one programme does not see another's; what was removed is gone", async () => {
    const photo = await stored(await plain(21, 21))
    expect(await photos.get("990102", photo.hash)).toBeUndefined()
    expect(await photos.remove("990101", photo.hash)).toBe(true)
    expect(await photos.remove("990101", photo.hash)).toBe(false)
    expect(await photos.get("990101", photo.hash)).toBeUndefined()
  })

  test("a folder that cannot be written is an outage", async () => {
    const file = join(root, "a-file")
    writeFileSync(file, "")
    const blocked = photosSharp({ blobs: folderBlobs(file) })
    await expect(blocked.put("990101", await plain())).rejects.toMatchObject({ reason: "unavailable" })
  })
})
