/** Opening a programme, its policies, calendar years and units, its staff. */
import type { Role } from "@yingshao/core/kernel/roles"
import { addCalendarYear } from "@yingshao/core/programme/add-calendar-year"
import { adoptPolicy } from "@yingshao/core/programme/adopt-policy"
import { appointStaff } from "@yingshao/core/programme/appoint-staff"
import { bookOf } from "@yingshao/core/programme/book"
import { dismissStaff } from "@yingshao/core/programme/dismiss-staff"
import { openProgramme } from "@yingshao/core/programme/open-programme"
import { programmeRefusals } from "@yingshao/core/programme/programme-refusals"
import { registerUnit } from "@yingshao/core/programme/register-unit"
import { holdsDuty, staffDefinition } from "@yingshao/core/programme/staff"
import { describe, expect, test } from "vitest"
import { fixedPolicy } from "../fixtures/fixed-policy.ts"
import { code } from "../participant/people.ts"
import { asPayload, emptyWorld, opening, openWorld, secondPolicy } from "./world.ts"

const admin = ["admin", "programme-admin"] as const

describe("OpenProgramme", () => {
  test("given nothing, when opened, then policy, year, units and the first admin are there", () => {
    const world = emptyWorld()
    const result = world.perform(openProgramme, ["whoever", "programme-admin"], opening())
    expect(result.ok && result.events.map(({ event }) => event.type)).toEqual([
      "PolicyAdopted",
      "CalendarYearAdded",
      ...opening().units.map(() => "UnitRegistered"),
      "StaffAppointed",
    ])
    expect(world.state("staff", "admin").appointments).toMatchObject([
      { role: "programme-admin", scopes: [] },
    ])
    expect(world.state("programme", "programme").units).toHaveLength(opening().units.length)
  })

  test("given an open programme, when opened again, then even its admin is refused", () => {
    const world = openWorld()
    expect(code(world.perform(openProgramme, admin, opening()))).toBe("already-open")
    expect(code(world.perform(openProgramme, ["stranger", "programme-admin"], opening()))).toBe(
      "not-permitted",
    )
  })

  test.each([
    ["duty-desk-needed", { units: [] }],
    ["unit-repeats", { units: [...opening().units, opening().units[0]] }],
    ["year-repeats", { calendarYears: [...opening().calendarYears, ...opening().calendarYears] }],
    ["not-a-person", { admin: "system-scheduler" }],
    ["date-outside-year", { calendarYears: [{ year: 2026, holidays: ["2027-01-01"], makeUpWorkdays: [] }] }],
    [
      "date-repeats",
      { calendarYears: [{ year: 2026, holidays: ["2026-10-10"], makeUpWorkdays: ["2026-10-10"] }] },
    ],
    [
      "make-up-day-not-weekend",
      { calendarYears: [{ year: 2026, holidays: [], makeUpWorkdays: ["2026-10-09"] }] },
    ],
  ])("refuses %s and stays closed", (expected, changed) => {
    const world = emptyWorld()
    expect(code(world.perform(openProgramme, admin, { ...opening(), ...changed }))).toBe(expected)
    expect(world.states.size).toBe(0)
  })
})

