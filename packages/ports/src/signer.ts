/**
 * The signer port, `sign/1`: signs bytes, and checks signatures, with one key.
 *
 * Used for journal heads that leave the database, for envelopes to partners, and for what they send. An
 * adapter may hold the key itself (hmac-sha256, ed25519, hmac-sm3) or ask a county's signing server (sm2).
 *
 * What it does not do: it never shows a secret, and it does not check time windows: the caller puts the
 * instant into the bytes and compares it.
 */

export const signerContract = "sign/1"

export type SignatureAlgorithm = "hmac-sha256" | "ed25519" | "hmac-sm3" | "sm2"

export interface Signer {
  readonly contract: typeof signerContract
  readonly alg: SignatureAlgorithm
  /** Tells keys apart while one replaces another. Not secret. */
  readonly keyId: string
  /** @throws SignerFailure */
  sign(bytes: Uint8Array): Promise<Uint8Array>
  /**
   * False for a wrong or malformed signature; compares in constant time.
   *
   * @throws SignerFailure only when it could not be checked at all.
   */
  verify(bytes: Uint8Array, signature: Uint8Array): Promise<boolean>
}

export interface SignerFailure extends Error {
  readonly _tag: "SignerFailure"
  readonly reason: "unavailable" | "key-unavailable"
}

/** Makes a `SignerFailure`. `_tag` is compared, never the class. */
export const signerFailure = (
  reason: SignerFailure["reason"],
  message: string,
  cause?: unknown,
): SignerFailure =>
  Object.assign(new Error(message, cause === undefined ? undefined : { cause }), {
    _tag: "SignerFailure" as const,
    reason,
  })

export const isSignerFailure = (error: unknown): error is SignerFailure =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "SignerFailure"
