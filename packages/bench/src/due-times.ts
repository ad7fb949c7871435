/**
 * Due times a second: our working calendar beside the working-day arithmetic of `chinese-days`.
 *
 * Both find the n-th working day after a date, n from 1 to 20, over the same dates of 2024 to 2026; ours
 * starts from an instant, counts minutes and answers with an instant, the peer counts whole days. Runs
 * alternate and medians are compared, because other work shares the machine. Before measuring, both must
 * give the same days.
 *
 * Alone: `node --conditions=@yingshao/source packages/bench/src/due-times.ts`.
 */
import { chinaYears } from "@yingshao/core/calendar/china-years"
import { dueAfterWorkingMinutes, workingCalendar } from "@yingshao/core/calendar/working-calendar"
import { civilDateOf, fromMs } from "@yingshao/core/kernel/time"
import chineseDays from "chinese-days"

/** A measurement beside a peer's. Times a second; `ratio` is ours by theirs. */
export interface Compared {
  readonly name: string
  readonly unit: "1/s"
  readonly ours: number
  readonly beside: number
  readonly peer: string
  readonly ratio: number
  readonly goal: number
  readonly met: boolean
}

/**
 * @param options.rounds alternating runs of each, odd.
 * @param options.ms how long one run takes at least.
 * @throws Error when the two do not agree on a day.
 */
export const dueTimes = ({ rounds = 9, ms = 200 } = {}): readonly Compared[] => {
  agree()
  const ours: number[] = []
  const theirs: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    ours.push(perSecond(dueOf, 20_000, ms))
    theirs.push(perSecond(peerDueOf, 500, ms))
  }
  const [own, beside] = [median(ours), median(theirs)]
  const ratio = own / beside
  const goal = 100
  return [
    {
      name: "due times",
      unit: "1/s",
      ours: own,
      beside,
      peer: "chinese-days",
      ratio,
      goal,
      met: ratio >= goal,
    },
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

/** Stops the compiler from leaving out what nobody reads. */
let sink = 0

const perSecond = (work: (index: number) => number, batch: number, ms: number): number => {
  let done = 0
  const begin = performance.now()
  let spent = 0
  while (spent < ms) {
    for (let index = 0; index < batch; index += 1) sink += work(done + index)
    done += batch
    spent = performance.now() - begin
  }
  return (done / spent) * 1000
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

if (process.argv[1] === import.meta.filename) {
  for (const row of dueTimes()) {
    const { name, ours, beside, peer, ratio, goal, met } = row
    const words = `${name}: ${ours.toExponential(2)}/s, ${peer} ${beside.toExponential(2)}/s`
    console.log(
      `${words}, ${ratio.toFixed(0)} x (goal ${goal} x: ${met ? "met" : "missed"}) ${sink > 0 ? "" : "-"}`,
    )
  }
}