describe("AdoptPolicy", () => {
  test("C2 C4: another document applies from its date, what was accepted before stays under the first", () => {
    const world = openWorld()
    expect(world.perform(adoptPolicy, admin, asPayload()).ok).toBe(true)
    const policies = new Map([fixedPolicy(), secondPolicy].map((policy) => [policy.digest, policy]))
    const book = bookOf(world.state("programme", "programme"), policies)
    expect(book.policyOn("2026-12-31" as never).id).toBe("HS-XXY")
    expect(book.policyOn("2027-01-01" as never).id).toBe("NEXT")
  })

  test("the same digest again is refused, also after others were adopted", () => {
    const world = openWorld()
    world.perform(adoptPolicy, admin, asPayload())
    expect(code(world.perform(adoptPolicy, admin, asPayload()))).toBe("already-adopted")
    expect(code(world.perform(adoptPolicy, admin, asPayload(fixedPolicy())))).toBe("already-adopted")
  })

  test("a date before today is refused, today is not", () => {
    const world = openWorld()
    const early = fixedPolicy({ id: "EARLY", effectiveFrom: "2026-03-01" })
    const today = fixedPolicy({ id: "TODAY", effectiveFrom: "2026-03-02" })
    expect(code(world.perform(adoptPolicy, admin, asPayload(early)))).toBe("effective-too-early")
    // 02:00 on the 3rd in Guizhou is still the 2nd in Greenwich.
    world.at("2026-03-02T18:00:00.000Z")
    expect(code(world.perform(adoptPolicy, admin, asPayload(today)))).toBe("effective-too-early")
    world.at("2026-03-02T15:00:00.000Z")
    expect(world.perform(adoptPolicy, admin, asPayload(today)).ok).toBe(true)
  })

  test("a policy officer may, an auditor may not", () => {
    const world = openWorld()
    world.appoint("pam", "policy-officer")
    world.appoint("pam", "auditor")
    expect(code(world.perform(adoptPolicy, ["pam", "auditor"], asPayload()))).toBe("not-permitted")
    expect(world.perform(adoptPolicy, ["pam", "policy-officer"], asPayload()).ok).toBe(true)
  })
})

describe("AddCalendarYear", () => {
  const year = (holidays: readonly string[]) => ({
    year: { year: 2026, holidays, makeUpWorkdays: ["2026-10-10"] },
  })
  const replace = { reason: "notice corrected" }

  test("a new year is added, a known one needs a reason", () => {
    const world = openWorld()
    const next = { year: { year: 2027, holidays: ["2027-01-01"], makeUpWorkdays: [] } }
    expect(world.perform(addCalendarYear, admin, next).ok).toBe(true)
    expect(world.state("programme", "programme").calendarYears.map(({ year }) => year)).toEqual([2026, 2027])
    expect(code(world.perform(addCalendarYear, admin, next))).toBe("year-exists")
  })

  test("a correction changes future dates only", () => {
    const world = openWorld()
    const past = { ...year(["2026-10-01", "2026-03-02"]), replace }
    expect(code(world.perform(addCalendarYear, admin, past))).toBe("past-date-changed")
    const future = { ...year(["2026-10-01", "2026-03-03"]), replace }
    expect(world.perform(addCalendarYear, admin, future).ok).toBe(true)
    world.at("2026-10-01T01:00:00.000Z")
    expect(code(world.perform(addCalendarYear, admin, { ...year(["2026-03-03"]), replace }))).toBe(
      "past-date-changed",
    )
  })
})

describe("RegisterUnit", () => {
  test("an id is given once, also after its unit was dissolved", () => {
    const world = openWorld()
    const unit = { id: "water", kind: "department", nameZh: "水务局", nameEn: "water bureau" }
    expect(world.perform(registerUnit, admin, { unit }).ok).toBe(true)
    const at = "2026-03-02T02:00:00.000Z"
    world.append("programme", "programme", { type: "UnitDissolved", at, unit: "water", successor: "housing" })
    expect(code(world.perform(registerUnit, admin, { unit }))).toBe("unit-exists")
    expect(
      code(
        world.perform(appointStaff, admin, { person: "w", role: "department-officer", scopes: ["water"] }),
      ),
    ).toBe("scope-unknown")
  })
})

