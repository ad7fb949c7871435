/** Signers of the port, against vectors of their standards. */
import { describe, expect, it } from "vitest"
import { ed25519Signer, hmacSigner } from "../src/outbound/key-signer.ts"

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

describe("signers", () => {
  it("HMAC-SHA256 as RFC 4231 has it, with a key of 131 bytes", async () => {
    const signer = hmacSigner("hmac-sha256", "k", Buffer.alloc(131, 0xaa))
    const text = Buffer.from("Test Using Larger Than Block-Size Key - Hash Key First")
    expect(hex(await signer.sign(text))).toBe(
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    )
  })

  it("Ed25519 as RFC 8032 has it, test 2", async () => {
    const seed = Buffer.from("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "hex")
    const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed])
    const pem = `-----BEGIN PRIVATE KEY-----\n${der.toString("base64")}\n-----END PRIVATE KEY-----\n`
    const signature = await ed25519Signer("k", pem).sign(Buffer.from("72", "hex"))
    expect(hex(signature)).toBe(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    )
  })

  it("HMAC-SM3 verifies its own and no changed text, key or length", async () => {
    const signer = hmacSigner("hmac-sm3", "k", Buffer.alloc(32, 1))
    const signature = await signer.sign(Buffer.from("惠水"))
    expect(signature).toHaveLength(32)
    expect(await signer.verify(Buffer.from("惠水"), signature)).toBe(true)
    expect(await signer.verify(Buffer.from("惠水县"), signature)).toBe(false)
    expect(await signer.verify(Buffer.from("惠水"), signature.subarray(1))).toBe(false)
    const other = hmacSigner("hmac-sm3", "k", Buffer.alloc(32, 2))
    expect(await other.verify(Buffer.from("惠水"), signature)).toBe(false)
  })

  it("refuses keys of another kind and shows nothing of them", () => {
    expect(() => hmacSigner("hmac-sha256", "k", Buffer.from("short"))).toThrow(/32 to 1,024/)
    expect(() => ed25519Signer("k", "secret words")).toThrow(/^an Ed25519 key in PEM is expected$/)
  })
})
