/**
 * A drop folder (摆渡目录), for networks that meet only through a gateway which passes files.
 *
 * ```
 * outbox/{partner}/{id}.json       orders, ours: { v, alg, keyId?, digest, body }
 * outbox/{partner}/{digest}.bin    attachments, there before the order that names them
 * receipts/{partner}/{id}.json     receipts, the partner's, in the same form
 * quarantine/{partner}/            what could not be trusted, for a person
 * ```
 *
 * A file is written under a hidden name, synced, renamed, and its folder is synced: whoever sees it sees
 * all of it, also after a power cut. Names are ids only, links are not followed. What it does not do: it does not
 * watch the folder; `receipts` looks when it is asked.
 */
import { createHash } from "node:crypto"
import { lstat, mkdir, readdir, readFile, rename, rm } from "node:fs/promises"
import { join } from "node:path"
import {
  type Dispatcher,
  dispatcherContract,
  dispatchRefusal,
  isOrderId,
  type Order,
  type PartnerReceipt,
} from "@yingshao/ports/dispatcher"
import { type DispatchEventOptions, orderText } from "@yingshao/ports/outbound/dispatch-event"
import type { MappingTable } from "@yingshao/ports/outbound/mapping-table"
import { maxReceiptBytes, readReceipt } from "@yingshao/ports/outbound/partner-receipt"
import { writeWhole } from "@yingshao/ports/outbound/whole-file"
import type { Signer } from "@yingshao/ports/signer"

export interface FolderPartner {
  /** Signs what we write and checks what the partner writes. Left out: a SHA-256 against torn files only. */
  readonly signer?: Signer
  /** The partner's own form of an order, and from its form of a receipt to ours. Left out: our forms. */
  readonly orders?: MappingTable
  readonly receipts?: MappingTable
}

export interface FolderDispatcherOptions extends DispatchEventOptions {
  /** The folder that the gateway carries. It must exist. */
  readonly root: string
  /** Partners by name: letters, digits, `_` and `-`. */
  readonly partners: Readonly<Record<string, FolderPartner>>
  /** Bytes of an attachment by its SHA-256, hex. Left out: orders go without their attachments' bytes. */
  readonly attachment?: (sha256: string) => Promise<Uint8Array | undefined>
}

/**
 * A dispatcher over a drop folder. Its orders are `handed-over`; that a partner has one is known by its receipt.
 *
 * @throws RangeError for a partner's name that cannot be the name of a folder.
 */
export const folderDispatcher = (options: FolderDispatcherOptions): Dispatcher => {
  for (const name of Object.keys(options.partners)) {
    if (!isName(name))
      throw new RangeError(`${JSON.stringify(name)} cannot be the name of a partner's folder`)
  }
  /** Where receipts that were given out lie, until they are acknowledged. */
  const given = new Map<string, string>()
  return {
    contract: dispatcherContract,
    name: "drop-folder",
    async hand(order, signal) {
      const partner = Object.hasOwn(options.partners, order.to) ? options.partners[order.to] : undefined
      if (partner === undefined) throw dispatchRefusal("never", "drop-folder: no partner of this name")
      if (!isOrderId(order.id)) throw dispatchRefusal("never", "drop-folder: this is no id of an order")
      if (signal.aborted) throw dispatchRefusal("later", "drop-folder: stopped before it was written")
      const folder = join(options.root, "outbox", order.to)
      try {
        await requireFolder(options.root)
        await mkdir(folder, { recursive: true })
        if (await isFile(join(folder, `${order.id}.json`))) {
          return { id: order.id, grade: "handed-over", duplicate: true }
        }
        await writeAttachments(folder, order, options)
        const body = orderText(order, options, partner.orders)
        await writeWhole(folder, `${order.id}.json`, Buffer.from(await sealed(body, partner.signer)))
      } catch (error) {
        throw failureOf(error)
      }
      return { id: order.id, grade: "handed-over" }
    },
    async receipts(limit) {
      const found: PartnerReceipt[] = []
      for (const [name, partner] of Object.entries(options.partners)) {
        const folder = join(options.root, "receipts", name)
        for (const file of await receiptFiles(folder)) {
          if (found.length >= limit) return found
          const path = join(folder, file)
          const receipt = await readTrusted(path, file, name, partner)
          if (receipt === "gone") continue
          if (receipt === undefined) await quarantine(options.root, name, path, file)
          // Two partners may use one id: the second waits until the first is acknowledged.
          else if ((given.get(receipt.id) ?? path) === path) {
            given.set(receipt.id, path)
            found.push(receipt)
          }
        }
      }
      return found
    },
    async acknowledge(ids) {
      for (const id of ids) {
        const path = given.get(id)
        if (path === undefined) continue
        await rm(path, { force: true })
        given.delete(id)
      }
    },
    close: async () => {},
  }
}

