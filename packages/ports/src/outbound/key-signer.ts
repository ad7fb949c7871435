/**
 * Signers that hold their key themselves: HMAC-SHA256, HMAC-SM3 and Ed25519, all from Node.
 *
 * SM2 is not here: Node makes SM2 signatures that nobody else verifies. A county's signing server fulfils the
 * port for that. What it does not do: it reads no key from anywhere.
 */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from "node:crypto"
import { type Signer, signerContract } from "../signer.ts"

/**
 * A signer with a shared secret.
 *
 * @param key 32 to 1,024 bytes. @throws RangeError for a shorter or longer key.
 */
export const hmacSigner = (alg: "hmac-sha256" | "hmac-sm3", keyId: string, key: Uint8Array): Signer => {
  if (key.length < 32 || key.length > 1_024) throw new RangeError("an HMAC key is 32 to 1,024 bytes")
  const secret = Buffer.from(key)
  const digest = (bytes: Uint8Array): Buffer =>
    createHmac(alg === "hmac-sm3" ? "sm3" : "sha256", secret)
      .update(bytes)
      .digest()
  return {
    contract: signerContract,
    alg,
    keyId,
    sign: async (bytes) => digest(bytes),
    verify: async (bytes, signature) => {
      const wanted = digest(bytes)
      return wanted.length === signature.length && timingSafeEqual(wanted, signature)
    },
  }
}

/**
 * A signer with an Ed25519 key pair.
 *
 * @param pem a private key signs and verifies; a public key only verifies, and its `sign` throws.
 * @throws RangeError for a key of another kind; the message shows nothing of it.
 */
export const ed25519Signer = (keyId: string, pem: string): Signer => {
  const { secret, open } = keysOf(pem)
  return {
    contract: signerContract,
    alg: "ed25519",
    keyId,
    sign: async (bytes) => {
      if (secret === undefined) throw new RangeError("a public key signs nothing")
      return sign(null, bytes, secret)
    },
    verify: async (bytes, signature) => signature.length === 64 && verify(null, bytes, open, signature),
  }
}

// internal

const keysOf = (pem: string): { readonly secret: KeyObject | undefined; readonly open: KeyObject } => {
  try {
    const secret = pem.includes("PRIVATE KEY") ? createPrivateKey(pem) : undefined
    const open = createPublicKey(pem)
    if (open.asymmetricKeyType === "ed25519") return { secret, open }
  } catch {
    // Said below, without anything of the key.
  }
  throw new RangeError("an Ed25519 key in PEM is expected")
}
