import { generateKeyPairSync } from "node:crypto"
import { memoryStorage } from "@yingshao/storage-memory"
import { beforeAll, describe, expect, test } from "vitest"
import { ed25519Signer } from "../src/ed25519-signer.ts"
import { type ExportFault, isExportFault } from "../src/export-fault.ts"
import { exportLimits } from "../src/export-format.ts"
import { isSignedHead, signHead } from "../src/signed-head.ts"
import { type Trust, verifyExport } from "../src/verify-export.ts"
import { bytesOf, exported, type Line, linesOf, rehashed, textOf } from "./export-lines.ts"
import { as, openSmall, programme, type SmallWorld } from "./open-small.ts"

let world: SmallWorld
let text: string
let lines: Line[]

beforeAll(async () => {
  world = await openSmall(memoryStorage())
  for (let at = 1; at <= 12; at += 1) {
    await world.handle({
      type: "Pay",
      id: `p-${at}`,
      by: as("ann"),
      account: `a-${at % 3}`,
      amountFen: at,
      note: "收讫",
    })
  }
  await world.handle({ type: "Raise", id: "t-1", by: as("ann"), inMinutes: 5, urgent: true })
  await world.handle({ type: "Spend", id: "s-1", by: as("ann"), account: "a-9", amountFen: 5, key: "k" })
  text = await exported(world.world)
  lines = linesOf(text)
})

const faultOf = async (file: string | Uint8Array, trust: Trust = {}): Promise<ExportFault> => {
  const failure = await verifyExport(bytesOf(file)(), trust).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!isExportFault(failure)) throw failure ?? new Error("the file was taken for good")
  return failure
}

/** Changes the lines and gives the footer the right digest, so that only the change can be found. */
const after = (change: (all: Line[]) => readonly Line[]) =>
  faultOf(textOf(change(lines.map((one) => ({ ...one })))))

const placeOf = (all: readonly Line[], number: number): number =>
  all.findIndex((line) => line.kind === "record" && line.number === number)

/** A record with its messages. */
const cutOut = (all: Line[], number: number, put: (cut: Line[]) => readonly Line[] = () => []): Line[] => {
  const start = placeOf(all, number)
  const next = all.findIndex((line, at) => at > start && line.kind !== "message")
  const cut = all.slice(start, next)
  return [...all.slice(0, start), ...put(cut), ...all.slice(next)]
}

