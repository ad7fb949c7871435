/**
 * Instants and spans as people say them, in the programme's zone.
 */
import { type Instant, toMs } from "@yingshao/core/kernel/time"
import { type Language, type Text, text } from "../web/language.ts"

/** @example localTime("2026-03-02T01:05:00Z", "Asia/Shanghai", "zh") // => "3月2日 09:05" */
export const localTime = (at: Instant, timeZone: string, language: Language): string => {
  const parts = clockOf(timeZone).formatToParts(toMs(at))
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? ""
  const clock = `${part("hour")}:${part("minute")}`
  return language === "zh"
    ? `${Number(part("month"))}月${Number(part("day"))}日 ${clock}`
    : `${Number(part("day"))} ${monthNames[Number(part("month")) - 1] ?? ""} ${clock}`
}

/** Whole minutes: days, hours and minutes, at most two of them. @example spanWords(125) // => 2 小时 5 分 */
export const spanWords = (minutes: number): Text => {
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60]
  const join = (...parts: readonly (readonly [number, string, string])[]): Text => {
    const told = parts.filter(([count]) => count > 0)
    const line = (at: 1 | 2) => told.map((part) => `${part[0]} ${part[at]}`).join(" ")
    return text(line(1), line(2))
  }
  if (days > 0) return join([days, "天", "d"], [hours, "小时", "h"])
  if (hours > 0) return join([hours, "小时", "h"], [rest, "分", "min"])
  return text(`${rest} 分`, `${rest} min`)
}

export interface Countdown {
  readonly late: boolean
  /** A quarter of an hour or less is left. */
  readonly soon: boolean
  readonly words: Text
}

/** How long until something is due, or how long it is late. */
export const countdown = (due: Instant, now: Instant): Countdown => {
  const minutes = Math.round((toMs(due) - toMs(now)) / 60_000)
  const span = spanWords(Math.abs(minutes))
  if (minutes < 0) {
    return { late: true, soon: false, words: text(`已超时 ${span.zh}`, `${span.en} late`) }
  }
  return { late: false, soon: minutes <= 15, words: text(`还有 ${span.zh}`, `${span.en} left`) }
}

// internal

/** Making one takes longer than a line of the board does; a server has one zone, or a few. */
const clocks = new Map<string, Intl.DateTimeFormat>()

const clockOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = clocks.get(timeZone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  })
  clocks.set(timeZone, made)
  return made
}

const monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
