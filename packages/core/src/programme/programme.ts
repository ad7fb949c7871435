/**
 * The programme's own stream: adopted policies, calendar years, units.
 *
 * One stream with the id `programme`. It is read by nearly every command and written rarely. The text of
 * a policy is in the event and not in the state; the state names it by digest.
 */
import * as z from "zod"
import { unitId } from "../kernel/ids.ts"
import type { IndexEntry, StreamDefinition, TallyIncrement } from "../kernel/stream.ts"
import { type CivilDate, civilDate, instant } from "../kernel/time.ts"

export const programmeStream = "programme"

/** Bounds that keep the state under 64 KB for the life of a programme. */
export const policyCap = 100
export const yearCap = 24
export const unitCap = 100

/** Holidays and make-up workdays of one civil year, from the State Council's notice. */
export const calendarYear = z.strictObject({
  year: z.int().min(1990).max(2200),
  /** Days off on what would be a weekday or weekend. */
  holidays: z.array(civilDate).max(60),
  /** Weekend days on which people work (调休). */
  makeUpWorkdays: z.array(civilDate).max(30),
})
export type CalendarYear = z.infer<typeof calendarYear>

export const unitKind = z.enum(["duty-desk", "department", "channel"])

/** Whoever can owe something: the duty desk, a department, the desk of one of the five channels. */
export const unit = z.strictObject({
  id: unitId,
  kind: unitKind,
  nameZh: z.string().min(1).max(60),
  nameEn: z.string().min(1).max(60),
})
export type Unit = z.infer<typeof unit> & { readonly status: "active" | "closing" | "dissolved" }

export const programmeEvent = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("PolicyAdopted"),
    at: instant,
    /** The document's own number, for people. */
    id: z.string().max(64).optional(),
    digest: z.string(),
    effectiveFrom: civilDate,
    canonical: z.string(),
  }),
  z.strictObject({
    type: z.literal("CalendarYearAdded"),
    at: instant,
    year: calendarYear,
    /** Why a year that stood already was corrected. */
    reason: z.string().optional(),
  }),
  z.strictObject({ type: z.literal("UnitRegistered"), at: instant, unit }),
  /** It gets no new work; what it owes is about to go to a successor. */
  z.strictObject({ type: z.literal("UnitClosing"), at: instant, unit: unitId }),
  z.strictObject({ type: z.literal("UnitDissolved"), at: instant, unit: unitId, successor: unitId }),
])
export type ProgrammeEvent = z.infer<typeof programmeEvent>

export interface ProgrammeState {
  /** By date of effect; of two with one date the later adopted stands later. */
  readonly policies: readonly { readonly digest: string; readonly effectiveFrom: CivilDate }[]
  readonly calendarYears: readonly CalendarYear[]
  readonly units: readonly Unit[]
}

export const programmeDefinition = {
  foldVersion: 1,
  initial: { policies: [], calendarYears: [], units: [] } as ProgrammeState,
  event: programmeEvent,
  evolve(state: ProgrammeState, event: ProgrammeEvent): ProgrammeState {
    switch (event.type) {
      case "PolicyAdopted": {
        const { digest, effectiveFrom } = event
        return {
          ...state,
          policies: [...state.policies, { digest, effectiveFrom }].sort((a, b) =>
            a.effectiveFrom < b.effectiveFrom ? -1 : a.effectiveFrom > b.effectiveFrom ? 1 : 0,
          ),
        }
      }
      case "CalendarYearAdded":
        return {
          ...state,
          calendarYears: [
            ...state.calendarYears.filter(({ year }) => year !== event.year.year),
            event.year,
          ].sort((a, b) => a.year - b.year),
        }
      case "UnitRegistered":
        return { ...state, units: [...state.units, { ...event.unit, status: "active" }] }
      case "UnitClosing":
        return { ...state, units: withStatus(state.units, event.unit, "closing") }
      case "UnitDissolved":
        return { ...state, units: withStatus(state.units, event.unit, "dissolved") }
    }
  },
  indexes: (): readonly IndexEntry[] => [],
  tallies: (): readonly TallyIncrement[] => [],
} satisfies StreamDefinition<ProgrammeState, ProgrammeEvent>

// internal

const withStatus = (units: readonly Unit[], id: string, status: Unit["status"]): readonly Unit[] =>
  units.map((one) => (one.id === id ? { ...one, status } : one))
