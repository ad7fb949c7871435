/**
 * RegisterUnit: a department, a channel's desk or another duty desk joins the programme.
 *
 * The id of a dissolved unit is never given again: old obligations still name it.
 *
 * Refuses: `unit-exists`, `limit-reached`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { refuse } from "../kernel/refusal.ts"
import { type Context, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { programmeStream, unit, unitCap } from "./programme.ts"

const payload = z.strictObject({ unit })
export type RegisterUnit = z.output<typeof payload>

export const registerUnit = command({
  type: "RegisterUnit",
  roles: ["programme-admin"],
  payload,
  queue: () => `programme/${programmeStream}`,
  decide,
})

function* decide(payload: RegisterUnit, { at }: Context): Rule<Outcome> {
  const { units } = yield* read("programme", programmeStream)
  if (units.some(({ id }) => id === payload.unit.id)) return refuse("unit-exists", { unit: payload.unit.id })
  if (units.length >= unitCap) return refuse("limit-reached", { limit: unitCap })
  return happen({
    events: [on("programme", programmeStream, { type: "UnitRegistered", at, unit: payload.unit })],
  })
}
