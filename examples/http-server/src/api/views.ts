/**
 * What the API shows of a state, as schemas. Whatever is not named here stays inside.
 *
 * The reporter sees their own; a department sees the matter and neither who reported it nor their photo
 * (P9, P10); staff who must compare persons see handles; an auditor sees the raw states elsewhere. The
 * parts are core's own schemas.
 */
import { because, reportClass, verdict } from "@yingshao/core/decisions"
import { incidentId, personId, photoDigest, reportId, unitId } from "@yingshao/core/kernel/ids"
import { role } from "@yingshao/core/kernel/roles"
import { civilDate, instant } from "@yingshao/core/kernel/time"
import { obligation } from "@yingshao/core/obligation/obligation"
import { place } from "@yingshao/core/place/place"
import { intakeChannel, reporter, settledFacts } from "@yingshao/core/report/report"
import { grading, step } from "@yingshao/core/reward/reward"
import * as z from "zod"

/** What somebody owes, without who asked for more time. */
export const owedView = z.object(obligation.omit({ asked: true }).shape)

const reportStatus = z.enum(["new", "open", "withheld", "closed"])

/** For a department: the matter, and nothing that would tell who reported it. */
export const reportExtract = z.object({
  report: reportId,
  version: z.int(),
  status: reportStatus,
  acceptedAt: instant,
  acceptedOn: civilDate,
  place,
  class: reportClass.optional(),
  facts: z.object(settledFacts.shape).optional(),
  incident: incidentId.optional(),
  obligations: z.array(owedView),
})

/** For the reporter: also what they sent, and where it stands. */
export const reportOwn = reportExtract.extend({
  channel: intakeChannel,
  photos: z.array(photoDigest),
  claimedCategory: z.string().optional(),
  rank: z.enum(["first", "later", "undecided"]).optional(),
  replies: z.int().optional(),
  followUps: z.int().optional(),
})

/** For whoever settles, verifies or approves: handles of persons, because separation of duties compares them. */
export const reportFull = reportOwn.extend({
  reporters: z.array(z.object(reporter.shape)),
  negative: z.string().optional(),
  triage: reportClass.optional(),
  triager: personId.optional(),
  legalHold: z.boolean(),
})

export const reportView = z.union([reportFull, reportOwn, reportExtract])

export const incidentView = z.object({
  incident: incidentId,
  version: z.int(),
  status: z.enum(["open", "handed-over", "handled", "merged"]),
  openedAt: instant,
  class: reportClass,
  category: z.string(),
  place,
  reports: z.array(z.object({ report: reportId })),
  owner: unitId.optional(),
  lead: unitId.optional(),
  joint: z.array(unitId),
  returns: z.int(),
  residentsBenefited: z.int(),
  result: z.string().optional(),
  handledAt: instant.optional(),
  reopened: z.int(),
  obligations: z.array(owedView),
})

/** For verifiers and approvers. Amounts, never an account. */
export const rewardView = z.object({
  report: reportId,
  version: z.int(),
  status: z.enum(["verifying", "declined", "approved", "credited", "paid", "forfeited"]),
  steps: z.array(z.object(step.shape)),
  level: z.string().optional(),
  verdict: verdict.optional(),
  grading: z.object(grading.shape).optional(),
  award: z
    .object({
      form: z.enum(["cash", "points"]),
      tier: z.string().optional(),
      amount: z.int().describe("fen for cash, points for points"),
      band: z.string(),
      forfeitAt: instant.optional(),
    })
    .optional(),
  decidedAt: instant.optional(),
  recovered: z.int(),
})

/** For the reporter: what it earned them and why, and nobody's name. */
export const ownRewardView = rewardView.omit({ steps: true }).extend({
  share: z.int().optional().describe("this person's part, in the award's unit"),
  because: because.optional(),
})

/** For the payer: payee, amount, and the report's opaque number that `PayAward` asks for; nothing about it (P10). */
export const accountView = z.object({
  version: z.int(),
  balances: z.object({
    spendable: z.int(),
    held: z.int(),
    pointsReceivable: z.int(),
    payable: z.int().describe("fen"),
    fenReceivable: z.int().describe("fen"),
  }),
  lots: z.array(z.object({ expiresOn: civilDate, points: z.int() })),
  holds: z.array(z.object({ hold: z.string(), item: z.string(), since: instant })),
  payables: z.array(z.object({ report: reportId, fen: z.int(), since: instant })),
})

export const participantView = z.object({
  person: personId,
  version: z.int(),
  status: z.string(),
  since: instant.optional(),
  sector: z.string().optional(),
  organisation: z.string().optional(),
  leader: personId.optional(),
})

export const heldRole = z.object({ role, scopes: z.array(z.string()) })

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().describe("stable; a refusal's code, or one of the server"),
    zh: z.string(),
    en: z.string(),
    field: z.string().optional(),
  })
  .describe("RFC 9457, with the sentence in both languages")
