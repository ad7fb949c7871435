/** Placeholder for the calendar's own type; see the next commit. */
import type { CalendarYear } from "../programme/programme.ts"
export interface WorkingCalendar { readonly timeZone: string }
export const workingCalendar = (_: { readonly timeZone: string; readonly hours: string; readonly years: readonly CalendarYear[] }): WorkingCalendar => { throw new Error("not yet") }
