/**
 * The working calendar by which simulated staff keep their opening hours.
 */
import { chinaYears } from "@yingshao/core/calendar/china-years"
import { type WorkingCalendar, workingCalendar } from "@yingshao/core/calendar/working-calendar"
import type { Policy } from "@yingshao/core/decisions"
import type { CivilDate } from "@yingshao/core/kernel/time"
import { CliFailure } from "../terminal/failure.ts"

/** @throws CliFailure, exit code 1, when the policy does not say the opening hours. */
export const calendarOf = (policy: Policy, date: CivilDate): WorkingCalendar => {
  const hours = policy.decide("hours", {}, { accepted: date, step: date })
  if (hours.status === "pending") {
    throw new CliFailure(
      1,
      `规则 ${policy.id} 没有给出工时`,
      `the policy ${policy.id} does not say the opening hours`,
    )
  }
  return workingCalendar({
    timeZone: policy.timeZone,
    hours: hours.conclusions.workingHours,
    years: chinaYears,
  })
}