/**
 * The text of a file in the folder, for a partner that is written with this library too.
 *
 * @returns JSON `{ v: 1, alg, keyId?, digest, body }`; `digest` is a SHA-256 in hex or a signature in base64.
 */
export const sealed = async (body: string, signer: Signer | undefined): Promise<string> => {
  if (signer === undefined) return JSON.stringify({ v: 1, alg: "sha256", digest: sha256(body), body })
  const signature = await signer.sign(Buffer.from(body))
  const { alg, keyId } = signer
  return JSON.stringify({ v: 1, alg, keyId, digest: Buffer.from(signature).toString("base64"), body })
}

/** The body of a sealed file, or `undefined` when it is torn, changed, or sealed with another key. */
export const unsealed = async (text: string, signer: Signer | undefined): Promise<string | undefined> => {
  const file = parse(text)
  if (file?.v !== 1 || typeof file.body !== "string" || typeof file.digest !== "string") return undefined
  if (signer === undefined) {
    return file.alg === "sha256" && file.digest === sha256(file.body) ? file.body : undefined
  }
  if (file.alg !== signer.alg || file.keyId !== signer.keyId) return undefined
  const right = await signer.verify(Buffer.from(file.body), Buffer.from(file.digest, "base64"))
  return right ? file.body : undefined
}

// internal

const maxFileBytes = 2 * maxReceiptBytes

/** Receipts of one partner that are looked at in one go. */
const maxListed = 10_000

const isName = (text: string): boolean => /^[A-Za-z0-9_-]{1,100}$/.test(text)

const sha256 = (bytes: string | Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

const parse = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error ? String(error.code) : "failed"

/** A gateway's disk that is away or full comes back; the message names no path. */
const failureOf = (error: unknown) =>
  typeof error === "object" && error !== null && "_tag" in error
    ? error
    : dispatchRefusal("later", `drop-folder: ${codeOf(error)}`)

const isFile = (path: string): Promise<boolean> =>
  lstat(path).then(
    (found) => found.isFile(),
    () => false,
  )

/** A root that is not there is a disk that is not mounted: making it would write beside the gateway. */
const requireFolder = async (root: string): Promise<void> => {
  if (!(await lstat(root)).isDirectory()) throw dispatchRefusal("later", "drop-folder: the root is no folder")
}

const writeAttachments = async (
  folder: string,
  order: Order,
  { attachment }: FolderDispatcherOptions,
): Promise<void> => {
  const { attachments } = order.data
  if (attachment === undefined || !Array.isArray(attachments)) return
  for (const { sha256: wanted } of attachments as readonly { readonly sha256?: unknown }[]) {
    if (typeof wanted !== "string" || !/^[0-9a-f]{64}$/.test(wanted)) continue
    if (await isFile(join(folder, `${wanted}.bin`))) continue
    const bytes = await attachment(wanted)
    if (bytes === undefined) continue
    if (sha256(bytes) !== wanted)
      throw dispatchRefusal("ask-a-person", "drop-folder: an attachment was changed")
    await writeWhole(folder, `${wanted}.bin`, bytes)
  }
}

/** Visible files with the name of an id, in the order of their names. */
const receiptFiles = async (folder: string): Promise<readonly string[]> => {
  const names = await readdir(folder).catch((error: unknown): string[] => {
    if (codeOf(error) === "ENOENT") return []
    throw failureOf(error)
  })
  return names
    .filter((name) => !name.startsWith("."))
    .sort()
    .slice(0, maxListed)
}

/** The receipt in a file; `undefined` when it cannot be trusted, `gone` when somebody else took it. */
const readTrusted = async (
  path: string,
  file: string,
  source: string,
  { signer, receipts }: FolderPartner,
): Promise<PartnerReceipt | "gone" | undefined> => {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return "gone"
  const id = file.endsWith(".json") ? file.slice(0, -".json".length) : ""
  if (!found.isFile() || found.size > maxFileBytes || !isName(id)) return undefined
  const body = await unsealed(await readFile(path, "utf8"), signer)
  if (body === undefined) return undefined
  const read = readReceipt(body, source, receipts)
  return read.ok && read.receipt.id === id ? read.receipt : undefined
}

const quarantine = async (root: string, partner: string, path: string, file: string): Promise<void> => {
  const folder = join(root, "quarantine", partner)
  await mkdir(folder, { recursive: true })
  await rename(path, join(folder, file)).catch(() => {})
}
