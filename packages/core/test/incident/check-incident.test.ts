/** What the check of an incident finds, one planted fault at a time. */
import { checkIncident } from "@yingshao/core/incident/check-incident"
import type { IncidentState, LiveIncident } from "@yingshao/core/incident/incident"
import type { Breach } from "@yingshao/core/kernel/check"
import { runRule } from "@yingshao/core/kernel/run-rule"
import { describe, expect, test } from "vitest"
import { channels, idOf, incident, minute, owed, owner, part, report } from "./matters.ts"

/** Units as the programme has them: one was dissolved, one is closing. */
const units = [
  { id: "duty-desk", status: "active" },
  { id: "police", status: "active" },
  { id: "community", status: "closing" },
  { id: "housing", status: "active" },
  { id: "old-bureau", status: "dissolved" },
]
/** Reports about the incident, unless said otherwise. */
type Reports = { readonly [report: string]: object }
const checked = (state: IncidentState, reports: Reports = {}) =>
  runRule(checkIncident(state, "i-1"), (ask) => {
    if (ask.ask !== "state") throw new Error(`unexpected ${ask.ask}`)
    if (ask.kind === "programme") return { units }
    if (ask.kind !== "report") throw new Error(`unexpected ${ask.kind}`)
    return reports[ask.id] ?? { status: "open", incident: "i-1" }
  })
const said = (breaches: readonly Breach[]) => breaches.map(({ promise, en }) => `${promise} ${en}`)

const ownerGone = "F2 an obligation's owner is not an active unit"
const later = "F3 a due time moved later without an extension"
const astray = "F1 a report of the incident belongs elsewhere"
const empty = "F1 the incident has no report"
const unowed = "F1 an unhandled incident owes no handling"
const unfinished = "F7 handled although a part is not"
const misrouted = "F7 route, parts and status disagree"
const strange = "L14 the holder is not among the reports"
const early = "L14 an earlier valid report does not hold the claim"

const handed = incident({
  status: "handed-over",
  route: channels("police", "community"),
  parts: [part("police"), part("community")],
})
const handled = incident({
  status: "handled",
  route: channels("police"),
  parts: [part("police", "handled")],
  obligations: [owed({ status: "met", endedAt: minute(9) })],
})
const ordinary = incident({
  class: "ordinary",
  status: "handed-over",
  route: owner("housing"),
  parts: [part("housing")],
})
const held = (n: number, how: "first" | "earlier" | "named" = "first") =>
  ({ status: "held", report: idOf(n), how }) as const
const settled = (n: number) => ({ status: "settled", report: idOf(n) }) as const