describe("the offline verifier", () => {
  test("A3 A4 takes an export that is right, whatever its chunks, and says how much it read", async () => {
    for (const size of [1, 7, 100_000]) {
      const { header, footer, lines: read } = await verifyExport(bytesOf(text, size)())
      expect(header).toMatchObject({ programme, after: { number: 0 }, head: { number: 15 }, outbox: true })
      expect(footer).toMatchObject({ records: 15, messages: 15 })
      expect(read).toBe(32)
    }
  })

  test("A4 names the first bad record: an edited byte", async () => {
    const found = await after((all) => {
      const at = placeOf(all, 7)
      all[at] = { ...all[at], entry: String(all[at]?.entry).replace("收讫", "收汔") }
      return all
    })
    expect(found).toMatchObject({ number: 7, invariant: "A3", line: placeOf(lines, 7) + 1 })
    expect(found.zh).toMatch(/叶子散列/)
  })

  test.each([
    ["commandId", "I3"],
    ["payloadDigest", "I2"],
    ["leaf", "A3"],
    ["hash", "A3"],
  ])(
    "A4 names the first bad record: its %s, which the entry's hash does not cover",
    async (field, invariant) => {
      const found = await after((all) => {
        const at = placeOf(all, 5)
        const value = String(all[at]?.[field])
        all[at] = { ...all[at], [field]: `${value.slice(0, -1)}${value.endsWith("0") ? "1" : "0"}` }
        return all
      })
      expect(found).toMatchObject({ number: 5, invariant })
    },
  )

  test("A4 names the first bad record: deleted, inserted, swapped, duplicated", async () => {
    expect(await after((all) => cutOut(all, 4))).toMatchObject({ number: 4, invariant: "A3" })
    expect(await after((all) => cutOut(all, 9, (cut) => [...cut, ...cut]))).toMatchObject({ number: 10 })
    const [other] = linesOf(await exported(world.world, { after: 10, upTo: 11 })).slice(1)
    const inserted = await after((all) => cutOut(all, 6, (cut) => [...cut, { ...other, number: 7 } as Line]))
    expect(inserted).toMatchObject({ number: 7 })
    const swapped = await after((all) => {
      const second = all.slice(placeOf(all, 8), placeOf(all, 9))
      return cutOut(cutOut(all, 8), 7, (cut) => [...second, ...cut])
    })
    expect(swapped).toMatchObject({ number: 7 })
  })

  test("A4 names the first bad record: a tail that was cut, with and without a footer", async () => {
    const cut = lines.slice(0, placeOf(lines, 11))
    expect(await faultOf(textOf(cut))).toMatchObject({ number: 11, line: cut.length + 1 })
    expect(await faultOf(textOf([...cut, lines.at(-1) as Line]))).toMatchObject({ number: 11 })
    expect(await faultOf(text.slice(0, -1))).toMatchObject({ number: 16, en: "the last line is cut off" })
  })

  test("A4 A5 a restamped suffix or a cut tail, whole in itself, shows beside heads that were kept", async () => {
    const heads = lines.flatMap((line) =>
      line.kind === "record" ? [{ number: Number(line.number), hash: String(line.hash) }] : [],
    )
    const forged = textOf(
      rehashed(
        lines.map((line) =>
          line.number === 8 && line.kind === "record"
            ? { ...line, ...forgedEntry(String(line.entry)) }
            : line,
        ),
      ),
    )
    // Nothing is wrong with it but that it is another journal.
    await verifyExport(bytesOf(forged)())
    expect(await faultOf(forged, { heads })).toMatchObject({ number: 8, invariant: "A5" })
    const few = heads.filter(({ number }) => number % 5 === 0)
    expect(await faultOf(forged, { heads: few })).toMatchObject({ number: 6 })
    const shorter = textOf(rehashed([...lines.slice(0, placeOf(lines, 11)), lines.at(-1) as Line]))
    await verifyExport(bytesOf(shorter)())
    expect(await faultOf(shorter, { heads: few })).toMatchObject({ number: 11, invariant: "A5" })
  })

  test("A3 a number that is left out shows although every hash fits", async () => {
    const records = lines.filter(({ kind }) => kind !== "message").map((line) => ({ ...line }))
    const bare = records.map((line) => (line.kind === "header" ? { ...line, outbox: false } : line))
    await verifyExport(bytesOf(textOf(rehashed(bare)))())
    const jumping = textOf(rehashed(bare, (place) => (place < 6 ? place : place + 1)))
    expect(await faultOf(jumping)).toMatchObject({ number: 6, invariant: "A3" })
  })

  test("A5 a signed head is checked with the key that is given, and no other", async () => {
    const signer = ed25519Signer(pem())
    const at = "2026-04-01T00:00:00.000Z"
    const signed = await exported(world.world, { sign: { signer, at } })
    expect(await verifyExport(bytesOf(signed)(), { signer })).toMatchObject({ signatureChecked: true })
    expect(await faultOf(signed, { signer: ed25519Signer(pem()) })).toMatchObject({ invariant: "A5" })
    expect(await faultOf(text, { signer })).toMatchObject({ invariant: "A5", number: 1 })
    const all = linesOf(signed)
    const shorter = textOf(rehashed([...all.slice(0, placeOf(all, 11)), all.at(-1) as Line]))
    expect(await faultOf(shorter, { signer })).toMatchObject({ invariant: "A5" })
    const head = await signHead(signer, programme, { number: 3, hash: "a".repeat(64) }, at)
    expect(await isSignedHead(signer, head)).toBe(true)
    for (const change of [{ number: 4 }, { hash: "b".repeat(64) }, { programme: "522732" }, { keyId: "k" }]) {
      expect(await isSignedHead(signer, { ...head, ...change })).toBe(false)
    }
  })

  test("O5 the messages are those that the records name, in their order", async () => {
    const without = (wanted: number) => (all: Line[]) => {
      const at = all.findIndex(({ kind, number }) => kind === "message" && number === wanted)
      return all.filter((_, place) => place !== at)
    }
    expect(await after(without(3))).toMatchObject({ number: 3, invariant: "O5" })
    expect(
      await after((all) =>
        all.map((one) => (one.kind === "message" ? { ...one, status: "delivered" } : one)),
      ),
    ).toMatchObject({ invariant: "O5" })
  })
})

