/**
 * Obligations (应办事项): what a unit owes by a time.
 *
 * A report owes an answer to the whistle, a reply and a follow-up; an incident owes handling and each
 * acknowledgement of an order. They live in the state of the report or incident that owes them, and their
 * events stand on that stream. A due time counts from the acceptance of the report, by the working
 * calendar or round the clock. Nothing here moves a due time later except an extension; a reminder or an
 * escalation never does (F3).
 */
import * as z from "zod"
import { dueAfter } from "../calendar/working-calendar.ts"
import { type Facts, obligationKind, type ReportClass } from "../decisions.ts"
import { obligationId, personId, unitId } from "../kernel/ids.ts"
import { invariant } from "../kernel/refusal.ts"
import { role } from "../kernel/roles.ts"
import type { IndexEntry, TallyIncrement } from "../kernel/stream.ts"
import { addMinutes, type CivilDate, earlier, type Instant, instant, minutesBetween } from "../kernel/time.ts"
import type { Book } from "../programme/book.ts"

export const clock = z.enum(["roundTheClock", "workingTime"])
export type Clock = z.infer<typeof clock>

export const obligation = z.strictObject({
  id: obligationId,
  kind: obligationKind,
  owner: unitId,
  clock,
  /** From when the time counts: the acceptance of the report, or the order for an acknowledgement. */
  since: instant,
  /** The due time in force. */
  due: instant,
  /** The first due time; it stays on record whatever happens to `due`. */
  originalDue: instant,
  status: z.enum(["open", "met", "cancelled"]),
  endedAt: instant.optional(),
  /** How many extensions were granted. */
  extensions: z.int().min(0).max(99),
  /** The highest level of the escalation ladder that was used; 0: none yet. */
  escalation: z.int().min(0).max(9),
  /** When the next level is due, and whom it goes to; absent when the ladder has ended. */
  next: z.strictObject({ at: instant, to: role }).optional(),
  /** More time that the owner asked for and nobody has answered yet. */
  asked: z
    .strictObject({
      at: instant,
      by: personId,
      /** Minutes on the obligation's own clock. */
      minutes: z.int().min(1).max(525_600),
      reason: z.string().min(1).max(500),
    })
    .optional(),
})
export type Obligation = z.infer<typeof obligation>

/** The part of the ladder that an obligation is on. */
type NextStep = NonNullable<Obligation["next"]>

const id = { obligation: obligationId }
const next = z.strictObject({ at: instant, to: role }).optional()

/** Events on the stream of the report or incident that owes. Spread into its union of events. */
export const obligationEvents = [
  z.strictObject({ type: z.literal("ObligationOpened"), opened: obligation }),
  z.strictObject({
    type: z.literal("ObligationMet"),
    ...id,
    kind: obligationKind,
    at: instant,
    /** Whole minutes after the due time in force; 0 when in time. */
    lateMinutes: z.int().min(0),
  }),
  z.strictObject({
    type: z.literal("ObligationCancelled"),
    ...id,
    kind: obligationKind,
    at: instant,
    reason: z.string().max(60),
  }),
  /** A conversion or an earlier report made the promise stricter. Never later. */
  z.strictObject({ type: z.literal("DueAdvanced"), ...id, due: instant, clock, next }),
  z.strictObject({
    type: z.literal("DueExtended"),
    ...id,
    due: instant,
    next,
    reason: z.string().min(1).max(500),
  }),
  /** The owner asks for more time; the due time stays until another person decides. */
  z.strictObject({
    type: z.literal("ExtensionAsked"),
    ...id,
    at: instant,
    by: personId,
    minutes: z.int().min(1).max(525_600),
    reason: z.string().min(1).max(500),
  }),
  z.strictObject({
    type: z.literal("ExtensionDeclined"),
    ...id,
    at: instant,
    by: personId,
    reason: z.string().min(1).max(500),
  }),
  z.strictObject({ type: z.literal("ObligationReassigned"), ...id, owner: unitId }),
  z.strictObject({
    type: z.literal("ObligationEscalated"),
    ...id,
    kind: obligationKind,
    at: instant,
    level: z.int().min(1).max(9),
    to: role,
    next,
  }),
] as const
const obligationEvent = z.discriminatedUnion("type", obligationEvents)
export type ObligationEvent = z.infer<typeof obligationEvent>

const obligationEventTypes: ReadonlySet<string> = new Set(
  obligationEvents.map((schema) => schema.shape.type.value),
)
export const isObligationEvent = (event: { readonly type: string }): event is ObligationEvent =>
  obligationEventTypes.has(event.type)

