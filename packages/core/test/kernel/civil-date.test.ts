import { civilDate } from "@yingshao/core/kernel/time"
import { expect, test } from "vitest"

const two = (part: number): string => String(part).padStart(2, "0")

/** What the platform's own calendar says: a date that exists is written back as it was read. */
const exists = (text: string): boolean => {
  const ms = Date.parse(`${text}T00:00:00.000Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 10) === text
}

test("a civil date is taken when it exists: every day and non-day of years of each kind", () => {
  for (const year of ["0000", "1900", "1999", "2000", "2023", "2024", "2100", "9999"]) {
    for (let month = 0; month <= 13; month += 1) {
      for (let day = 0; day <= 32; day += 1) {
        const text = `${year}-${two(month)}-${two(day)}`
        expect([text, civilDate.safeParse(text).success]).toEqual([text, exists(text)])
      }
    }
  }
})

test("and nothing else is", () => {
  for (const text of [
    "",
    "2026-2-3",
    "2026-02-030",
    " 2026-02-03",
    "2026-02-03\n",
    "+026-02-03",
    "2026-02-0x",
  ]) {
    expect([text, civilDate.safeParse(text).success]).toEqual([text, false])
  }
})
