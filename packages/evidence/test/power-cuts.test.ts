/**
 * The short version of `npm run evidence -- power-cuts`: a crowd whose commands share transactions, a few
 * cuts of each kind, and the control. The disk model is tried by itself first.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { diskOf } from "@yingshao/evidence/disk-model"
import { powerCuts } from "@yingshao/evidence/power-cuts"
import { whyNoTrace } from "@yingshao/evidence/system-calls"
import { describe, expect, it } from "vitest"

const reason = whyNoTrace()
if (reason !== undefined) console.warn(`power cuts: skipped, ${reason}`)

describe("the model of a disk", () => {
  const bytes = (text: string) => Buffer.from(text)
  const text = (image: ReadonlyMap<string, Buffer>, file: string) => image.get(file)?.toString("latin1")
  const cut = { unsynced: "dropped", names: "kept", seed: 1 } as const

  it("keeps what was synced and loses what was not, the length excepted", () => {
    const disk = diskOf(new Map([["a", bytes("old!")]]))
    disk.apply({ kind: "write", file: "a", at: 0, bytes: bytes("new") })
    expect(text(disk.image(cut), "a")).toBe("old!")
    expect(text(disk.image({ ...cut, unsynced: "kept" }), "a")).toBe("new!")
    disk.apply({ kind: "sync", file: "a" })
    disk.apply({ kind: "write", file: "a", at: 4, bytes: bytes("more") })
    expect(text(disk.image(cut), "a")).toBe("new!\0\0\0\0")
    expect(text(disk.image({ ...cut, names: "lost" }), "a")).toBe("new!")
  })

  it("loses a new name until the folder was synced, and a name that went comes back", () => {
    const disk = diskOf(new Map([["a", bytes("a")]]))
    disk.apply({ kind: "create", file: "b" })
    disk.apply({ kind: "write", file: "b", at: 0, bytes: bytes("b") })
    disk.apply({ kind: "sync", file: "b" })
    disk.apply({ kind: "unlink", file: "a" })
    const lost = { ...cut, names: "lost" } as const
    expect([...disk.image(cut).keys()]).toEqual(["b"])
    expect([...disk.image(lost).keys()]).toEqual(["a"])
    disk.apply({ kind: "sync", file: "" })
    expect([...disk.image(lost).keys()]).toEqual(["b"])
    expect(text(disk.image(lost), "b")).toBe("b")
  })

  it("tears a write between sectors of 512 bytes, never within one", () => {
    const disk = diskOf(new Map([["a", Buffer.alloc(4_096, "-")]]))
    disk.apply({ kind: "write", file: "a", at: 0, bytes: Buffer.alloc(4_096, "+") })
    const images = Array.from({ length: 20 }, (_, seed) =>
      text(disk.image({ unsynced: "torn", names: "kept", seed }), "a"),
    )
    expect(new Set(images).size).toBeGreaterThan(10)
    for (const image of images) {
      for (let at = 0; at < 4_096; at += 512) expect(image?.slice(at, at + 512)).toMatch(/^(-+|\++)$/)
    }
  })
})

// strace is not on every machine, and not permitted on every one; the reason stands in the name.
describe.skipIf(reason !== undefined)(
  `a power cut${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  () => {
    it("O1 A3 loses no acknowledged command and leaves no half state, group commit included; NORMAL loses some", async () => {
      const folder = mkdtempSync(join(tmpdir(), "yingshao-cuts-"))
      try {
        const report = await powerCuts({
          folder,
          stride: 40,
          tornSeeds: 1,
          ways: ["full"],
          crowd: { rounds: 2, width: 4 },
          control: { stride: 8 },
          say: () => {},
        })
        expect(report.problems).toEqual([])
        expect(report.images).toBeGreaterThan(10)
        expect(report.lostByControl).toBeGreaterThan(0)
      } finally {
        rmSync(folder, { recursive: true })
      }
    }, 120_000)
  },
)
