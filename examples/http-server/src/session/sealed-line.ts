/**
 * Names for lines of the cashier's list that say nothing of the report behind them (P10): what a line is about,
 * sealed for one person under a key that this process alone has.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto"

/** The same line always has the same name, for one person, until the server starts again. */
export const sealedLine = (person: string, about: string): string => {
  const nonce = createHmac("sha256", key).update(`${person}\n${about}`).digest().subarray(0, nonceBytes)
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(person))
  const sealed = Buffer.concat([cipher.update(about, "utf8"), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64url")
}

/** What a line is about; `undefined` for what is none, or somebody else's. */
export const openLine = (person: string, line: string): string | undefined => {
  const bytes = Buffer.from(line, "base64url")
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, nonceBytes))
    decipher.setAAD(Buffer.from(person)).setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]).toString(
      "utf8",
    )
  } catch {
    return undefined
  }
}

// internal

const key = randomBytes(32)
const nonceBytes = 12
const tagBytes = 16