describe("AppointStaff and DismissStaff", () => {
  test.each<[string, Role, readonly string[], string | undefined]>([
    ["an officer of a department", "department-officer", ["housing"], undefined],
    ["an officer of a channel", "department-officer", ["police"], undefined],
    ["an officer of nothing", "department-officer", [], "scope-needed"],
    ["an officer of the duty desk", "department-officer", ["duty-desk"], "scope-unknown"],
    ["a duty officer of the only desk", "duty-officer", [], undefined],
    ["a duty officer of a department", "duty-officer", ["housing"], "scope-unknown"],
    ["a verifier of a level", "verifier", ["village", "county"], undefined],
    ["a verifier of the level that is none", "verifier", ["unverified"], "scope-unknown"],
    ["an approver of a band", "approver", ["small"], undefined],
    ["an approver of no band", "approver", [], "scope-needed"],
    ["a captain of a sector", "captain", ["sanitation"], undefined],
    ["a captain of all", "captain", [], undefined],
    ["a payer with a scope", "payer", ["small"], "scope-unknown"],
    [
      "an officer of too many",
      "department-officer",
      ["housing", "police", "civil-affairs", "community"],
      "scope-limit",
    ],
  ])("%s", (_, role, scopes, expected) => {
    const world = openWorld()
    expect(code(world.perform(appointStaff, admin, { person: "x", role, scopes }))).toBe(expected)
    expect(world.state("staff", "x").appointments).toHaveLength(expected === undefined ? 1 : 0)
  })

  test("a second appointment replaces the scopes; the same one again is refused", () => {
    const world = openWorld()
    world.appoint("v", "verifier", ["village"])
    world.appoint("v", "verifier", ["township", "county"])
    expect(world.state("staff", "v").appointments).toMatchObject([{ scopes: ["county", "township"] }])
    const again = { person: "v", role: "verifier", scopes: ["township", "county", "county"] }
    expect(code(world.perform(appointStaff, admin, again))).toBe("already-appointed")
  })

  test("Z3: a dismissal takes the right away at once and gives none", () => {
    const world = openWorld()
    world.appoint("pam", "policy-officer")
    const dismissal = { person: "pam", role: "policy-officer", reason: "left the office" }
    expect(world.perform(dismissStaff, admin, dismissal).ok).toBe(true)
    expect(code(world.perform(adoptPolicy, ["pam", "policy-officer"], asPayload()))).toBe("not-permitted")
    expect(code(world.perform(dismissStaff, admin, dismissal))).toBe("not-appointed")
  })

  test("the last admin stays; of two, one may go", () => {
    const world = openWorld()
    const leave = { person: "admin", role: "programme-admin", reason: "tired" }
    expect(code(world.perform(dismissStaff, admin, leave))).toBe("last-admin")
    world.appoint("second", "programme-admin")
    expect(world.perform(dismissStaff, admin, leave).ok).toBe(true)
    const last = { ...leave, person: "second" }
    expect(code(world.perform(dismissStaff, ["second", "programme-admin"], last))).toBe("last-admin")
  })

  test("F2: the index finds who holds a role and who serves a unit, within 16 entries", () => {
    const world = openWorld()
    const all: readonly [Role, readonly string[]][] = [
      ["captain", []],
      ["duty-officer", ["duty-desk"]],
      ["department-officer", ["housing", "police", "community"]],
      ["verifier", ["village"]],
      ["approver", ["small"]],
      ["payer", []],
      ["policy-officer", []],
      ["auditor", []],
      ["partner", ["police"]],
    ]
    for (const [role, scopes] of all) world.appoint("busy", role, scopes)
    const entries = staffDefinition.indexes(world.state("staff", "busy"))
    expect(entries.length).toBeLessThanOrEqual(16)
    expect(entries).toContainEqual({ index: "staff/unit", equals: "police", range: "department-officer" })
    expect(entries).toContainEqual({ index: "staff/role", equals: "captain", range: "" })
    expect(entries.filter(({ index }) => index === "staff/unit")).toHaveLength(4)
  })

  test("L11: officials hold a duty, captains and partners do not", () => {
    const world = openWorld()
    world.appoint("cap", "captain")
    world.appoint("cap", "partner")
    expect(holdsDuty(world.state("staff", "cap"))).toBe(false)
    world.appoint("cap", "auditor")
    expect(holdsDuty(world.state("staff", "cap"))).toBe(true)
  })
})

test("every refusal has a sentence in both languages, with the same placeholders", () => {
  const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()
  for (const { zh, en } of Object.values(programmeRefusals)) {
    expect(placeholders(zh)).toEqual(placeholders(en))
  }
})
