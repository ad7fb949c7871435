/**
 * The other system of the demonstration: a neighbouring city that sends requests by Open311.
 */
import type { Policy } from "@yingshao/core/decisions"
import type { Yingshao } from "@yingshao/engine"
import { keyDigest, type Open311Options } from "../open311/mount-open311.ts"

/**
 * Appoints the partner, once, and says what it may see.
 *
 * @param key its secret.
 * @param publicUrl where it reaches this server.
 */
export const openTo = async (
  engine: Yingshao,
  policy: Policy,
  key: string,
  publicUrl: () => string,
): Promise<Open311Options> => {
  const answer = await engine.handle({
    type: "AppointStaff",
    id: "appoint-open311",
    by: { person: "p-admin", role: "programme-admin" },
    person: partner,
    role: "partner",
    scopes: [],
  })
  if (!answer.ok) throw new Error(`the partner is not appointed: ${answer.refusal.code}`)
  return {
    policy,
    partners: new Map([[keyDigest(key), { person: partner }]]),
    confidential: new Set(["hardship", "neighbours", "fraudLead"]),
    contact: "the county's social-work department",
    publicUrl,
  }
}

// internal

const partner = "p-open311"
