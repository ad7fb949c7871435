/**
 * Whoever can owe something in the fictional county: the duty desk, the five channels, the departments that
 * the policy hands ordinary matters to.
 */
import { channels, type Policy } from "@yingshao/core/decisions"
import { type UnitId, unitId } from "@yingshao/core/kernel/ids"

export interface CountyUnit {
  readonly id: UnitId
  readonly kind: "duty-desk" | "department" | "channel"
  readonly nameZh: string
  readonly nameEn: string
}

export const unitsOf = (policy: Policy): readonly CountyUnit[] => {
  const desk = {
    id: unitId.parse("duty-desk"),
    kind: "duty-desk",
    nameZh: "应哨值班室",
    nameEn: "duty desk",
  } as const
  return [
    desk,
    ...channels.map((id) => named(policy, id, "channel")),
    ...ownersOf(policy).map((id) => named(policy, id, "department")),
  ]
}

// internal

const named = (policy: Policy, id: string, kind: CountyUnit["kind"]): CountyUnit => ({
  id: unitId.parse(id),
  kind,
  nameZh: policy.label(id, "zh"),
  nameEn: policy.label(id, "en"),
})

const ownersOf = (policy: Policy): readonly string[] => {
  const dates = { accepted: policy.effectiveFrom, step: policy.effectiveFrom }
  const owners = policy.categories.flatMap((category) => {
    const answer = policy.decide("routing", { category, currentClass: "ordinary", trigger: "none" }, dates)
    return answer.status === "decided" ? [answer.conclusions.owner] : []
  })
  const known: readonly string[] = ["duty-desk", ...channels]
  return [...new Set(owners)].filter((id) => !known.includes(id))
}
