/**
 * A policy put to work on other days and in another zone than it was written for.
 *
 * The rules in force on one date decide everything, whatever the dates of the matter are, and civil dates
 * are those of the replay's zone. It has a digest of its own, so that no decision can be mistaken for one
 * of the county's; its canonical text holds the whole original and revives after a restart.
 */
import type { Policy } from "@yingshao/core/decisions"
import { digestOf } from "../random.ts"

export interface Dating {
  /** The date whose rules apply. */
  readonly policyDate: string
  readonly timeZone: string
}

export const datedPolicy = (original: Policy, { policyDate, timeZone }: Dating): Policy => {
  const canonical = JSON.stringify({ dated: { policyDate, timeZone }, original: original.canonical })
  const digest = digestOf(canonical)
  const dates = { accepted: policyDate, step: policyDate }
  return {
    ...original,
    digest,
    canonical,
    timeZone,
    // Older than any row of a replay: core reads it as “applies to all of them”.
    effectiveFrom: "1990-01-01",
    knows: (fact, value) => original.knows(fact, value),
    label: (key, language) => original.label(key, language),
    decide(decision, facts) {
      const outcome = original.decide(decision, facts, dates)
      return { ...outcome, because: { ...outcome.because, policy: digest } }
    },
    revive: (text) => revived(text, original.revive),
  }
}

/** A policy that revives dated texts as well as plain ones. */
export const revivingAll = (policy: Policy): Policy => ({
  ...policy,
  knows: (fact, value) => policy.knows(fact, value),
  label: (key, language) => policy.label(key, language),
  decide: (decision, facts, dates) => policy.decide(decision, facts, dates),
  revive: (text) => revived(text, policy.revive),
})

/** The policy of a stored canonical text, dated or plain. */
export const reviveText = async (text: string): Promise<Policy> => {
  const { revive } = await import("@yingshao/policy")
  return revivingAll(revived(text, revive))
}

// internal

const revived = (text: string, revive: (text: string) => Policy): Policy => {
  const value: unknown = JSON.parse(text)
  if (typeof value !== "object" || value === null || !("dated" in value) || !("original" in value))
    return revive(text)
  return datedPolicy(revive(String(value.original)), value.dated as Dating)
}