const cases: readonly (readonly [string, LiveIncident, Reports, readonly string[]])[] = [
  ["an open one", incident(), {}, []],
  ["one handed over", handed, {}, []],
  ["one with an owner", ordinary, {}, []],
  ["one handled", handled, {}, []],
  [
    "a part that was returned",
    { ...handled, parts: [part("police", "handled"), part("opinion", "returned")] },
    {},
    [],
  ],
  ["an owner that is closing", incident({ obligations: [owed({ owner: "community" })] }), {}, []],
  [
    "an owner that was dissolved",
    incident({ obligations: [owed({ owner: "old-bureau" })] }),
    {},
    [ownerGone],
  ],
  ["an owner that never was", incident({ obligations: [owed({ owner: "nobody" })] }), {}, [ownerGone]],
  [
    "one of two owners that never was",
    incident({ obligations: [owed(), owed({ id: "i-1:ack", kind: "acknowledge", owner: "nobody" })] }),
    {},
    [ownerGone],
  ],
  [
    "a due time moved later",
    incident({ obligations: [owed({ due: "2026-03-26T01:00:00.000Z" })] }),
    {},
    [later],
  ],
  [
    "a due time moved later by an extension",
    incident({ obligations: [owed({ due: "2026-03-26T01:00:00.000Z", extensions: 1 })] }),
    {},
    [],
  ],
  [
    "a due time moved earlier",
    incident({ obligations: [owed({ due: "2026-03-24T02:00:00.000Z" })] }),
    {},
    [],
  ],
  ["a report of another incident", incident(), { "r-2": { status: "open", incident: "i-2" } }, [astray]],
  ["a report that never was", incident(), { "r-1": { status: "none", incident: "i-1" } }, [astray]],
  ["a report that nobody looked at", incident(), { "r-2": { status: "new", incident: "i-1" } }, [astray]],
  [
    "two reports of which the first is astray",
    incident(),
    { "r-1": { status: "open", incident: "i-9" } },
    [astray],
  ],
  ["no report at all", incident({ reports: [], claim: { status: "vacant" } }), {}, [empty]],
  ["no handling owed", incident({ obligations: [] }), {}, [unowed]],
  ["no handling owed after the hand-over", { ...handed, obligations: [] }, {}, [unowed]],
  [
    "no handling owed, for it was withheld",
    incident({ obligations: [] }),
    { "r-1": { status: "withheld", incident: "i-1" } },
    [],
  ],
  [
    "no handling owed, for it was withheld and closed",
    incident({ obligations: [] }),
    { "r-2": { status: "closed", incident: "i-1" } },
    [],
  ],
  [
    "no handling owed, closed although it was handed over",
    { ...handed, obligations: [] },
    { "r-2": { status: "closed", incident: "i-1" } },
    [unowed],
  ],
  ["handling owed although it is handled", { ...handled, obligations: [owed()] }, {}, [unowed]],
  [
    "handled although a part is not",
    { ...handled, parts: [part("police", "acknowledged")] },
    {},
    [unfinished],
  ],
  [
    "handled although one of two parts is not",
    { ...handled, parts: [part("police", "handled"), part("community")] },
    {},
    [unfinished],
  ],
  ["open with a route", incident({ route: channels("police") }), {}, [misrouted]],
  ["handed over without a route", { ...handed, route: undefined }, {}, [misrouted]],
  ["an ordinary route for an emergency", { ...ordinary, class: "emergency" }, {}, [misrouted]],
  ["an emergency's route for a matter that was calmed", { ...handed, class: "ordinary" }, {}, []],
  ["one unit twice", { ...handed, route: channels("police", "police") }, {}, [misrouted]],
  [
    "one that joins twice",
    { ...handed, route: channels("police", "community", "community") },
    {},
    [misrouted],
  ],
  ["a unit without a part", { ...handed, parts: [part("police")] }, {}, [misrouted]],
  ["a holder that is not among the reports", incident({ claim: settled(7) }), {}, [strange]],
  ["a holder by acceptance that is not", incident({ claim: held(7) }), {}, [strange, early]],
  ["an earlier report that does not hold", incident({ claim: held(2) }), {}, [early]],
  ["an earlier one, but two people named the holder", incident({ claim: held(2, "named") }), {}, []],
  ["an earlier one, but the holder was rewarded", incident({ claim: settled(2) }), {}, []],
  [
    "an earlier one that is not valid",
    incident({ claim: held(2), reports: [report(1, "negative-listed"), report(2)] }),
    {},
    [],
  ],
  [
    "a holder that is not valid",
    incident({ claim: held(1), reports: [report(1, "negative-listed"), report(2)] }),
    {},
    [early],
  ],
  [
    "accepted at the same instant",
    incident({ claim: held(2), reports: [{ ...report(1), acceptedAt: minute(2) }, report(2)] }),
    {},
    [],
  ],
  ["valid reports and nobody holds", incident({ claim: { status: "vacant" } }), {}, [early]],
  [
    "no valid report and nobody holds",
    incident({ claim: { status: "vacant" }, reports: [report(1, "negative-listed")] }),
    {},
    [],
  ],
  ["revoked", incident({ claim: { status: "revoked" } }), {}, []],
]

describe("F1 F2 F3 F7 L14 the check of an incident", () => {
  test.each(cases)("%s", (_name, state, reports, expected) => {
    const { breaches } = checked(state, reports)
    expect(said(breaches)).toEqual(expected)
    for (const { zh } of breaches) expect(zh).toMatch(/\p{Script=Han}/u)
  })

  test("L14 the holder has the key, rewarded or not, and after a merge nobody has", () => {
    const key = "first/i-1"
    expect(checked(incident()).claims).toEqual([{ key, holder: "r-1" }])
    expect(checked(incident({ claim: settled(1) })).claims).toEqual([{ key, holder: "r-1" }])
    expect(checked(incident({ claim: { status: "revoked" } })).claims).toEqual([{ key, holder: undefined }])
    const merged = incident({ status: "merged", reports: [], obligations: [] })
    expect(checked(merged)).toEqual({ breaches: [], claims: [{ key, holder: undefined }] })
    expect(
      said(
        checked({ ...merged, reports: [report(1)] }, { "r-1": { status: "open", incident: "i-2" } }).breaches,
      ),
    ).toEqual([])
    expect(checked({ status: "none" })).toEqual({ breaches: [], claims: [] })
  })
})
