/**
 * What a partner can say of an order (回执), and the ladder that its words climb.
 *
 * Files and messages arrive late, twice and out of order. So what a receipt proves is a rung, and an order
 * stands on the highest rung that was proved: an older one arriving late changes nothing. Transfers and
 * requests for more time stand beside the ladder; of several the latest by the partner's own time counts.
 *
 * What it does not do: the partner's times order its own words only. No due time depends on them (F10).
 */
import * as z from "zod"
import { instant } from "../kernel/time.ts"

/** received 签收, refused 退单, transferred 转办, started 办理中, extension-asked 延期, result 办结, withdrawn 撤回. */
export const receiptType = z.enum([
  "received",
  "refused",
  "transferred",
  "started",
  "extension-asked",
  "result",
  "withdrawn",
])
export type ReceiptType = z.infer<typeof receiptType>

/** Where an order stands by its partner's words, lowest first. `returned`: refused, or laid down later. */
export const standing = z.enum(["sent", "received", "started", "returned", "result"])
export type Standing = z.infer<typeof standing>

interface Rung {
  /** The order stands here at least. */
  readonly standing: Standing
  readonly does: "acknowledge" | "name-handler" | "ask" | "return" | "handle"
  /** A receipt without these is kept for a person. */
  readonly needs: readonly ("reason" | "to" | "result" | "minutes")[]
}

/** By type of receipt. Whoever passes on, or asks for time, has got the order. */
export const ladder: { readonly [type in ReceiptType]: Rung } = {
  received: { standing: "received", does: "acknowledge", needs: [] },
  transferred: { standing: "received", does: "name-handler", needs: ["to"] },
  "extension-asked": { standing: "received", does: "ask", needs: ["minutes", "reason"] },
  started: { standing: "started", does: "acknowledge", needs: [] },
  refused: { standing: "returned", does: "return", needs: ["reason"] },
  withdrawn: { standing: "returned", does: "return", needs: ["reason"] },
  result: { standing: "result", does: "handle", needs: ["result"] },
}

const name = z.string().regex(/^[A-Za-z0-9._:-]{1,100}$/, "1 to 100 letters, digits, . _ : and -")
const text = (most: number) => z.string().trim().min(1).max(most)

/** A receipt as it is kept: what the ladder needs, and nothing else that a partner may have written. */
export const receipt = z.strictObject({
  /** Unique within its source. */
  id: name,
  /** The partner's name, as the host knows it. */
  source: name,
  type: receiptType,
  /** Id of the order that it is about. */
  ref: name,
  partnerRef: text(200).optional(),
  /** When the partner says that it happened. */
  time: instant,
  /** Why it was returned, laid down, or needs more time. */
  reason: text(500).optional(),
  /** What was done, fit to be told to reporters: no names. */
  result: text(1000).optional(),
  /** Whose hands it is in within the partner's house. */
  to: text(100).optional(),
  /** How much more time is asked for, minutes on the obligation's own clock. */
  minutes: z.int().min(1).max(525_600).optional(),
  /** Whole persons; counts from the owner or the leading channel only. */
  residentsBenefited: z.int().min(0).max(1_000_000).optional(),
  /** What is wrong with it: then it has no effect, and a person looks at it. */
  problem: text(200).optional(),
})
export type Receipt = z.infer<typeof receipt>

/** SHA-256 over source and id, the first 40 hexadecimal digits: one for each receipt, whatever its words are. */
export const receiptKey = z.string().regex(/^[0-9a-f]{40}$/, "40 hexadecimal digits")

/** Why it can have no effect, or `undefined` when it is whole. */
export const lacking = (given: Receipt): string | undefined => {
  if (given.problem !== undefined) return given.problem
  const missing = ladder[given.type].needs.find((field) => given[field] === undefined)
  return missing === undefined ? undefined : `\`data.${missing}\` is missing`
}

/** The higher of two rungs. @example higher("started", "received") // => "started" */
export const higher = (a: Standing, b: Standing): Standing => (rungs[a] >= rungs[b] ? a : b)

/** Is this rung above that one? */
export const isAbove = (a: Standing, b: Standing): boolean => rungs[a] > rungs[b]

/** After these the partner has no part in it any more. */
export const hasEnded = (at: Standing): boolean => rungs[at] >= rungs.returned

// internal

const rungs: { readonly [at in Standing]: number } = {
  sent: 0,
  received: 1,
  started: 2,
  returned: 3,
  result: 4,
}
