/** Rivals for one matter, one budget, one balance: what each must end in, on any store. */
import type { Storage } from "@yingshao/ports/storage"
import { expect } from "vitest"
import { fixedPolicy } from "../../core/test/fixtures/fixed-policy.ts"
import type { Answer } from "../src/handle.ts"
import type { Yingshao } from "../src/yingshao.ts"
import {
  codeOf,
  fire,
  give,
  idIn,
  lamp,
  must,
  openCounty,
  placeAt,
  readyToApprove,
  staffCounty,
  submission,
  type Wish,
  wish,
} from "./county.ts"
import { testClock } from "./open-small.ts"

/** What rivals for one matter ask for. */
export const answerOf = (report: string): Wish =>
  wish("AnswerWhistle", "duty", "duty-officer", { report, facts: fire })

type Numbers = NonNullable<Parameters<typeof fixedPolicy>[0]>["numbers"]

export const openRivals = async (
  storage: Storage,
  informants: readonly string[],
  numbers: Numbers = {},
): Promise<Yingshao> => {
  const county = await openCounty(storage, testClock(), { policy: fixedPolicy({ numbers }) })
  await staffCounty(county, informants)
  return county
}

/** Reports of one matter, `step` metres apart, accepted one after the other, answered by nobody yet. */
export const reportsAt = async (county: Yingshao, count: number, eastM = 0, step = 5, key = "rival") => {
  const reports: string[] = []
  for (let at = 0; at < count; at += 1) {
    const where = placeAt(eastM + at * step)
    reports.push(idIn(await must(county, `${key}-${at}`, submission(`${key}-${at}`, where)), "report"))
  }
  return reports
}

/** One holder, the others refused typed, all accepted and open (L14, L15). */
export const expectOneHolder = async (county: Yingshao, reports: readonly string[]): Promise<void> => {
  const incidents = new Set<string>()
  const ranks: string[] = []
  const refusedCodes: string[] = []
  for (const report of reports) {
    const { state } = await county.queries.state("report", report)
    if (state.status === "none" || state.status === "new") throw new Error(`${report} was not answered`)
    expect(state.status).toBe("open")
    incidents.add(state.incident ?? "none")
    ranks.push(state.rank)
    const codes = new Set<string>()
    for await (const { events } of county.queries.story("report", report)) {
      for (const { event } of events) if (event.type === "FirstReportRefused") codes.add(event.code)
    }
    refusedCodes.push(...codes)
  }
  expect(incidents.size).toBe(1)
  expect(ranks.filter((rank) => rank === "first")).toHaveLength(1)
  // Whoever held the claim and gave it to an earlier report was refused then.
  expect(refusedCodes).toEqual(Array.from({ length: reports.length - 1 }, () => "already-reported"))
  const [incident = ""] = incidents
  const { state } = await county.queries.state("incident", incident)
  if (state.status === "none") throw new Error("no incident")
  expect(state.claim).toMatchObject({ status: "held", report: state.reports[0]?.report })
}

const codes = async (asked: readonly Promise<Answer>[]): Promise<readonly string[]> =>
  (await Promise.all(asked)).map(codeOf)
const times = (n: number, code: string): readonly string[] => Array.from({ length: n }, () => code)

/** A budget for three of six awards, all asked for at once: exactly three fit (L21). */
export const expectBudgetHolds = async (storage: Storage): Promise<void> => {
  const people = Array.from({ length: 6 }, (_, at) => `earner-${at}`)
  const county = await openRivals(storage, people, { yearlyBudgetFen: 15_500 })
  const reports: string[] = []
  for (const [at, person] of people.entries()) {
    reports.push(await readyToApprove(county, person, person, { where: placeAt(at * 500) }))
  }
  const asked = reports.map((report, at) =>
    give(
      county,
      `approve-${at}`,
      wish("ApproveReward", "approver", "approver", { report, interest: "none" }),
    ),
  )
  expect([...(await codes(asked))].sort()).toEqual([...times(3, "accepted"), ...times(3, "cap-reached")])
  expect((await county.queries.state("budget", "2026")).state.committedFen).toBe(15_000)
  expect((await county.checkWorld()).findings).toEqual([])
}

/** An approval and a suspension at once: whoever was suspended first gets nothing (L11, S4). */
export const expectNoAwardToSuspended = async (storage: Storage): Promise<void> => {
  const people = Array.from({ length: 6 }, (_, at) => `suspect-${at}`)
  const county = await openRivals(storage, people)
  for (const [at, person] of people.entries()) {
    const report = await readyToApprove(county, person, person, { where: placeAt(at * 500) })
    const approve = () =>
      give(county, `a-${at}`, wish("ApproveReward", "approver", "approver", { report, interest: "none" }))
    const suspend = () =>
      give(
        county,
        `s-${at}`,
        wish("SuspendInformant", "admin", "programme-admin", { person, reason: "核查" }),
      )
    const both = at % 2 === 0 ? [approve(), suspend()] : [suspend(), approve()]
    expect(await codes(both)).toEqual(["accepted", "accepted"])
    let suspendedAt = Number.POSITIVE_INFINITY
    let awardedAt = Number.NEGATIVE_INFINITY
    for await (const { number, events } of county.queries.story("participant", person)) {
      if (events.some(({ event }) => event.type === "InformantSuspended")) suspendedAt = number
    }
    for await (const { number, events } of county.queries.story("reward", report)) {
      if (events.some(({ event }) => event.type === "AwardApproved")) awardedAt = number
    }
    expect(suspendedAt).toBeLessThan(Number.POSITIVE_INFINITY)
    expect(awardedAt).toBeLessThan(suspendedAt)
  }
  expect((await county.checkWorld()).findings).toEqual([])
}

/** Six redemptions at once of a balance for two, from a shelf of three: two (L4, L19). */
export const expectBalanceHolds = async (storage: Storage): Promise<void> => {
  const county = await openRivals(storage, ["saver"], { redeemFrom: 5, ordinaryPoints: 10 })
  const report = await readyToApprove(county, "earn", "saver", { facts: lamp })
  await must(county, "ok", wish("ApproveReward", "approver", "approver", { report, interest: "none" }))
  const entry = { nameZh: "毛巾", nameEn: "towel", points: 4 }
  for (const item of ["towel", "soap"]) {
    await must(county, `reg-${item}`, wish("RegisterItem", "admin", "programme-admin", { item, entry }))
    await must(county, `stock-${item}`, wish("StockItem", "admin", "programme-admin", { item, units: 3 }))
  }
  const asked = Array.from({ length: 6 }, (_, at) =>
    give(
      county,
      `hold-${at}`,
      wish("HoldRedemption", "saver", "reporter", { item: at % 2 === 0 ? "towel" : "soap" }),
    ),
  )
  expect([...(await codes(asked))].sort()).toEqual([
    ...times(2, "accepted"),
    ...times(4, "insufficient-points"),
  ])
  const { state } = await county.queries.state("account", "saver")
  expect(state.balances).toMatchObject({ spendable: 2, held: 8 })
  expect((await county.checkWorld()).findings).toEqual([])
}
