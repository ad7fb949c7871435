/**
 * Adapters that live in this process: a notifier and a dispatcher that catch what is sent, an identity
 * store and a photo store.
 *
 * For tests, simulations and trying things out. They keep the contracts (a purpose is demanded, erasing
 * destroys the key, photos lose their metadata) and forget everything when the process ends. The photo
 * store drops metadata and trailing bytes but does not encode pixels anew: no production.
 */
import { createCipheriv, createDecipheriv, createHmac, hash, randomBytes } from "node:crypto"
import { compareBytes } from "@yingshao/ports/byte-order"
import {
  type Dispatcher,
  dispatcherContract,
  type Order,
  type PartnerReceipt,
} from "@yingshao/ports/dispatcher"
import {
  type Identity,
  identityContract,
  identityFailure,
  type PersonalFields,
  type Purpose,
} from "@yingshao/ports/identity"
import {
  type Notice,
  type NoticeAddress,
  type Notifier,
  type NotifierLimits,
  notifierContract,
} from "@yingshao/ports/notifier"
import { type Photos, type PutPhoto, photosContract } from "@yingshao/ports/photos"
import { readJpeg } from "./jpeg.ts"

/** A notice as a channel got it. */
export interface CaughtNotice {
  readonly to: NoticeAddress
  readonly notice: Notice
}

/**
 * A channel that keeps what it was given, every attempt of it.
 *
 * @param before runs first for each notice; what it throws is the channel's failure.
 * @param limits declared as the vendor's.
 */
export const catchNotices = (
  name: string,
  before: (caught: CaughtNotice) => void | Promise<void> = () => {},
  limits?: NotifierLimits,
): Notifier & { readonly caught: readonly CaughtNotice[] } => {
  const caught: CaughtNotice[] = []
  return {
    contract: notifierContract,
    name,
    audience: "one-person",
    ...(limits === undefined ? {} : { limits }),
    caught,
    async send(to, notice) {
      await before({ to, notice })
      caught.push({ to, notice })
      return { deliveryId: notice.deliveryId, grade: "accepted" }
    },
    close: async () => {},
  }
}

/** A partner in this process. */
export interface CaughtOrders extends Dispatcher {
  /** Every attempt. */
  readonly caught: readonly Order[]
  /** The partner says something of an order; the relay fetches it, again and again until its effect is committed. */
  say(receipt: PartnerReceipt): void
}

/** A partner that keeps the orders it was handed, every attempt of them, and answers by `say`. */
export const catchOrders = (
  name: string,
  before: (order: Order) => void | Promise<void> = () => {},
): CaughtOrders => {
  const caught: Order[] = []
  let said: readonly PartnerReceipt[] = []
  return {
    contract: dispatcherContract,
    name,
    caught,
    async hand(order) {
      await before(order)
      caught.push(order)
      return { id: order.id, grade: "accepted", partnerRef: `${name}-${caught.length}` }
    },
    say: (receipt) => {
      said = [...said, receipt]
    },
    // The first of each id: two partners may use one.
    receipts: async (limit) =>
      said.filter(({ id }, at) => said.findIndex((other) => other.id === id) === at).slice(0, limit),
    async acknowledge(ids) {
      const given = ids.map((id) => said.find((receipt) => receipt.id === id))
      said = said.filter((receipt) => !given.includes(receipt))
    },
    close: async () => {},
  }
}

/** What an unmasking leaves behind: who, why, which fields; never their text. */
export interface UnmaskRecord extends Purpose {
  readonly programme: string
  readonly handle: string
  readonly fields: readonly string[]
}

/**
 * Names and phones under a key for each person; erasing destroys the key.
 *
 * @param onUnmask is told before anything is shown; when it throws, nothing is shown (A8).
 */
