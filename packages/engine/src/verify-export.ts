/**
 * Verifies an export without a database: line by line, in memory of one line.
 *
 * It shares no code with what writes exports, hashes entries or keeps stores; only the names of the format
 * are common. Bytes and depth are bounded before anything is parsed. The first thing that is wrong ends it,
 * with the line and the journal number from which on nothing is to be trusted (A4).
 *
 * What it does not do: it does not know what an event means. And a journal rewritten or cut by somebody who
 * also rewrites header, footer and all hashes is whole in itself: only heads kept elsewhere show that, or a
 * signature (A5). Bodies of messages are outside the chain; the footer's digest shows damage to them only.
 */

import { createHash } from "node:crypto"
import type { Signer } from "@yingshao/ports/signer"
import { type ExportFault, exportFault } from "./export-fault.ts"
import {
  type ChainPlace,
  type ExportFooter,
  type ExportHeader,
  type ExportMessage,
  type ExportRecord,
  exportFormat,
  exportLimits,
  headBytes,
  type SignedHead,
} from "./export-format.ts"
import { canonicalText, parseBounded } from "./export-text.ts"

/** What is known from elsewhere. */
export interface Trust {
  /** Heads kept outside the store, in any order. */
  readonly heads?: readonly ChainPlace[]
  /** The key that the footer's head must be signed with. */
  readonly signer?: Pick<Signer, "alg" | "keyId" | "verify">
}

export type ExportLine = ExportHeader | ExportRecord | ExportMessage | ExportFooter

export interface VerifiedExport {
  readonly header: ExportHeader
  readonly footer: ExportFooter
  readonly lines: number
  /** Was the head's signature checked with a key that was given? */
  readonly signatureChecked: boolean
  /** How many of the heads given lie within and agree. */
  readonly headsChecked: number
}

/**
 * @param bytes of the file, in chunks of any size.
 * @throws ExportFault at the first thing that is wrong.
 */
export const verifyExport = async (
  bytes: AsyncIterable<Uint8Array>,
  trust: Trust = {},
): Promise<VerifiedExport> => {
  const lines = verifiedLines(bytes, trust)
  for (;;) {
    const step = await lines.next()
    if (step.done) return step.value
  }
}

/**
 * The lines of an export, each once everything before it and itself has been found right. The footer's checks
 * come last: what was read is whole only when the generator has returned.
 *
 * @throws ExportFault
 */
export async function* verifiedLines(
  bytes: AsyncIterable<Uint8Array>,
  trust: Trust = {},
): AsyncGenerator<ExportLine, VerifiedExport> {
  const pass = newPass(trust)
  for await (const text of linesOf(bytes, pass)) {
    pass.line += 1
    const value = parsedLine(pass, text)
    checkPlace(pass, value)
    if (value.kind === "header") checkHeader(pass, value)
    else if (value.kind === "record") checkRecord(pass, value)
    else if (value.kind === "message") checkMessage(pass, value)
    else await checkFooter(pass, value)
    if (value.kind !== "footer") pass.digest.update(text).update("\n")
    yield value
  }
  return finished(pass)
}

// internal

interface Pass {
  readonly trust: Trust
  readonly heads: ReadonlyMap<number, string>
  readonly digest: ReturnType<typeof createHash>
  line: number
  header: ExportHeader | undefined
  footer: ExportFooter | undefined
  number: number
  hash: string
  messages: number
  /** Message ids that the last record names and that have not come yet. */
  owed: string[]
  position: number
  agreed: number
  headsChecked: number
}

const newPass = (trust: Trust): Pass => ({
  trust,
  heads: new Map((trust.heads ?? []).map(({ number, hash }) => [number, hash])),
  digest: createHash("sha256"),
  line: 0,
  header: undefined,
  footer: undefined,
  number: 0,
  hash: "",
  messages: 0,
  owed: [],
  position: 0,
  agreed: 0,
  headsChecked: 0,
})

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")

