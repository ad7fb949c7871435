/**
 * The export of a programme's journal: JSON, one object a line, UTF-8, `\n` behind each line.
 *
 * A header, then each journal record followed by its outbox rows, then a footer. Each line is canonical:
 * keys sorted, no white space, one text for one value. `entry` is the text that the leaf is a hash of.
 * Between two heads the same format is a sealed segment of an archive, then without outbox rows.
 *
 * It holds handles of people, never who they are: identities live in their own erasable store.
 *
 * What it does not do: it neither writes nor reads; `export-journal.ts` and `verify-export.ts` do, and share
 * nothing but these names.
 */
import type { OutboxStatus } from "@yingshao/ports/storage"

export const exportFormat = "yingshao/export/1"

/** Bounds that a reader holds a line to before it parses it. */
export const exportLimits = {
  /** UTF-8 bytes: an entry of 1 MiB, each byte escaped, and room for the rest. */
  lineBytes: 2_500_000,
  /** Objects and lists inside each other, in a line and in an entry. */
  depth: 48,
} as const

/** A place in the hash chain; number 0 is its beginning. */
export interface ChainPlace {
  readonly number: number
  readonly hash: string
}

export interface ExportHeader {
  readonly kind: "header"
  readonly format: typeof exportFormat
  readonly programme: string
  /** The first record follows this place. */
  readonly after: ChainPlace
  /** The last record stands at this place. */
  readonly head: ChainPlace
  /** Whether every outbox row of the records is told. */
  readonly outbox: boolean
}

export interface ExportRecord {
  readonly kind: "record"
  readonly number: number
  readonly commandId: string
  readonly payloadDigest: string
  readonly entry: string
  readonly leaf: string
  readonly hash: string
}

/** An outbox row of the record before it, as it stood while the export was written. */
export interface ExportMessage {
  readonly kind: "message"
  readonly number: number
  readonly position: number
  readonly id: string
  readonly topic: string
  readonly orderingKey: string
  readonly notBefore: string
  readonly body: string
  readonly status: OutboxStatus
  readonly note: string
  /** When it was delivered or given up. */
  readonly settledAt?: string | undefined
}

export interface ExportFooter {
  readonly kind: "footer"
  readonly records: number
  readonly messages: number
  /** SHA-256, hex, of every byte before this line: damage shows, forgery does not. */
  readonly sha256: string
  /** Of the header's head. */
  readonly signed?: SignedHead | undefined
}

/** A head of the journal with a signature, to be kept outside the store (A5). */
export interface SignedHead extends ChainPlace {
  readonly programme: string
  /** When it was signed, ISO 8601 UTC. */
  readonly at: string
  readonly alg: string
  readonly keyId: string
  /** Over `headBytes`, base64url. */
  readonly signature: string
}

/** What is signed of a head. */
export const headBytes = ({
  programme,
  number,
  hash,
  at,
}: Pick<SignedHead, "programme" | "number" | "hash" | "at">): Uint8Array =>
  Buffer.from(`yingshao/head/1\n${programme}\n${number}\n${hash}\n${at}`)