export const inProcessIdentity = (onUnmask: (record: UnmaskRecord) => void | Promise<void>): Identity => {
  const digestKey = randomBytes(32)
  const people = new Map<string, Person>()
  const handles = new Map<string, string>()
  const phones = new Map<string, string>()
  let nextPerson = 0

  const at = (programme: string, text: string): string => `${programme}\n${text}`
  const digest = (programme: string, phone: string): string =>
    createHmac("sha256", digestKey).update(at(programme, phone)).digest("hex")
  const personOf = (programme: string, handle: string): Person | undefined =>
    people.get(handles.get(at(programme, handle)) ?? "")

  return {
    contract: identityContract,
    name: "in-process",
    async put(programme, handle, fields) {
      checkFields(fields)
      const known = personOf(programme, handle)
      if (known !== undefined && known.phone !== undefined) phones.delete(known.phone)
      if (known === undefined) nextPerson += 1
      const id = handles.get(at(programme, handle)) ?? `${nextPerson}`
      const key = known?.key ?? randomBytes(32)
      const phone = fields.phone === undefined ? undefined : digest(programme, fields.phone)
      people.set(id, { key, sealed: seal(key, JSON.stringify(fields)), phone })
      handles.set(at(programme, handle), id)
      if (phone !== undefined) phones.set(phone, handle)
    },
    async alias(programme, handle, alias) {
      const id = handles.get(at(programme, handle))
      if (id === undefined || !people.has(id))
        throw identityFailure("invalid", "there is nobody to give an alias to")
      if (handles.has(at(programme, alias))) throw identityFailure("invalid", "a handle is never used again")
      handles.set(at(programme, alias), id)
    },
    async unmask(programme, handle, fields, purpose) {
      if ([purpose.actor, purpose.caseKey, purpose.purpose].some((part) => part.trim() === "")) {
        throw identityFailure("purpose-missing", "who looks, under which case and why must be said")
      }
      await onUnmask({ ...purpose, programme, handle, fields })
      const person = personOf(programme, handle)
      if (person === undefined) return { kind: "nothing" }
      const all = JSON.parse(unseal(person.key, person.sealed)) as PersonalFields
      const shown = fields.flatMap((name) => (Object.hasOwn(all, name) ? [[name, all[name]] as const] : []))
      return { kind: "fields", fields: Object.fromEntries(shown) }
    },
    findByPhone: async (programme, phone) => phones.get(digest(programme, phone)),
    async erase(programme, handle) {
      const id = handles.get(at(programme, handle))
      const person = id === undefined ? undefined : people.get(id)
      if (id === undefined || person === undefined) return false
      person.key.fill(0)
      people.delete(id)
      if (person.phone !== undefined) phones.delete(person.phone)
      return true
    },
    async handles(programme, { after, limit }) {
      const prefix = at(programme, "")
      return [...handles]
        .filter(([key, id]) => key.startsWith(prefix) && people.has(id))
        .map(([key]) => key.slice(prefix.length))
        .sort(compareBytes)
        .filter((handle) => after === undefined || compareBytes(handle, after) > 0)
        .slice(0, limit)
    },
    close: async () => {},
  }
}

/** Photos by the hash of what is left after metadata and trailing bytes were dropped. JPEG only. */
export const inProcessPhotos = (maxBytes = 20_000_000, maxPixels = 50_000_000): Photos => {
  const photos = new Map<string, Uint8Array>()
  const at = (programme: string, name: string): string => `${programme}\n${name}`
  return {
    contract: photosContract,
    name: "in-process",
    async put(programme, original): Promise<PutPhoto> {
      if (original.length > maxBytes) return { kind: "refused", code: "too-large" }
      const jpeg = readJpeg(original)
      if (jpeg === undefined) return { kind: "refused", code: "not-a-picture" }
      const { widthPx, heightPx, stripped } = jpeg
      if (widthPx * heightPx > maxPixels) return { kind: "refused", code: "too-many-pixels" }
      const name = hash("sha256", stripped, "hex")
      photos.set(at(programme, name), stripped)
      const photo = {
        hash: name,
        mediaType: "image/jpeg" as const,
        bytes: stripped.length,
        widthPx,
        heightPx,
      }
      return { kind: "stored", photo, claims: {} }
    },
    get: async (programme, name) => photos.get(at(programme, name))?.slice(),
    remove: async (programme, name) => photos.delete(at(programme, name)),
    close: async () => {},
  }
}

// internal

interface Person {
  readonly key: Buffer
  readonly sealed: Sealed
  /** Keyed digest of the phone number. */
  readonly phone: string | undefined
}

interface Sealed {
  readonly nonce: Buffer
  readonly text: Buffer
  readonly tag: Buffer
}

const seal = (key: Buffer, text: string): Sealed => {
  const nonce = randomBytes(12)
  const cipher = createCipheriv("aes-256-gcm", key, nonce)
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()])
  return { nonce, text: sealed, tag: cipher.getAuthTag() }
}

const unseal = (key: Buffer, { nonce, text, tag }: Sealed): string => {
  const decipher = createDecipheriv("aes-256-gcm", key, nonce)
  decipher.setAuthTag(tag)
  return Buffer.concat([decipher.update(text), decipher.final()]).toString("utf8")
}

const checkFields = (fields: PersonalFields): void => {
  for (const text of Object.values(fields)) {
    if (text !== undefined && Buffer.byteLength(text) > 1_000) {
      throw identityFailure("invalid", "a field is longer than 1,000 bytes")
    }
  }
}
