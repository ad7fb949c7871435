/**
 * OpenProgramme: the first command of a county's deployment.
 *
 * It adopts the first policy, registers units and calendar years and appoints the first programme admin,
 * all in one commit. Whoever opens acts as programme admin; this is the only command that needs no
 * appointment, and only while the programme does not exist. The first policy may apply from a past date.
 *
 * Refuses: `already-open`, `duty-desk-needed`, `unit-repeats`, `year-repeats`, `not-a-person`, and what
 * `checkCalendarYear` refuses.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { personId } from "../kernel/ids.ts"
import { type Refused, refuse } from "../kernel/refusal.ts"
import { schedulerActor } from "../kernel/roles.ts"
import { type Context, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { adoptablePolicy } from "./adopt-policy.ts"
import { openingCommand } from "./authorize.ts"
import { checkCalendarYear } from "./check-calendar-year.ts"
import { calendarYear, programmeStream, unit, unitCap, yearCap } from "./programme.ts"
import { appointed } from "./programme-notices.ts"

const payload = z.strictObject({
  admin: personId,
  policy: adoptablePolicy,
  calendarYears: z.array(calendarYear).max(yearCap),
  units: z.array(unit).max(unitCap),
})
export type OpenProgramme = z.output<typeof payload>

export const openProgramme = command({
  type: openingCommand,
  roles: ["programme-admin"],
  payload,
  queue: () => `programme/${programmeStream}`,
  decide,
})

function* decide(opening: OpenProgramme, { at, by }: Context): Rule<Outcome> {
  const programme = yield* read("programme", programmeStream)
  if (programme.policies.length > 0) return refuse("already-open")
  yield* read("staff", opening.admin)
  const refused = misses(opening)
  if (refused !== undefined) return refused
  const { admin, policy, calendarYears, units } = opening
  return happen({
    events: [
      on("programme", programmeStream, { type: "PolicyAdopted", at, ...policy }),
      ...calendarYears.map((year) =>
        on("programme", programmeStream, { type: "CalendarYearAdded", at, year }),
      ),
      ...units.map((each) => on("programme", programmeStream, { type: "UnitRegistered", at, unit: each })),
      on("staff", admin, {
        type: "StaffAppointed",
        at,
        by: by.person,
        role: "programme-admin",
        scopes: [],
      }),
    ],
    notices: [appointed(admin, "programme-admin")],
  })
}

// internal

const misses = ({ admin, units, calendarYears }: OpenProgramme): Refused | undefined => {
  if (admin === schedulerActor.person) return refuse("not-a-person")
  if (!units.some(({ kind }) => kind === "duty-desk")) return refuse("duty-desk-needed")
  const unitTwice = repeated(units.map(({ id }) => id))
  if (unitTwice !== undefined) return refuse("unit-repeats", { unit: unitTwice })
  const yearTwice = repeated(calendarYears.map(({ year }) => year))
  if (yearTwice !== undefined) return refuse("year-repeats", { year: yearTwice })
  return calendarYears.map(checkCalendarYear).find((refused) => refused !== undefined)
}

const repeated = <T>(values: readonly T[]): T | undefined =>
  values.find((value, at) => values.indexOf(value) !== at)
