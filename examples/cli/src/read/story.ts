/**
 * The whole story of one report: its own events, those of its incident that concern it, and those of its
 * reward file, by journal number.
 */
import type { Because } from "@yingshao/core/decisions"
import type { IncidentEvent } from "@yingshao/core/incident/incident"
import type { Instant } from "@yingshao/core/kernel/time"
import type { Obligation } from "@yingshao/core/obligation/obligation"
import type { ReportEvent, ReportState } from "@yingshao/core/report/report"
import type { RewardEvent, RewardState } from "@yingshao/core/reward/reward"
import type { Queries } from "@yingshao/engine/queries"

export interface Line {
  /** Journal number. */
  readonly number: number
  readonly at: Instant
  readonly command: string
  readonly by: { readonly person: string; readonly role: string }
  readonly events: readonly (ReportEvent | IncidentEvent | RewardEvent)[]
  readonly because: Because | undefined
}

export interface Story {
  readonly id: string
  readonly report: Exclude<ReportState, { status: "none" }>
  readonly reward: RewardState
  readonly incident: string | undefined
  /** How many reports are about the incident. */
  readonly reports: number
  readonly lines: readonly Line[]
  /** Of the report, then of its incident. */
  readonly obligations: readonly Obligation[]
}

/** `undefined` when there is no such report. */
export const storyOf = async (queries: Queries, id: string): Promise<Story | undefined> => {
  const { state: report } = await queries.state("report", id)
  if (report.status === "none") return undefined
  const { state: reward } = await queries.state("reward", id)
  const incidentId = report.status === "new" ? undefined : report.incident
  const incident = incidentId === undefined ? undefined : (await queries.state("incident", incidentId)).state
  const byNumber = new Map<number, Line>()
  const add = async (kind: "report" | "incident" | "reward", key: string): Promise<void> => {
    for await (const { number, at, command, events } of queries.story(kind, key)) {
      const told = events
        .map(({ event }) => event as Line["events"][number])
        .filter((event) => concerns(event, id))
      if (told.length === 0) continue
      const known = byNumber.get(number)
      byNumber.set(number, {
        number,
        at,
        command: command.type,
        by: command.by,
        events: [...(known?.events ?? []), ...told],
        because: known?.because ?? told.map(becauseOf).find((one) => one !== undefined),
      })
    }
  }
  await add("report", id)
  if (incidentId !== undefined) await add("incident", incidentId)
  await add("reward", id)
  const open = incident === undefined || incident.status === "none" ? undefined : incident
  const lines = withoutNudges([...byNumber.values()].sort((a, b) => a.number - b.number))
  return {
    id,
    report,
    reward,
    incident: incidentId,
    reports: open?.reports.length ?? 0,
    lines,
    obligations: [...report.obligations, ...(open?.obligations ?? [])],
  }
}

// internal

/** Other reports that join the same incident are other people's story. */
const concerns = (event: Line["events"][number], report: string): boolean =>
  event.type === "ReportJoined"
    ? event.member.report === report
    : event.type === "ReportLeft" || event.type === "ClaimTaken" || event.type === "ClaimSettled"
      ? event.report === report
      : true

/** A promise that moved within its minute is not worth a line. */
const withoutNudges = (lines: readonly Line[]): readonly Line[] => {
  const dues = new Map<string, string>()
  const moved = (event: Line["events"][number]): boolean => {
    if (event.type === "ObligationOpened") dues.set(event.opened.id, minuteOf(event.opened.due))
    if (event.type !== "DueAdvanced") return true
    const before = dues.get(event.obligation)
    dues.set(event.obligation, minuteOf(event.due))
    return before !== minuteOf(event.due)
  }
  return lines
    .map((line) => ({ ...line, events: line.events.filter(moved) }))
    .filter(({ events }) => events.length > 0)
}

const minuteOf = (at: Instant): string => at.slice(0, 16)

const becauseOf = (event: Line["events"][number]): Because | undefined =>
  "because" in event ? event.because : undefined
