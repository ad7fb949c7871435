/**
 * Canonical JSON and its digest: equal models give equal bytes, whatever the order of keys.
 *
 * Arrays keep their order, because the order of values, levels and columns means something.
 */
import { createHash } from "node:crypto"
import type { PolicyModel } from "./model.ts"

/** JSON with sorted keys and without white space. */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(",")}}`
}

/** The canonical form of a policy. */
export const canonicalPolicy = (model: PolicyModel): string => canonicalJson(model)

/** SHA-256 in lower-case hex. */
export const digestOf = (canonical: string): string =>
  createHash("sha256").update(canonical, "utf8").digest("hex")
