/**
 * Reading matters: one's own reports, files, incidents, boards, rewards and accounts.
 */
import { incidentId, personId, reportId, unitId } from "@yingshao/core/kernel/ids"
import { isReporter, type ReportState } from "@yingshao/core/report/report"
import type { RewardState } from "@yingshao/core/reward/reward"
import type { Yingshao } from "@yingshao/engine"
import * as z from "zod"
import { notFound, notYours } from "../web/failure.ts"
import { findNumber, numberPattern } from "./find-number.ts"
import { type Operation, operation, type Reply } from "./operation.ts"
import { asPage, paged, pageOf, pageRequest } from "./pages.ts"
import { fileRoles, holdsAny, incidentShown, seenIncident, seenReport, unitsOf } from "./rights.ts"
import {
  accountView,
  incidentView,
  owedView,
  ownRewardView,
  participantView,
  reportFull,
  reportOwn,
  reportView,
  rewardView,
} from "./views.ts"

const etagHeader = { ETag: "changes with the case; send it back as If-None-Match" }

export const reportOperations = (): readonly Operation[] => [
  operation({
    id: "myReports",
    method: "get",
    path: "/my/reports",
    tag: "reports",
    summary: "My reports, newest first",
    access: "signed-in",
    query: paged,
    answer: pageOf(reportOwn),
    run: async ({ engine, caller, query }) => {
      const equals = caller().person
      const page = await engine.queries.page({
        index: "reports/by",
        equals,
        order: "descending",
        ...pageRequest(query),
      })
      const rows = page.rows.flatMap(({ id, version, state }) =>
        isLiveReport(state) ? [{ ...state, report: id, version }] : [],
      )
      return { body: asPage(page, rows) }
    },
  }),
  operation({
    id: "reports",
    method: "get",
    path: "/reports",
    tag: "reports",
    summary: "Reports of a status, oldest first",
    access: fileRoles,
    query: paged.extend({ status: z.enum(["new", "open", "withheld", "closed"]) }),
    answer: pageOf(reportFull),
    run: async ({ engine, query }) => {
      const page = await engine.queries.page({
        index: "reports/status",
        equals: query.status,
        ...pageRequest(query),
      })
      const rows = page.rows.flatMap(({ id, version, state }) =>
        isLiveReport(state) ? [{ ...state, report: id, version }] : [],
      )
      return { body: asPage(page, rows) }
    },
  }),
  operation({
    id: "report",
    method: "get",
    path: "/reports/{report}",
    tag: "reports",
    summary: "A report, as much of it as the asker may see",
    access: "signed-in",
    params: z.strictObject({ report: reportId }),
    answer: reportView,
    answerHeaders: etagHeader,
    run: async ({ engine, caller, path, c }) => {
      const { view, version } = await seenReport(engine, caller(), path.report)
      return tagged(c.req.header("if-none-match"), version, view)
    },
  }),
  operation({
    id: "number",
    method: "get",
    path: "/numbers/{number}",
    tag: "reports",
    summary: "What stands behind a number, as far as the asker may see it",
    description:
      "Eight or more characters of an id. Empty for a number that nobody has, and for a matter of others.",
    access: "signed-in",
    params: z.strictObject({
      number: z.string().regex(numberPattern, "8 to 32 characters, 0 to 9 and a to f"),
    }),
    answer: z.object({
      rows: z.array(
        z.object({
          kind: z.enum(["report", "incident"]),
          id: z.string(),
          seenAs: z.enum(["own", "file", "order"]),
        }),
      ),
    }),
    run: async ({ engine, caller, path }) => ({
      body: { rows: await findNumber(engine, caller(), path.number) },
    }),
  }),
  operation({
    id: "incidents",
    method: "get",
    path: "/incidents",
    tag: "reports",
    summary: "Incidents of a status, oldest first",
    access: fileRoles,
    query: paged.extend({ status: z.enum(["open", "handed-over", "handled", "merged"]) }),
    answer: pageOf(incidentView),
    run: async ({ engine, query }) => {
      const page = await engine.queries.page({
        index: "incidents/status",
        equals: query.status,
        ...pageRequest(query),
      })
      const rows = page.rows.flatMap(({ id, version, kind, state }) =>
        kind === "incident" && "parts" in state ? [incidentShown(state, id, version)] : [],
      )
      return { body: asPage(page, rows) }
    },
  }),
  operation({
    id: "incident",
    method: "get",
    path: "/incidents/{incident}",
    tag: "reports",
    summary: "An incident, for whoever sees files and for the units that have an order",
    access: "signed-in",
    params: z.strictObject({ incident: incidentId }),
    answer: incidentView,
    answerHeaders: etagHeader,
    run: async ({ engine, caller, path, c }) => {
      const { view, version } = await seenIncident(engine, caller(), path.incident)
      return tagged(c.req.header("if-none-match"), version, view)
    },
  }),
  operation({
    id: "board",
    method: "get",
    path: "/board/{unit}",
    tag: "reports",
    summary: "What a unit owes, earliest first",
    access: ["duty-officer", "department-officer", "programme-admin", "auditor"],
    params: z.strictObject({ unit: unitId }),
    query: paged,
    answer: pageOf(z.object({ kind: z.string(), id: z.string(), due: z.string(), owed: z.array(owedView) })),
    run: async ({ engine, caller, path, query }) => {
      const roles = await caller().roles()
      const seesAll = holdsAny(roles, ["programme-admin", "auditor"])
      if (!seesAll && !unitsOf(roles).includes(path.unit)) throw notFound()
      const page = await engine.queries.page({ index: "owed", equals: path.unit, ...pageRequest(query) })
      const rows = page.rows.map(({ kind, id, range, state }) => ({
        kind,
        id,
        due: range,
        owed:
          "obligations" in state
            ? state.obligations.filter(({ owner, status }) => owner === path.unit && status === "open")
            : [],
      }))
      return { body: asPage(page, rows) }
    },
  }),
  operation({
    id: "reward",
    method: "get",
    path: "/rewards/{report}",
    tag: "rewards",
    summary: "What a report earned and why: one's own, or as a file",
    access: "signed-in",
    params: z.strictObject({ report: reportId }),
    answer: z.union([rewardView, ownRewardView]),
    answerHeaders: etagHeader,
    run: async ({ engine, caller, path, c }) => {
      const [{ state, version }, report] = await Promise.all([
        engine.queries.state("reward", path.report),
        engine.queries.state("report", path.report),
      ])
      const { person } = caller()
      if (state.status === "none" || report.state.status === "none") throw notFound()
      const shown = { ...state, report: path.report, version }
      const mine = isReporter(report.state, person)
      if (
        !mine &&
        !holdsAny(await caller().roles(), ["verifier", "approver", "programme-admin", "auditor"])
      ) {
        throw notFound()
      }
      const view = mine ? ownRewardView.parse(ownReward(shown, person)) : rewardView.parse(shown)
      return tagged(c.req.header("if-none-match"), version, view)
    },
  }),
  operation({
    id: "rewards",
    method: "get",
    path: "/rewards",
    tag: "rewards",
    summary: "Reward files of a status",
    access: ["verifier", "approver", "programme-admin", "auditor"],
    query: paged.extend({
      status: z.enum(["verifying", "declined", "approved", "credited", "paid", "forfeited"]),
    }),
    answer: pageOf(rewardView),
    run: async ({ engine, query }) => {
      const page = await engine.queries.page({
        index: "rewards/status",
        equals: query.status,
        ...pageRequest(query),
      })
      const rows = page.rows.map(({ id, version, state }) => ({ ...state, report: id, version }))
      return { body: asPage(page, rows) }
    },
  }),
  operation({
    id: "myAccount",
    method: "get",
    path: "/my/account",
    tag: "rewards",
    summary: "My points and my cash",
    access: "signed-in",
    answer: accountView,
    answerHeaders: etagHeader,
    run: async ({ engine, caller, c }) => {
      const { state, version } = await engine.queries.state("account", caller().person)
      return tagged(c.req.header("if-none-match"), version, accountView.parse({ ...state, version }))
    },
  }),
  operation({
    id: "participant",
    method: "get",
    path: "/participants/{person}",
    tag: "people",
    summary: "A participant: oneself, or anybody for captains and the programme's admin",
    access: "signed-in",
    params: z.strictObject({ person: personId }),
    answer: participantView,
    run: async ({ engine, caller, path }) => {
      const allowed =
        path.person === caller().person ||
        holdsAny(await caller().roles(), ["captain", "programme-admin", "auditor"])
      if (!allowed) throw notYours()
      return { body: await participantShown(engine, path.person) }
    },
  }),
]

// internal

const isLiveReport = (state: object): state is Exclude<ReportState, { status: "none" }> =>
  "acceptedAt" in state && "reporters" in state

/** 304 when the asker has this version already. */
const tagged = (known: string | undefined, version: number, body: unknown): Reply => {
  const etag = `"v${version}"`
  const headers = { ETag: etag, "Cache-Control": "private, no-cache" }
  return known === etag ? { status: 304, headers } : { body, headers }
}

const ownReward = (shown: RewardState & object, person: string): unknown => {
  const award = "award" in shown ? shown.award : undefined
  const share = award?.shares.find((one) => one.person === person)?.amount
  return {
    ...shown,
    ...(share === undefined ? {} : { share }),
    ...(award === undefined ? {} : { because: award.because }),
  }
}

const participantShown = async (engine: Yingshao, person: string): Promise<unknown> => {
  const { state, version } = await engine.queries.state("participant", person)
  if (version === 0) throw notFound()
  return { ...state, person, version }
}
