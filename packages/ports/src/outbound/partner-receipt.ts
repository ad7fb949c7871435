/**
 * Reads what a partner says of an order: a CloudEvents event, or our plain form, into a `PartnerReceipt`.
 *
 * Everything that comes in is refused by size and depth before it is parsed, and by field after it, with
 * a sentence that says which field and what would be right. What it does not do: it checks no signature,
 * and it does not know whether the order exists.
 */
import type { PartnerReceipt, ReceiptType } from "../dispatcher.ts"
import { applyMapping, type MappingTable } from "./mapping-table.ts"

/** Bytes of one receipt. */
export const maxReceiptBytes = 262_144

/** Levels of brackets in one receipt. */
export const maxReceiptDepth = 16

export type ReadReceipt =
  | { readonly ok: true; readonly receipt: PartnerReceipt }
  | { readonly ok: false; readonly problem: string }

/**
 * Reads one receipt.
 *
 * The event's `type` is `cn.yingshao.receipt.{type}.v1`, its `id` is unique within the partner, `data.ref` is
 * the id of our order; `data.partnerRef` and every other field of `data` are kept.
 *
 * @param source the partner's name as the host knows it: what the text claims about it does not count.
 * @param table turns the partner's own form into ours first. @throws RangeError for an unusable table.
 * @example readReceipt('{"id":"1","type":"cn.yingshao.receipt.received.v1","time":"2026-03-03T12:00:00+08:00","data":{"ref":"o-1"}}', "water")
 *   // => { ok: true, receipt: { id: "1", source: "water", type: "received", ref: "o-1", … } }
 */
export const readReceipt = (text: string, source: string, table?: MappingTable): ReadReceipt => {
  if (Buffer.byteLength(text) > maxReceiptBytes) return problem(`longer than ${maxReceiptBytes} bytes`)
  if (depthOf(text) > maxReceiptDepth) return problem(`nested deeper than ${maxReceiptDepth} levels`)
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return problem("not JSON")
  }
  if (table !== undefined) {
    const mapped = applyMapping(table, parsed)
    if (!mapped.ok)
      return problem(mapped.problems.map((one) => `\`${one.field}\` is ${one.problem}`).join("; "))
    parsed = mapped.value
  }
  const event = fieldsOf(parsed)
  const data = fieldsOf(event?.data)
  if (event === undefined || data === undefined) return problem("an object with an object `data` is expected")
  const type = receiptTypes.find(
    (one) => event.type === `cn.yingshao.receipt.${one}.v1` || event.type === one,
  )
  if (type === undefined) return problem(`\`type\` must be one of ${receiptTypes.join(", ")}`)
  if (!isId(event.id)) return problem("`id` must be 1 to 100 letters, digits, `.`, `_`, `:` or `-`")
  if (!isId(data.ref)) return problem("`data.ref` must be the id of our order")
  if (typeof event.time !== "string" || Number.isNaN(Date.parse(event.time))) {
    return problem("`time` must be an instant such as 2026-03-03T12:00:00+08:00")
  }
  if (data.partnerRef !== undefined && !isReference(data.partnerRef)) {
    return problem("`data.partnerRef` must be 1 to 200 characters")
  }
  return {
    ok: true,
    receipt: {
      id: event.id,
      source,
      type,
      ref: data.ref,
      ...(data.partnerRef === undefined ? {} : { partnerRef: data.partnerRef as string }),
      time: new Date(event.time).toISOString(),
      data,
    },
  }
}

// internal

const receiptTypes: readonly ReceiptType[] = [
  "received",
  "refused",
  "transferred",
  "started",
  "extension-asked",
  "result",
  "withdrawn",
]

const problem = (text: string): ReadReceipt => ({ ok: false, problem: text })

type Fields = Readonly<Record<string, unknown>>

/** Own fields only, so that `__proto__` in a text is a field like any other. */
const fieldsOf = (value: unknown): Fields | undefined => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
  return Object.assign(Object.create(null) as Record<string, unknown>, value)
}

const isId = (value: unknown): value is string =>
  typeof value === "string" && /^[A-Za-z0-9._:-]{1,100}$/.test(value)

const isReference = (value: unknown): value is string =>
  typeof value === "string" && value.length >= 1 && value.length <= 200

/** The deepest level of brackets outside of strings. */
const depthOf = (text: string): number => {
  let depth = 0
  let deepest = 0
  let quoted = false
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at]
    if (quoted) {
      if (sign === "\\") at += 1
      else if (sign === '"') quoted = false
    } else if (sign === '"') quoted = true
    else if (sign === "{" || sign === "[") {
      depth += 1
      if (depth > deepest) deepest = depth
    } else if (sign === "}" || sign === "]") depth -= 1
  }
  return deepest
}
