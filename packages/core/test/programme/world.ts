/** Worlds for tests of programme and participant commands: one that was just opened, and one before that. */
import { schedulerActor } from "@yingshao/core/kernel/roles"
import { addCalendarYear } from "@yingshao/core/programme/add-calendar-year"
import { adoptPolicy } from "@yingshao/core/programme/adopt-policy"
import { appointStaff } from "@yingshao/core/programme/appoint-staff"
import { dismissStaff } from "@yingshao/core/programme/dismiss-staff"
import { openProgramme } from "@yingshao/core/programme/open-programme"
import { registerUnit } from "@yingshao/core/programme/register-unit"
import { fixedPolicy, fixedUnits } from "../fixtures/fixed-policy.ts"
import { type AnyCommand, World } from "../fixtures/world.ts"

export const secondPolicy = fixedPolicy({ id: "NEXT", effectiveFrom: "2027-01-01" })

/** Knows two policies; each command moves the clock on by a second. */
export const emptyWorld = (): World =>
  new World({
    policies: [fixedPolicy(), secondPolicy],
    now: "2026-03-02T01:00:00.000Z",
    secondsPerCommand: 1,
  })

/** The first admin is `admin`. */
export const openWorld = (): World => {
  const world = emptyWorld()
  const opened = world.perform(openProgramme, ["admin", "programme-admin"], opening())
  if (!opened.ok) throw new Error(JSON.stringify(opened))
  return world
}

export const opening = () => {
  const { id, digest, canonical, effectiveFrom } = fixedPolicy()
  return {
    admin: "admin",
    policy: { id, digest, canonical, effectiveFrom },
    calendarYears: [{ year: 2026, holidays: ["2026-10-01"], makeUpWorkdays: ["2026-10-10"] }],
    units: [...fixedUnits],
  }
}

/** A policy as its command takes it. */
export const asPayload = ({ id, digest, canonical, effectiveFrom } = secondPolicy) => ({
  policy: { id, digest, canonical, effectiveFrom },
})

export const programmeCommands: readonly AnyCommand[] = [
  openProgramme,
  appointStaff,
  dismissStaff,
  adoptPolicy,
  addCalendarYear,
  registerUnit,
]

export const system = schedulerActor.person