/** A fault of the line that is looked at, or of the one that should come now. */
const fault = (
  pass: Pass,
  number: number | undefined,
  invariant: string,
  en: string,
  zh: string,
): ExportFault => exportFault({ line: Math.max(1, pass.line), number, invariant, en, zh })

async function* linesOf(bytes: AsyncIterable<Uint8Array>, pass: Pass): AsyncGenerator<string> {
  let held: Uint8Array[] = []
  let size = 0
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
  const tooLong = (): ExportFault => {
    pass.line += 1
    return fault(
      pass,
      next(pass),
      "A4",
      `the line is longer than ${exportLimits.lineBytes} bytes`,
      `该行超过 ${exportLimits.lineBytes} 字节`,
    )
  }
  for await (const chunk of bytes) {
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      held.push(chunk.subarray(start, end))
      size += end - start
      if (size > exportLimits.lineBytes) throw tooLong()
      const line = held.length === 1 ? held[0] : Buffer.concat(held)
      let text: string
      try {
        text = decoder.decode(line)
      } catch {
        pass.line += 1
        throw fault(pass, next(pass), "A4", "the line is no UTF-8 text", "该行不是 UTF-8 文本")
      }
      yield text
      held = []
      size = 0
      start = end + 1
    }
    if (start < chunk.length) held.push(Uint8Array.from(chunk.subarray(start)))
    size += chunk.length - start
    if (size > exportLimits.lineBytes) throw tooLong()
  }
  if (size > 0) {
    pass.line += 1
    throw fault(pass, next(pass), "A4", "the last line is cut off", "最后一行不完整")
  }
}

/** The first record that is not known to be good. */
const next = (pass: Pass): number | undefined => (pass.header === undefined ? undefined : pass.number + 1)

const parsedLine = (pass: Pass, text: string): ExportLine => {
  const value = parseBounded(text, exportLimits)
  if (!value.ok) throw fault(pass, next(pass), "A6", value.en, value.zh)
  const line = value.value
  const kind = String(line.kind)
  if (!Object.hasOwn(shapes, kind) || !shaped(shapes[kind as ExportLine["kind"]])(line)) {
    throw fault(pass, next(pass), "A4", "it is no line of an export", "不是导出文件的行")
  }
  return line as unknown as ExportLine
}

/** A header first and once, nothing behind the footer, messages behind the record that names them. */
const checkPlace = (pass: Pass, { kind }: ExportLine): void => {
  if (pass.footer !== undefined) {
    throw fault(pass, next(pass), "A4", "there is a line behind the footer", "尾行之后还有内容")
  }
  if ((kind === "header") !== (pass.header === undefined)) {
    throw fault(pass, next(pass), "A4", "the header is not the first line", "首行不是文件头")
  }
  if (kind !== "message" && pass.owed.length > 0) {
    throw fault(pass, pass.number, "O5", "messages that the record names are missing", "缺少该记录所列的消息")
  }
}

const checkHeader = (pass: Pass, header: ExportHeader): void => {
  const { after, head } = header
  if (header.format !== exportFormat) {
    throw fault(pass, undefined, "S11", `its format is not ${exportFormat}`, `格式不是 ${exportFormat}`)
  }
  if (head.number < after.number || (after.number === 0) !== (after.hash === "0".repeat(64))) {
    throw fault(pass, undefined, "A3", "its head and its beginning do not fit", "文件头的起止位置不符")
  }
  pass.header = header
  pass.number = after.number
  pass.hash = after.hash
  pass.agreed = after.number
}

