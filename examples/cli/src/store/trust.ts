/**
 * What a person knows of a journal from elsewhere: the public key its heads are signed with, heads that were
 * kept.
 */
import { ed25519Signer } from "@yingshao/engine/ed25519-signer"
import { isExportFault } from "@yingshao/engine/export-fault"
import type { Trust } from "@yingshao/engine/verify-export"
import type { Signer } from "@yingshao/ports/signer"
import * as z from "zod"
import { CliFailure } from "../terminal/failure.ts"
import { shortText } from "./plain-file.ts"

export interface TrustOptions {
  /** File of an Ed25519 public key, PEM. */
  readonly key?: string | undefined
  /** File of heads, one JSON object a line with `number` and `hash`. */
  readonly heads?: string | undefined
}

export const trustOf = ({ key, heads }: TrustOptions): Trust => ({
  ...(key === undefined ? {} : { signer: signerOf(key) }),
  ...(heads === undefined ? {} : { heads: shortText(heads).trim().split("\n").map(headOf(heads)) }),
})

/** @param file of an Ed25519 key, PEM: private to sign, public to verify. */
export const signerOf = (file: string): Signer => {
  try {
    return ed25519Signer(shortText(file))
  } catch (error) {
    if (error instanceof CliFailure) throw error
    throw new CliFailure(2, `${file} 不是 Ed25519 密钥(PEM)`, `${file} is no Ed25519 key in PEM`)
  }
}

/** A fault of an export as a sentence with file and line. Other errors go on as they are. */
export const namingFile = async <A>(file: string, work: () => Promise<A>): Promise<A> => {
  try {
    return await work()
  } catch (error) {
    if (!isExportFault(error)) throw error
    const { line, number, invariant, zh, en } = error
    throw new CliFailure(
      1,
      `${file}:${line}: ${zh}${number === undefined ? "" : `;从第 ${number} 条起不可信`}(${invariant})`,
      `${file}:${line}: ${en}${number === undefined ? "" : `; from record ${number} on nothing is to be trusted`} (${invariant})`,
    )
  }
}

// internal

const head = z.object({ number: z.int().min(1), hash: z.string().regex(/^[0-9a-f]{64}$/) })

const headOf = (file: string) => (line: string, at: number) => {
  try {
    return head.parse(JSON.parse(line))
  } catch {
    throw new CliFailure(2, `${file}:${at + 1}: 不是首部`, `${file}:${at + 1}: it is no head`)
  }
}
