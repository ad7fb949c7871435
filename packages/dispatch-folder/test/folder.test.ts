/** The drop folder: the contract, hostile files, and a partner on the other side. */
import { generateKeyPairSync } from "node:crypto"
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { PartnerReceipt } from "@yingshao/ports/dispatcher"
import { ed25519Signer, hmacSigner } from "@yingshao/ports/outbound/key-signer"
import type { Signer } from "@yingshao/ports/signer"
import { someOrder, someReceipt } from "@yingshao/testkit/dispatch-cases/dispatch-cases"
import { type DispatchBench, dispatchContract } from "@yingshao/testkit/dispatch-contract"
import { afterAll, describe, expect, it } from "vitest"
import { folderDispatcher, sealed, unsealed } from "../src/folder-dispatcher.ts"

const source = "https://yingshao.county.example/522731"
const key = Buffer.alloc(32, 7)
const hmac = hmacSigner("hmac-sm3", "k1", key)
const made: string[] = []
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true }))))

const newRoot = async (): Promise<string> => {
  const root = await mkdtemp(join(tmpdir(), "drop-folder-"))
  made.push(root)
  return root
}

const open = (root: string, signer: Signer | undefined = hmac) =>
  folderDispatcher({ root, source, partners: { gateway: signer === undefined ? {} : { signer } } })

const envelope = ({ id, type, time, data }: PartnerReceipt): string =>
  JSON.stringify({ id, type: `cn.yingshao.receipt.${type}.v1`, time, data })

const leave = async (
  root: string,
  receipt: PartnerReceipt,
  name = receipt.id,
  signer: Signer | undefined = hmac,
) => {
  const folder = join(root, "receipts", "gateway")
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${name}.json`), await sealed(envelope(receipt), signer))
}

const bench = async (): Promise<DispatchBench> => {
  const root = await newRoot()
  const problems: string[] = []
  return {
    dispatcher: open(root),
    partner: "gateway",
    mood: () => {},
    deliveries: async () => {
      const folder = join(root, "outbox", "gateway")
      const names = await readdir(folder).catch(() => [])
      return Promise.all(
        names.map(async (name) => {
          const text = await unsealed(await readFile(join(folder, name), "utf8"), hmac)
          if (text === undefined) problems.push(`${name} cannot be trusted`)
          return { id: name.replace(/\.json$/, ""), text: text ?? "" }
        }),
      )
    },
    problems: () => problems,
    redirected: () => 0,
    secrets: [key.toString("hex"), key.toString("base64"), root],
    leaveReceipt: (receipt) => leave(root, receipt),
    silent: open(join(root, "not-mounted")),
    close: async () => {},
  }
}

dispatchContract({ name: "drop-folder", open: bench, moods: ["well"], receipts: "fetched" }, { describe, it })

describe("files in the folder", () => {
  it("cannot be trusted when torn, changed, misnamed, too large, or links: they go to quarantine", async () => {
    const root = await newRoot()
    const dispatcher = open(root)
    await leave(root, someReceipt("gateway"), "good")
    await leave(root, someReceipt("gateway", { id: "changed" }))
    await leave(
      root,
      someReceipt("gateway", { id: "plain" }),
      "plain",
      hmacSigner("hmac-sm3", "k1", Buffer.alloc(32, 8)),
    )
    const folder = join(root, "receipts", "gateway")
    const whole = await readFile(join(folder, "changed.json"), "utf8")
    await writeFile(join(folder, "changed.json"), whole.replace("received", "refused_"))
    await writeFile(join(folder, "torn.json"), whole.slice(0, 100))
    await writeFile(join(folder, "large.json"), "x".repeat(600_000))
    await writeFile(join(folder, "a b.json"), whole)
    await writeFile(join(folder, ".hidden.part"), "half")
    await symlink("/etc/hostname", join(folder, "link.json"))
    await leave(root, someReceipt("gateway", { id: "right" }))
    const found = await dispatcher.receipts(100)
    expect(found.map(({ id }) => id)).toEqual(["right"])
    expect((await readdir(join(root, "quarantine", "gateway"))).sort()).toEqual([
      "a b.json",
      "changed.json",
      "good.json",
      "large.json",
      "link.json",
      "plain.json",
      "torn.json",
    ])
    expect((await readdir(folder)).sort()).toEqual([".hidden.part", "right.json"])
  })

  it("holds back the second of two receipts of one id from two partners until the first is acknowledged", async () => {
    const root = await newRoot()
    const dispatcher = folderDispatcher({ root, source, partners: { a: {}, b: {} } })
    for (const name of ["a", "b"]) {
      await mkdir(join(root, "receipts", name), { recursive: true })
      const text = await sealed(envelope(someReceipt(name)), undefined)
      await writeFile(join(root, "receipts", name, "rc-0001.json"), text)
    }
    const first = await dispatcher.receipts(10)
    expect(first.map(({ source: from }) => from)).toEqual(["a"])
    await dispatcher.acknowledge(["rc-0001"])
    expect((await dispatcher.receipts(10)).map(({ source: from }) => from)).toEqual(["b"])
  })

  it("come with their attachments, which are there first and are what the order says", async () => {
    const root = await newRoot()
    const bytes = Buffer.from("a picture")
    const digest = "1ca2b8fb2fb0c4a1c9e4d0dcb3b26be5a0d2f5a0a0e5a5f7e7b8e3b3d6a4c0f1"
    const attachment = async () => bytes
    const dispatcher = folderDispatcher({ root, source, partners: { gateway: {} }, attachment })
    const order = (sha256: string) => someOrder("gateway", { data: { attachments: [{ sha256 }] } })
    await expect(dispatcher.hand(order(digest), AbortSignal.timeout(20_000))).rejects.toMatchObject({
      retry: "ask-a-person",
    })
    const { createHash } = await import("node:crypto")
    const right = createHash("sha256").update(bytes).digest("hex")
    await dispatcher.hand(order(right), AbortSignal.timeout(20_000))
    expect((await readdir(join(root, "outbox", "gateway"))).sort()).toEqual(
      [`${right}.bin`, "o-0001.json"].sort(),
    )
  })

  it("are trusted by every kind of key, and by no other", async () => {
    const pair = generateKeyPairSync("ed25519")
    const secret = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString()
    const open25519 = pair.publicKey.export({ type: "spki", format: "pem" }).toString()
    const signers = [hmac, hmacSigner("hmac-sha256", "k2", key), ed25519Signer("k3", secret)]
    for (const signer of signers) {
      const text = await sealed("惠水", signer)
      for (const other of signers) {
        expect(await unsealed(text, other)).toBe(other === signer ? "惠水" : undefined)
      }
      expect(await unsealed(text, undefined)).toBeUndefined()
    }
    expect(await unsealed(await sealed("惠水", signers[2]), ed25519Signer("k3", open25519))).toBe("惠水")
  })

  it("have a folder for each partner: a name that leads elsewhere is refused when wired", () => {
    expect(() => folderDispatcher({ root: ".", source, partners: { "../x": {} } })).toThrow(RangeError)
  })
})
