/**
 * What must hold of an incident beside its reports.
 */
import { breachesOf, type Checked } from "../kernel/check.ts"
import { type Rule, read } from "../kernel/rule.ts"
import { findOpen, openObligations } from "../obligation/obligation.ts"
import { programmeStream } from "../programme/programme.ts"
import { holderOf, type IncidentState, type LiveIncident, routeUnits } from "./incident.ts"
import { firstClaimKey } from "./join.ts"

export function* checkIncident(state: IncidentState, id: string): Rule<Checked> {
  if (state.status === "none") return { breaches: [], claims: [] }
  const programme = yield* read("programme", programmeStream)
  const active = new Set(
    programme.units.filter(({ status }) => status !== "dissolved").map((unit) => unit.id as string),
  )
  const open = openObligations(state.obligations)
  const live = state.status !== "merged"
  let withheld = false
  let astray = false
  for (const { report } of state.reports) {
    const member = yield* read("report", report)
    withheld ||= member.status === "withheld" || (member.status === "closed" && state.route === undefined)
    astray ||= member.status === "none" || member.status === "new" || member.incident !== id
  }
  let unplaced = false
  for (const { order } of state.parts) {
    if (order === undefined) continue
    const placed = yield* read("order", order)
    unplaced ||= placed.status !== "placed" || placed.incident !== id
  }
  const holder = holderOf(state.claim)
  return {
    breaches: breachesOf(
      [
        "F2",
        open.every(({ owner }) => active.has(owner)),
        "应办事项的责任单位不存在或已撤销",
        "an obligation's owner is not an active unit",
      ],
      [
        "F3",
        open.every((owed) => owed.extensions > 0 || owed.due <= owed.originalDue),
        "未延期的期限变晚了",
        "a due time moved later without an extension",
      ],
      ["F1", !live || !astray, "事件里的信息不认这个事件", "a report of the incident belongs elsewhere"],
      ["F1", !live || state.reports.length > 0, "事件没有信息", "the incident has no report"],
      ["F1", owesHandling(state) || withheld, "未办结却不欠办结", "an unhandled incident owes no handling"],
      [
        "F7",
        state.status !== "handled" || partsDone(state),
        "有单位未办结",
        "handled although a part is not",
      ],
      ["F7", routed(state), "派发与状态不一致", "route, parts and status disagree"],
      ["I7", !unplaced, "派单没有登记在这个事件上", "an order of the incident is not on record for it"],
      [
        "L14",
        !live || holder === undefined || isMember(state, holder),
        "首报不在事件里",
        "the holder is not among the reports",
      ],
      [
        "L14",
        !live || earliestHolds(state),
        "首报不是最早受理的有效信息",
        "an earlier valid report does not hold the claim",
      ],
    ),
    claims: [{ key: firstClaimKey(id), holder: live ? holder : undefined }],
  }
}

// internal

const owesHandling = (state: LiveIncident): boolean => {
  const owed = findOpen(state.obligations, "handle") !== undefined
  return state.status === "open" || state.status === "handed-over" ? owed : !owed
}

const partsDone = (state: LiveIncident): boolean =>
  state.parts.every(({ status }) => status === "handled" || status === "returned")

/** A handed-over incident has a route whose units all have a part; none is named twice, so exactly one of them leads. */
const routed = (state: LiveIncident): boolean => {
  if (state.status === "open") return state.route === undefined
  if (state.status !== "handed-over") return true
  const { route } = state
  if (route === undefined || route.kind !== state.class) return route?.kind === "emergency"
  const units = routeUnits(route)
  return (
    new Set(units).size === units.length &&
    units.every((unit) => state.parts.some((part) => part.unit === unit))
  )
}

const isMember = (state: LiveIncident, holder: string): boolean =>
  state.reports.some(({ report }) => report === holder)

/** By acceptance, unless two people named the holder, or it was rewarded before the earlier one was seen. */
const earliestHolds = (state: LiveIncident): boolean => {
  const { claim } = state
  if (claim.status === "vacant") return state.reports.every(({ eligible }) => eligible !== "eligible")
  if (claim.status !== "held" || claim.how === "named") return true
  const holder = state.reports.find(({ report }) => report === claim.report)
  return (
    holder !== undefined &&
    holder.eligible === "eligible" &&
    state.reports.every((one) => one.eligible !== "eligible" || one.acceptedAt >= holder.acceptedAt)
  )
}