const checkRecord = (pass: Pass, record: ExportRecord): void => {
  const { number, entry, leaf, hash } = record
  const expected = pass.number + 1
  const wrong = (invariant: string, en: string, zh: string) => fault(pass, expected, invariant, en, zh)
  if (number !== expected) {
    throw wrong(
      "A3",
      `record ${number} stands where ${expected} belongs`,
      `应为第 ${expected} 条，却是第 ${number} 条`,
    )
  }
  if (leaf !== sha256(`yingshao/entry/1\n${entry}`)) {
    throw wrong("A3", "the leaf is not the hash of the entry", "叶子散列与记录内容不符")
  }
  if (hash !== sha256(`yingshao/journal/1\n${number}\n${pass.hash}\n${leaf}`)) {
    throw wrong("A3", "the hash does not continue the chain", "散列值没有接上散列链")
  }
  const trusted = pass.heads.get(number)
  if (trusted !== undefined && trusted !== hash) {
    throw fault(
      pass,
      pass.agreed + 1,
      "A5",
      `record ${number} is not the one of the head that was kept; up to ${pass.agreed} all agrees`,
      `第 ${number} 条与另行保存的首部不符；至第 ${pass.agreed} 条相符`,
    )
  }
  const { owed, why } = meaning(record)
  if (why !== undefined) throw wrong(why[0], why[1], why[2])
  if (trusted !== undefined) {
    pass.agreed = number
    pass.headsChecked += 1
  }
  pass.number = number
  pass.hash = hash
  pass.position = 0
  pass.owed = pass.header?.outbox === true ? owed : []
}

type Why = readonly [invariant: string, en: string, zh: string]

/** What the entry says of itself must be what stands beside it, outside the hash. */
const meaning = (record: ExportRecord): { readonly owed: string[]; readonly why?: Why } => {
  const parsed = parseBounded(record.entry, exportLimits)
  if (!parsed.ok) return { owed: [], why: ["A6", `the entry: ${parsed.en}`, `记录内容：${parsed.zh}`] }
  const { command, messages = [] } = parsed.value
  if (!isRecord(command) || !Array.isArray(messages) || !messages.every((id) => typeof id === "string")) {
    return { owed: [], why: ["S11", "the entry is none of this format", "记录内容不是本格式"] }
  }
  if (record.commandId !== `${command.by}:${command.id}`) {
    return { owed: [], why: ["I3", "the command id is not the one in the entry", "命令编号与记录内容不符"] }
  }
  const payload = canonicalText(command.payload)
  if (record.payloadDigest !== sha256(`yingshao/command/1\n${command.type}\n${command.role}\n${payload}`)) {
    return {
      owed: [],
      why: ["I2", "the payload's digest is not that of the entry", "命令内容的摘要与记录不符"],
    }
  }
  return { owed: [...(messages as readonly string[])] }
}

const checkMessage = (pass: Pass, message: ExportMessage): void => {
  const expected = pass.owed.shift()
  if (expected !== message.id || message.number !== pass.number || message.position !== pass.position) {
    throw fault(
      pass,
      pass.number,
      "O5",
      "it is not the message that the record names here",
      "不是该记录此处所列的消息",
    )
  }
  if ((message.status === "pending") !== (message.settledAt === undefined)) {
    throw fault(pass, pass.number, "O5", "its status and its time do not fit", "消息的状态与时间不符")
  }
  pass.position += 1
  pass.messages += 1
}

const checkFooter = async (pass: Pass, footer: ExportFooter): Promise<void> => {
  const { header } = pass
  if (header === undefined) return
  if (pass.number !== header.head.number || pass.hash !== header.head.hash) {
    throw fault(
      pass,
      pass.number + 1,
      "A4",
      `it ends at record ${pass.number}, its header says ${header.head.number}`,
      `止于第 ${pass.number} 条，文件头记为 ${header.head.number}`,
    )
  }
  if (footer.records !== pass.number - header.after.number || footer.messages !== pass.messages) {
    throw fault(pass, next(pass), "A4", "the footer counts other lines", "尾行的计数不符")
  }
  if (footer.sha256 !== pass.digest.copy().digest("hex")) {
    throw fault(pass, undefined, "A4", "the footer's digest is not that of the file", "尾行的摘要与文件不符")
  }
  const beyond = [...pass.heads.keys()].filter((number) => number > pass.number).sort((a, b) => a - b)[0]
  if (beyond !== undefined) {
    throw fault(
      pass,
      pass.number + 1,
      "A5",
      `it ends at record ${pass.number}, and a head of record ${beyond} was kept: the tail is cut off`,
      `止于第 ${pass.number} 条，而另存有第 ${beyond} 条的首部：尾部被截断`,
    )
  }
  await checkSignature(pass, header, footer)
  pass.footer = footer
}

