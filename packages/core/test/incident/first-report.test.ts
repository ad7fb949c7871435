import { cellWidthM } from "@yingshao/core/incident/candidates"
import type { Instant } from "@yingshao/core/kernel/time"
import { distanceM } from "@yingshao/core/place/coordinate"
import { cellOf } from "@yingshao/core/place/grid"
import { describe, expect, test } from "vitest"
import { fixedPolicy } from "../fixtures/fixed-policy.ts"
import { adopt, answer, fire, incidentOf, must, refusedWith, submit, verifyAll } from "../fixtures/steps.ts"
import { idOf, photo, placeAt, staffedWorld, type World } from "../fixtures/world.ts"

const rankOf = (world: World, report: string) => {
  const state = world.state("report", report)
  return state.status === "none" || state.status === "new" ? "undecided" : state.rank
}
const minute = (n: number) => `2026-03-24T01:${String(n).padStart(2, "0")}:00.000Z` as Instant

describe("the claim to the first report", () => {
  test("L15 of eight rivals one holds the claim; the others are refused typed and still accepted", () => {
    const world = staffedWorld()
    const reports = Array.from({ length: 8 }, (_, at) => submit(world, `rider-${at}`, placeAt(at * 5)))
    const incidents = new Set(reports.map((report) => answer(world, report)))
    expect(incidents.size).toBe(1)
    expect(reports.map((report) => rankOf(world, report)).filter((rank) => rank === "first")).toHaveLength(1)
    const refused = world.events.filter(({ event }) => event.type === "FirstReportRefused")
    expect(refused).toHaveLength(7)
    expect(new Set(refused.map(({ event }) => "code" in event && event.code))).toEqual(
      new Set(["already-reported"]),
    )
    expect(reports.every((report) => world.state("report", report).status === "open")).toBe(true)
  })

  test("L15 rivals on both sides of a cell border find each other", () => {
    const world = staffedWorld()
    const cellAt = (eastM: number) => cellOf(placeAt(eastM).coordinate, cellWidthM(100))
    const border = Array.from({ length: 800 }, (_, at) => at).findIndex((at) => cellAt(at) !== cellAt(at - 1))
    const [west, east] = [placeAt(border - 10), placeAt(border + 10)]
    expect(cellAt(border - 10)).not.toBe(cellAt(border + 10))
    expect(distanceM(west.coordinate, east.coordinate)).toBeLessThan(25)
    const first = submit(world, "rider-1", west)
    const second = submit(world, "rider-2", east)
    expect(answer(world, second)).toBe(answer(world, first))
  })

  test("L14 the earlier accepted report takes the claim, although it was looked at later", () => {
    const world = staffedWorld()
    world.now = minute(1)
    const earlier = submit(world, "rider-1")
    world.now = minute(2)
    const later = submit(world, "rider-2")
    answer(world, later)
    expect(rankOf(world, later)).toBe("first")
    const incident = answer(world, earlier)
    expect(rankOf(world, earlier)).toBe("first")
    expect(rankOf(world, later)).toBe("later")
    expect(world.claims.get(`first/${incident}`)).toBe(earlier)
  })

  test("L11 a negative-listed report makes the matter known to nobody: the next valid one is first", () => {
    const world = staffedWorld()
    const listed = submit(world, "rider-1")
    answer(world, listed, fire, { negative: "not2" })
    expect(rankOf(world, listed)).toBe("later")
    const valid = submit(world, "rider-2")
    answer(world, valid)
    expect(rankOf(world, valid)).toBe("first")
  })

  test("L14 other kinds, other places and other days are other matters", () => {
    const world = staffedWorld()
    const one = answer(world, submit(world, "rider-1"))
    expect(answer(world, submit(world, "rider-2"), { ...fire, category: "collapse" })).not.toBe(one)
    expect(answer(world, submit(world, "rider-3", placeAt(150)))).not.toBe(one)
    world.now = "2026-03-26T01:00:00.000Z" as Instant
    expect(answer(world, submit(world, "rider-4"))).not.toBe(one)
  })

  test.each([
    [60, "the earlier one first"],
    [60, "the later one first"],
    [400, "the earlier one first"],
    [400, "the later one first"],
  ])(
    "L15 on the day on which the radius becomes %d m, reports of before and after find each other: %s is looked at",
    (radiusM, first) => {
      const world = staffedWorld()
      const next = fixedPolicy({ id: "HS-2", effectiveFrom: "2026-03-25", numbers: { radiusM } })
      adopt(world, next)
      world.now = "2026-03-24T15:50:00.000Z" as Instant
      const before = submit(world, "rider-1")
      world.now = "2026-03-24T16:10:00.000Z" as Instant
      const after = submit(world, "rider-2", placeAt(20))
      const [one, other] = first === "the earlier one first" ? [before, after] : [after, before]
      expect(answer(world, other)).toBe(answer(world, one))
      expect(rankOf(world, before)).toBe("first")
    },
  )

  test("L14 L15 a report of before the window became shorter still finds its incident, whatever opened beside it since", () => {
    const world = staffedWorld(fixedPolicy({ numbers: { windowMinutes: 7 * 1_440 } }))
    const next = fixedPolicy({ id: "HS-2", effectiveFrom: "2026-03-27", numbers: { windowMinutes: 1_440 } })
    adopt(world, next)
    const incident = answer(world, submit(world, "rider-1"))
    world.now = "2026-03-26T15:50:00.000Z" as Instant
    const before = submit(world, "rider-2")
    world.now = "2026-03-26T16:10:00.000Z" as Instant
    for (const eastM of [-120, 120])
      expect(answer(world, submit(world, "x", placeAt(eastM)))).not.toBe(incident)
    expect(answer(world, before)).toBe(incident)
    expect(rankOf(world, before)).toBe("later")
  })

  test("L17 a false holder loses the claim by two people, and nobody moves up", () => {
    const world = staffedWorld()
    const holder = submit(world, "rider-1")
    const other = submit(world, "rider-2")
    const incident = answer(world, holder)
    answer(world, other)
    const revoke = { incident, change: { kind: "revoke" }, reason: "现场没有火" }
    expect(refusedWith(world, "ProposeClaimChange", "verifier-county", "verifier", revoke)).toBe(
      "holder-not-false",
    )
    verifyAll(world, holder, "false")
    must(world, "ProposeClaimChange", "verifier-county", "verifier", revoke)
    expect(refusedWith(world, "ConfirmClaimChange", "verifier-county", "verifier", { incident })).toBe(
      "same-person",
    )
    must(world, "ConfirmClaimChange", "admin2", "programme-admin", { incident })
    expect(incidentOf(world, incident).claim).toEqual({ status: "revoked" })
    expect([holder, other].map((report) => rankOf(world, report))).toEqual(["later", "later"])
    expect(world.claims.has(`first/${incident}`)).toBe(false)
    const third = submit(world, "rider-3")
    answer(world, third)
    expect(rankOf(world, third)).toBe("later")

    must(world, "ProposeClaimChange", "verifier-county", "verifier", {
      incident,
      change: { kind: "name", report: other },
      reason: "次早报告属实",
    })
    must(world, "ConfirmClaimChange", "admin2", "programme-admin", { incident })
    expect(rankOf(world, other)).toBe("first")
    expect(world.claims.get(`first/${incident}`)).toBe(other)
  })

  test("L16 merging keeps the earlier holder and makes no award", () => {
    const world = staffedWorld()
    world.now = minute(1)
    const early = submit(world, "rider-1", placeAt(0))
    world.now = minute(2)
    const late = submit(world, "rider-2", placeAt(300))
    const into = answer(world, late)
    const from = answer(world, early)
    const awards = world.events.filter(({ kind }) => kind === "account").length
    must(world, "MergeIncidents", "duty", "duty-officer", { from, into, reason: "同一处火" })
    expect(incidentOf(world, from).status).toBe("merged")
    expect(rankOf(world, early)).toBe("first")
    expect(rankOf(world, late)).toBe("later")
    expect(world.claims.get(`first/${into}`)).toBe(early)
    expect(world.claims.has(`first/${from}`)).toBe(false)
    expect(world.events.filter(({ kind }) => kind === "account")).toHaveLength(awards)
  })

  test("L16 what comes out of a split has no holder", () => {
    const world = staffedWorld()
    const first = submit(world, "rider-1")
    const second = submit(world, "rider-2")
    const incident = answer(world, first)
    answer(world, second)
    expect(
      refusedWith(world, "SplitIncident", "duty", "duty-officer", {
        incident,
        reports: [first],
        reason: "两处",
      }),
    ).toBe("holder-stays")
    must(world, "SplitIncident", "duty", "duty-officer", { incident, reports: [second], reason: "两处" })
    const moved = world.state("report", second)
    if (moved.status === "none" || moved.status === "new" || moved.incident === undefined)
      throw new Error("gone")
    expect(moved.incident).not.toBe(incident)
    expect(incidentOf(world, moved.incident).claim).toEqual({ status: "revoked" })
  })

  test("intake: a hotline report may have words for a place and nobody's name", () => {
    const world = staffedWorld()
    const report = idOf(
      must(world, "SubmitReport", "duty", "duty-officer", {
        channel: "hotline",
        place: { words: "濛江街道环城路口" },
      }),
      "report",
    )
    expect(world.state("report", report)).toMatchObject({ status: "new", reporters: [] })
    expect(
      refusedWith(world, "SubmitReport", "zhang", "reporter", {
        channel: "app",
        reporters: ["zhang"],
        photos: [photo],
        place: { words: "路口" },
      }),
    ).toBe("accepted")
    expect(
      refusedWith(world, "SubmitReport", "zhang", "reporter", {
        channel: "app",
        reporters: ["zhang"],
        place: placeAt(),
      }),
    ).toBe("photo-needed")
  })
})
