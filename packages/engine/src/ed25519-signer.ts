/**
 * A signer with an Ed25519 key that the host holds in this process.
 *
 * What it does not do: it reads no files and keeps no key on disk. Where the key must not leave a device or a
 * signing server, the host gives a signer of its own.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto"
import { type Signer, signerContract, signerFailure } from "@yingshao/ports/signer"

/**
 * @param pem an Ed25519 key in PEM: a private key signs and verifies, a public key only verifies.
 * @returns a signer whose `keyId` is the first 16 hex digits of the SHA-256 of the public key (SPKI, DER).
 * @throws SignerFailure `key-unavailable` for anything that is no Ed25519 key.
 */
export const ed25519Signer = (pem: string): Signer => {
  const { secret, open } = keysOf(pem)
  const der = open.export({ type: "spki", format: "der" })
  return {
    contract: signerContract,
    alg: "ed25519",
    keyId: createHash("sha256").update(der).digest("hex").slice(0, 16),
    async sign(bytes) {
      if (secret === undefined) throw signerFailure("key-unavailable", "a public key cannot sign")
      return sign(null, bytes, secret)
    },
    verify: async (bytes, signature) => verify(null, bytes, open, signature),
  }
}

// internal

const keysOf = (pem: string): { readonly secret: KeyObject | undefined; readonly open: KeyObject } => {
  try {
    const secret = pem.includes("PRIVATE KEY") ? createPrivateKey(pem) : undefined
    const open = createPublicKey(secret ?? pem)
    if (open.asymmetricKeyType === "ed25519") return { secret, open }
  } catch (cause) {
    throw signerFailure("key-unavailable", "this is no Ed25519 key in PEM", cause)
  }
  throw signerFailure("key-unavailable", "this key is not for Ed25519")
}