const checkSignature = async (pass: Pass, header: ExportHeader, { signed }: ExportFooter): Promise<void> => {
  const { signer } = pass.trust
  if (signed === undefined && signer === undefined) return
  if (signed === undefined) {
    throw fault(pass, pass.agreed + 1, "A5", "its head is not signed", "首部没有签名")
  }
  const own =
    signed.programme === header.programme && signed.number === pass.number && signed.hash === pass.hash
  const good = signer === undefined ? true : await isGood(signer, signed)
  if (own && good) return
  throw fault(pass, pass.agreed + 1, "A5", "its head is not signed by this key", "首部不是由此密钥签名")
}

const isGood = async (
  signer: Pick<Signer, "alg" | "keyId" | "verify">,
  signed: SignedHead,
): Promise<boolean> =>
  signed.alg === signer.alg &&
  signed.keyId === signer.keyId &&
  (await signer.verify(headBytes(signed), Buffer.from(signed.signature, "base64url")))

const finished = (pass: Pass): VerifiedExport => {
  const { header, footer } = pass
  if (header === undefined || footer === undefined) {
    pass.line += 1
    throw fault(
      pass,
      next(pass),
      "A4",
      header === undefined ? "the file is empty" : `it ends after record ${pass.number}, without a footer`,
      header === undefined ? "文件是空的" : `止于第 ${pass.number} 条，没有尾行`,
    )
  }
  const { headsChecked, line, trust } = pass
  return { header, footer, lines: line, headsChecked, signatureChecked: trust.signer !== undefined }
}

type Fits = (value: unknown) => boolean

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
const isText: Fits = (value) => typeof value === "string"
const isCount: Fits = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const isHash: Fits = (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value)
const isInstant: Fits = (value) =>
  typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)
const isOneOf =
  (...values: readonly unknown[]): Fits =>
  (value) =>
    values.includes(value)
const optional =
  (fits: Fits): Fits =>
  (value) =>
    value === undefined || fits(value)
const shaped =
  (shape: Readonly<Record<string, Fits>>): Fits =>
  (value) =>
    isRecord(value) &&
    Object.keys(value).every((key) => Object.hasOwn(shape, key)) &&
    Object.entries(shape).every(([key, fits]) => fits(value[key]))
const isPlace = shaped({ number: isCount, hash: isHash })

/** Field by field what a line of each kind holds, and nothing else. */
const shapes: Readonly<Record<ExportLine["kind"], Readonly<Record<string, Fits>>>> = {
  header: {
    kind: isText,
    format: isText,
    programme: isText,
    after: isPlace,
    head: isPlace,
    outbox: isOneOf(true, false),
  },
  record: {
    kind: isText,
    number: isCount,
    commandId: isText,
    payloadDigest: isHash,
    entry: isText,
    leaf: isHash,
    hash: isHash,
  },
  message: {
    kind: isText,
    number: isCount,
    position: isCount,
    id: isText,
    topic: isText,
    orderingKey: isText,
    notBefore: isInstant,
    body: isText,
    status: isOneOf("pending", "delivered", "dead"),
    note: isText,
    settledAt: optional(isInstant),
  },
  footer: {
    kind: isText,
    records: isCount,
    messages: isCount,
    sha256: isHash,
    signed: optional(
      shaped({
        programme: isText,
        number: isCount,
        hash: isHash,
        at: isInstant,
        alg: isText,
        keyId: isText,
        signature: isText,
      }),
    ),
  },
}
