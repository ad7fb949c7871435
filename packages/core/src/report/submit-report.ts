/**
 * SubmitReport: takes in a report. A photo and a place are enough.
 *
 * By the app a report needs at least one photo, and a coordinate where the phone gives one; where it gives
 * none, words do. By hotline, duty desk or a partner the photo is optional. Nothing that the reporter claims decides
 * anything yet: until a duty officer has looked, the report is `new` and counts as urgent.
 *
 * Refuses: `photo-needed`, `reporter-not-first`, `reporters-repeat`, `channel-not-yours`.
 */
import * as z from "zod"
import type { ReporterStanding } from "../decisions.ts"
import { command } from "../kernel/command.ts"
import { personId, photoDigest, reportId, type UnitId } from "../kernel/ids.ts"
import type { Notice } from "../kernel/message.ts"
import { refuse } from "../kernel/refusal.ts"
import { type Context, type Emitted, happen, type Outcome, on, type Rule, readAll } from "../kernel/rule.ts"
import { deadlinesOf } from "../obligation/deadlines.ts"
import { open } from "../obligation/obligation.ts"
import { unseenClass } from "../obligation/unseen-class.ts"
import { reportCounted, standingAt } from "../participant/participant.ts"
import { atTheEdge, place } from "../place/place.ts"
import { dutyDesk } from "../programme/book.ts"
import { holdsDuty } from "../programme/staff.ts"
import { intakeChannel, type Reporter } from "./report.ts"

const payload = z.strictObject({
  channel: intakeChannel,
  /** Who reports, the first signatory first; left out where nobody gave a name. At most 20. */
  reporters: z.array(personId).max(20).default([]),
  place,
  /** Digests of re-encoded photos that the photo port keeps. At most 9. */
  photos: z.array(photoDigest).max(9).default([]),
  /** What the reporter calls it; optional, and no rule reads it. */
  category: z.string().min(1).max(64).optional(),
  /** Handle of the reporter's own words with the identity port. */
  original: z.string().min(1).max(64).optional(),
})
export type SubmitReport = z.output<typeof payload>

export const submitReport = command({
  type: "SubmitReport",
  roles: ["reporter", "duty-officer", "partner"],
  payload,
  queue: (report) => `intake/${report.reporters[0] ?? "nobody"}`,
  decide,
})

/** The roles in which somebody may use a channel. */
const channelRoles = {
  app: ["reporter"],
  hotline: ["duty-officer"],
  "duty-desk": ["duty-officer"],
  partner: ["partner"],
} as const

function* decide(report: SubmitReport, context: Context): Rule<Outcome> {
  const refused = misses(report, context)
  if (refused !== undefined) return refused
  const desk = dutyDesk(context.book)

  const participants = yield* readAll("participant", report.reporters)
  const staff = yield* readAll("staff", report.reporters)
  const reporters: Reporter[] = report.reporters.map((person, at) => ({
    person,
    standing: standing(participants[at], staff[at]),
  }))

  const id = reportId.parse(context.freshId("r"))
  const dates = { accepted: context.today, step: context.today }
  const urgent = unseenClass(context.book, dates)
  const limits = deadlinesOf(context.book, urgent, dates)
  const events: Emitted[] = [
    on("report", id, {
      type: "ReportAccepted",
      at: context.at,
      on: context.today,
      channel: report.channel,
      reporters,
      place: atTheEdge(report.place),
      photos: report.photos,
      ...(report.category === undefined ? {} : { claimedCategory: report.category }),
      ...(report.original === undefined ? {} : { original: report.original }),
    }),
    on(
      "report",
      id,
      open(context.book, {
        id: `${id}:answer`,
        kind: "answer",
        owner: desk.id,
        class: urgent,
        since: context.at,
        clock: "roundTheClock",
        minutes: limits.answer,
        dates,
      }),
    ),
    ...reporters
      .filter(({ standing }) => standing === "informant" || standing === "member")
      .map(({ person }) => on("participant", person, reportCounted(context.today))),
  ]
  return happen({ events, notices: [whistle(id, desk.id), ...receipts(id, reporters)] })
}

// internal

const misses = (report: SubmitReport, context: Context): Outcome | undefined => {
  const { role, person } = context.by
  if (!(channelRoles[report.channel] as readonly string[]).includes(role)) {
    return refuse("channel-not-yours", { channel: report.channel, role })
  }
  if (report.channel === "app") {
    if (report.photos.length === 0) return refuse("photo-needed")
    if (report.reporters[0] !== person) return refuse("reporter-not-first")
  }
  if (new Set(report.reporters).size !== report.reporters.length) return refuse("reporters-repeat")
  return undefined
}

const standing = (
  participant: Parameters<typeof standingAt>[0] | undefined,
  staff: Parameters<typeof holdsDuty>[0] | undefined,
): ReporterStanding => {
  if (staff !== undefined && holdsDuty(staff)) return "onDuty"
  return participant === undefined ? "public" : standingAt(participant)
}

const whistle = (id: string, desk: UnitId): Notice => ({
  kind: "whistle",
  to: { kind: "unit", unit: desk },
  urgent: true,
  orderingKey: `report/${id}`,
  data: { report: id },
})

const receipts = (id: string, reporters: readonly Reporter[]): readonly Notice[] =>
  reporters.map(({ person }) => ({
    kind: "report-accepted",
    to: { kind: "person", person },
    urgent: false,
    orderingKey: `person/${person}`,
    data: { report: id },
  }))
