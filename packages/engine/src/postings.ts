/**
 * Whether a posting inside an event balances: each posting sums to zero and holds whole amounts (L1, L2).
 *
 * A posting stands in the event's field `posting`: one unit and lines of an account and an amount.
 */
import * as z from "zod"

export interface PostingFault {
  readonly en: string
  readonly zh: string
}

/** @returns undefined for an event without a posting, and for one that balances. */
export const postingFault = (event: unknown): PostingFault | undefined => {
  if (typeof event !== "object" || event === null || !("posting" in event) || event.posting === undefined) {
    return undefined
  }
  const parsed = posting.safeParse(event.posting)
  if (!parsed.success) return { en: "a posting is no list of whole amounts", zh: "分录不是整数金额的列表" }
  const sum = parsed.data.entries.reduce((total, { amount }) => total + amount, 0)
  return sum === 0
    ? undefined
    : { en: `a posting sums to ${sum} instead of 0`, zh: `分录合计为 ${sum}，应为 0` }
}

// internal

const posting = z.object({
  unit: z.string(),
  entries: z.array(z.object({ account: z.string(), amount: z.int() })).min(2),
})
