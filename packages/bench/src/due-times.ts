/**
 * Due times a second: our working calendar beside the working-day arithmetic of `chinese-days`.
 *
 * Both find the n-th working day after a date, n from 1 to 20, over the same dates of 2024 to 2026; ours
 * starts from an instant, counts minutes and answers with an instant, the peer counts whole days. Runs
 * alternate and medians are compared, because other work shares the machine. Before measuring, both must
 * give the same days.
 */
import { chinaYears } from "@yingshao/core/calendar/china-years"
import { dueAfterWorkingMinutes, workingCalendar } from "@yingshao/core/calendar/working-calendar"
import { civilDateOf, fromMs } from "@yingshao/core/kernel/time"
import chineseDays from "chinese-days"
import { type Effort, type Line, lineOf } from "./line.ts"
import { median, rates, ratioOf } from "./rounds.ts"

/** @throws Error when the two do not agree on a day. */
export const dueTimes = async ({ smoke }: Effort): Promise<readonly Line[]> => {
  agree()
  const found = rates(
    { ours: timed(dueOf, 20_000), theirs: timed(peerDueOf, 500) },
    smoke ? { rounds: 1, ms: 10 } : { rounds: 9, ms: 200 },
  )
  return [
    lineOf({
      name: "due times",
      unit: "1/s",
      ours: median(found.ours),
      beside: median(found.theirs),
      peer: "chinese-days",
      ratio: ratioOf(found.ours, found.theirs),
      goal: { atLeast: 100 },
    }),
  ]
}

// internal

const minutesADay = 450
const calendar = workingCalendar({
  timeZone: "Asia/Shanghai",
  hours: "08:30-12:00,13:30-17:30",
  years: chinaYears,
})

/** Closing times, with a second and a millisecond as real ones have: half past five in the afternoon. */
const starts = Array.from({ length: 1024 }, (_, day) =>
  fromMs(Date.UTC(2024, 0, 1, 9, 29, 13, 7) + day * 86_400_000),
)
const dates = starts.map((start) => civilDateOf(start, "Asia/Shanghai"))
const daysOf = (index: number): number => 1 + (index % 20)

/** Looks into the text, so that it is really made. */
const dueOf = (index: number): number =>
  dueAfterWorkingMinutes(
    calendar,
    starts[index & 1023] as (typeof starts)[number],
    minutesADay * daysOf(index),
  ).charCodeAt(9)

const peerDueOf = (index: number): number =>
  chineseDays.findWorkday(daysOf(index), dates[index & 1023] as string).charCodeAt(9)

/** A start within a working day of which n times a day's minutes are due n working days later. */
const agree = (): void => {
  for (const [index, start] of starts.entries()) {
    const date = dates[index] as string
    if (!chineseDays.isWorkday(date)) continue
    const due = dueAfterWorkingMinutes(calendar, start, minutesADay * daysOf(index))
    const peer = chineseDays.findWorkday(daysOf(index), date)
    if (civilDateOf(due, "Asia/Shanghai") !== peer)
      throw new Error(`${daysOf(index)} working days after ${date}: ${due} or ${peer}`)
  }
}

const timed = (work: (index: number) => number, size: number) => {
  let done = 0
  return {
    size,
    batch: () => {
      let sum = 0
      for (let index = 0; index < size; index += 1) sum += work(done + index)
      done += size
      return sum
    },
  }
}
