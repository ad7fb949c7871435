/**
 * Signed heads of a journal (A5): who keeps one outside the store sees a tail that was cut off or rewritten.
 *
 * What it does not do: it keeps no keys and no heads. A head that is kept beside the store proves nothing.
 */
import type { Signer } from "@yingshao/ports/signer"
import { type ChainPlace, headBytes, type SignedHead } from "./export-format.ts"

/**
 * @param at when it is signed, ISO 8601 UTC.
 * @throws SignerFailure
 */
export const signHead = async (
  signer: Signer,
  programme: string,
  { number, hash }: ChainPlace,
  at: string,
): Promise<SignedHead> => {
  const signature = await signer.sign(headBytes({ programme, number, hash, at }))
  const { alg, keyId } = signer
  return { programme, number, hash, at, alg, keyId, signature: Buffer.from(signature).toString("base64url") }
}

/** Is it this key's signature of exactly this head? @throws SignerFailure when that cannot be checked. */
export const isSignedHead = async (
  signer: Pick<Signer, "alg" | "keyId" | "verify">,
  head: SignedHead,
): Promise<boolean> =>
  head.alg === signer.alg &&
  head.keyId === signer.keyId &&
  signer.verify(headBytes(head), Buffer.from(head.signature, "base64url"))