describe("hostile files", () => {
  const record = () => lines[1] as Line
  const withLine = (line: string) => `${text.split("\n")[0]}\n${line}\n`

  test("A6 bytes, depth, __proto__, a second key, white space and floats are refused with the line, before or while parsing", async () => {
    const deep = `{"kind":${"[".repeat(100_000)}${"]".repeat(100_000)}}`
    expect(await faultOf(withLine(deep))).toMatchObject({ line: 2, en: "it is nested deeper than 48" })
    const good = JSON.stringify(record())
    expect(await faultOf(withLine(good.replace("{", '{"__proto__":{"kind":"footer"},')))).toMatchObject({
      en: "the key __proto__ is not allowed",
      zh: "不允许键 __proto__",
    })
    expect(await faultOf(withLine(good.replace("{", '{"kind":"footer",')))).toMatchObject({
      en: "it is not in canonical form",
    })
    expect(await faultOf(withLine(good.replace(":1,", ": 1,")))).toMatchObject({ line: 2, invariant: "A6" })
    expect(await faultOf(withLine(good.replace(":1,", ":1.0,")))).toMatchObject({ line: 2, invariant: "A6" })
    expect(await faultOf(withLine('{"constructor":1,"kind":"record"}'))).toMatchObject({
      line: 2,
      en: "it is no line of an export",
    })
    expect(await faultOf(withLine('{"kind":"constructor"}'))).toMatchObject({ line: 2 })
    expect(await faultOf(withLine("[]"))).toMatchObject({ line: 2 })
    expect(await faultOf(withLine("nonsense"))).toMatchObject({ line: 2, en: "it is no JSON" })
  })

  test("A4 a line without end is given up once it is too long, not read to its end", async () => {
    let given = 0
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        given += 65_536
        yield new Uint8Array(65_536).fill(0x61)
      }
    }
    await expect(verifyExport(endless())).rejects.toMatchObject({ _tag: "ExportFault", line: 1 })
    expect(given).toBeLessThan(exportLimits.lineBytes + 3 * 65_536)
  })

  test("A4 what is no UTF-8, empty, without header, behind the footer, or of another format", async () => {
    expect(await faultOf(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text)]))).toMatchObject({
      line: 1,
    })
    expect(await faultOf(`\u{feff}${text}`)).toMatchObject({ line: 1 })
    expect(await faultOf("")).toMatchObject({ line: 1, en: "the file is empty" })
    expect(await faultOf(textOf(lines.slice(1)))).toMatchObject({ line: 1 })
    expect(await faultOf(text + text)).toMatchObject({ line: 33 })
    expect(
      await after((all) =>
        all.map((one) => (one.kind === "header" ? { ...one, format: "yingshao/export/2" } : one)),
      ),
    ).toMatchObject({
      line: 1,
      invariant: "S11",
    })
    const damaged = text.replace('"position":0', '"position":1')
    expect(await faultOf(damaged)).toMatchObject({ invariant: "O5" })
    const noted = text.replace('"note":""', '"note":"x"')
    expect(await faultOf(noted)).toMatchObject({ en: "the footer's digest is not that of the file" })
  })
})

const pem = (): string =>
  generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString()

/** Another amount in the event; the payload, whose digest stands beside, stays. */
const forgedEntry = (entry: string): { readonly entry: string } => ({
  entry: entry.replace(/("event":\{"amountFen":)\d+/, "$1999999"),
})