/** How an obligation moves. `open` is the only state in which anything happens to it. */
export const obligationLifecycle = {
  open: {
    ObligationMet: "met",
    ObligationCancelled: "cancelled",
    DueAdvanced: "open",
    DueExtended: "open",
    ExtensionAsked: "open",
    ExtensionDeclined: "open",
    ObligationReassigned: "open",
    ObligationEscalated: "open",
  },
  met: {},
  cancelled: {},
} as const

/** Folds one event into the obligations of a stream. */
export const evolveObligations = (
  obligations: readonly Obligation[],
  event: ObligationEvent,
): readonly Obligation[] => {
  if (event.type === "ObligationOpened") return [...obligations, event.opened]
  return obligations.map((owed) => (owed.id === event.obligation ? evolveOne(owed, event) : owed))
}

/** What is still owed. */
export const openObligations = (obligations: readonly Obligation[]): readonly Obligation[] =>
  obligations.filter(({ status }) => status === "open")

export const findOpen = (
  obligations: readonly Obligation[],
  kind: Obligation["kind"],
  owner?: string,
): Obligation | undefined =>
  obligations.find(
    (owed) => owed.status === "open" && owed.kind === kind && (owner === undefined || owed.owner === owner),
  )

/** What opening an obligation needs besides the policy. */
export interface Opening {
  readonly id: string
  readonly kind: Obligation["kind"]
  readonly owner: Obligation["owner"]
  readonly class: ReportClass
  readonly since: Instant
  readonly clock: Clock
  /** Working or elapsed minutes, by `clock`. */
  readonly minutes: number
  readonly dates: { readonly accepted: CivilDate; readonly step: CivilDate }
}

/**
 * The event that opens an obligation: due by the calendar in force on the date of the step, with the first
 * step of its escalation ladder.
 *
 * @throws CalendarEnds when the calendar does not reach the due date.
 * @source policy, tables 时限 and 督办
 */
export const open = (book: Book, opening: Opening): ObligationEvent => {
  const due = dueAfter(opening.clock, book.calendarOn(opening.dates.step), opening.since, opening.minutes)
  const base = { kind: opening.kind, due, escalation: 0 }
  const step = nextStep(book, base, opening.class, opening.dates)
  return {
    type: "ObligationOpened",
    opened: {
      id: obligationId.parse(opening.id),
      kind: opening.kind,
      owner: opening.owner,
      clock: opening.clock,
      since: opening.since,
      due,
      originalDue: due,
      status: "open",
      extensions: 0,
      escalation: 0,
      ...(step === undefined ? {} : { next: step }),
    },
  }
}

/** The event by which an obligation is done. */
export const meet = (owed: Obligation, at: Instant): ObligationEvent => ({
  type: "ObligationMet",
  obligation: owed.id,
  kind: owed.kind,
  at,
  lateMinutes: minutesBetween(owed.due, at),
})

export const cancel = (owed: Obligation, at: Instant, reason: string): ObligationEvent => ({
  type: "ObligationCancelled",
  obligation: owed.id,
  kind: owed.kind,
  at,
  reason,
})

export const reassign = (owed: Obligation, owner: Obligation["owner"]): readonly ObligationEvent[] =>
  owed.owner === owner ? [] : [{ type: "ObligationReassigned", obligation: owed.id, owner }]

/**
 * Makes a promise stricter where the new class asks for it; leaves it alone where that would be later.
 *
 * @param to.since from when the stricter promise counts: the obligation's own beginning, or the acceptance
 *   of a later report about the same matter.
 */
export const advance = (
  book: Book,
  owed: Obligation,
  to: {
    readonly class: ReportClass
    readonly clock: Clock
    readonly minutes: number
    readonly since?: Instant
  },
  dates: { readonly accepted: CivilDate; readonly step: CivilDate },
): readonly ObligationEvent[] => {
  const due = dueAfter(to.clock, book.calendarOn(dates.step), to.since ?? owed.since, to.minutes)
  if (earlier(owed.due, due) === owed.due) return []
  const step = nextStep(book, { ...owed, due }, to.class, dates)
  return [
    {
      type: "DueAdvanced",
      obligation: owed.id,
      due,
      clock: to.clock,
      ...(step === undefined ? {} : { next: step }),
    },
  ]
}

