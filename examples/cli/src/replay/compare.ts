/**
 * Compares the verdicts first or duplicate with what the agency wrote, after all verdicts are in.
 *
 * Measured, not tuned: nothing here reaches a decision.
 */
import type { Yingshao } from "@yingshao/engine"
import type { Duplicates } from "../read/summary.ts"
import type { AgencyVerdict } from "./export-file.ts"
import { handleOf } from "./replay-scenarios.ts"

export const compareDuplicates = async (
  { queries }: Yingshao,
  verdicts: readonly AgencyVerdict[],
): Promise<Duplicates> => {
  const later = new Set<string>()
  for await (const { state } of queries.readAll("report")) {
    if (
      state.status !== "none" &&
      state.status !== "new" &&
      state.rank === "later" &&
      state.original !== undefined
    ) {
      later.add(state.original)
    }
  }
  const counts = { agree: 0, missed: 0, extra: 0, outsideFile: 0 }
  for (const { key, duplicate, earlierNearby } of verdicts) {
    const ours = later.has(handleOf(key))
    if (duplicate && ours) counts.agree += 1
    else if (duplicate) counts[earlierNearby ? "missed" : "outsideFile"] += 1
    else if (ours) counts.extra += 1
  }
  return counts
}