/** Moves a due time later, once allowed: counted from the due time in force, on the obligation's clock. */
export const extend = (
  book: Book,
  owed: Obligation,
  to: { readonly class: ReportClass; readonly minutes: number; readonly reason: string },
  dates: { readonly accepted: CivilDate; readonly step: CivilDate },
): ObligationEvent => {
  const due = dueAfter(owed.clock, book.calendarOn(dates.step), owed.due, to.minutes)
  const step = nextStep(book, { ...owed, due }, to.class, dates)
  return {
    type: "DueExtended",
    obligation: owed.id,
    due,
    ...(step === undefined ? {} : { next: step }),
    reason: to.reason,
  }
}

/** The step of the ladder that follows the one reached, or `undefined` where the ladder ends. */
export const nextStep = (
  book: Book,
  owed: Pick<Obligation, "kind" | "due" | "escalation">,
  reportClass: ReportClass,
  dates: { readonly accepted: CivilDate; readonly step: CivilDate },
): NextStep | undefined => {
  if (owed.escalation >= 9) return undefined
  const facts: Partial<Facts> = {
    ...settledClass(reportClass),
    obligation: owed.kind,
    escalation: owed.escalation + 1,
  }
  const outcome = book.decide("escalation", facts, dates)
  invariant(outcome.status === "decided", "F4", "the escalation ladder waits for no unknown fact")
  const { escalateAfter, escalateTo } = outcome.conclusions
  return escalateTo === "nobody" ? undefined : { at: addMinutes(owed.due, escalateAfter), to: escalateTo }
}

/** The facts that say: the class is this one, and nothing is about to change it. */
export const settledClass = (reportClass: ReportClass): Partial<Facts> => ({
  currentClass: reportClass,
  trigger: "none",
})

/** Board and scheduler: by owner and due time, and by the next step of the ladder. Two an open obligation. */
export const obligationIndexes = (obligations: readonly Obligation[]): readonly IndexEntry[] =>
  openObligations(obligations).flatMap((owed) => [
    { index: "owed", equals: owed.owner, range: owed.due },
    ...(owed.next === undefined ? [] : [{ index: "escalate", equals: "open", range: owed.next.at }]),
  ])

/** Statistics that survive any number of reports: opened, met, late and cancelled by kind. */
export const obligationTallies = (event: ObligationEvent): readonly TallyIncrement[] => {
  const one = (what: string, kind: string) => ({ key: `obligations/${kind}/${what}`, by: 1 })
  switch (event.type) {
    case "ObligationOpened":
      return [one("opened", event.opened.kind)]
    case "ObligationMet":
      return event.lateMinutes > 0
        ? [one("met", event.kind), one("late", event.kind)]
        : [one("met", event.kind)]
    case "ObligationCancelled":
      return [one("cancelled", event.kind)]
    case "ObligationEscalated":
      return [one("escalated", event.kind)]
    case "DueAdvanced":
    case "DueExtended":
    case "ExtensionAsked":
    case "ExtensionDeclined":
    case "ObligationReassigned":
      return []
  }
}

// internal

/** Whatever ends the obligation or moves its due time ends the question for more time as well. */
const unasked = (owed: Obligation): Obligation => {
  const { asked: _, ...rest } = owed
  return rest
}

const withNext = (owed: Obligation, step: NextStep | undefined): Obligation => {
  const { next: _, ...rest } = owed
  return step === undefined ? rest : { ...rest, next: step }
}

const evolveOne = (
  owed: Obligation,
  event: Exclude<ObligationEvent, { type: "ObligationOpened" }>,
): Obligation => {
  invariant(owed.status === "open", "S2", `${event.type} on an obligation that is ${owed.status}`)
  switch (event.type) {
    case "ObligationMet":
      return withNext(unasked({ ...owed, status: "met", endedAt: event.at }), undefined)
    case "ObligationCancelled":
      return withNext(unasked({ ...owed, status: "cancelled", endedAt: event.at }), undefined)
    case "DueAdvanced":
      return withNext({ ...owed, due: event.due, clock: event.clock }, event.next)
    case "DueExtended":
      return withNext(unasked({ ...owed, due: event.due, extensions: owed.extensions + 1 }), event.next)
    case "ExtensionAsked": {
      const { at, by, minutes, reason } = event
      return { ...owed, asked: { at, by, minutes, reason } }
    }
    case "ExtensionDeclined":
      return unasked(owed)
    case "ObligationReassigned":
      return unasked({ ...owed, owner: event.owner })
    case "ObligationEscalated":
      return withNext({ ...owed, escalation: event.level }, event.next)
  }
}
