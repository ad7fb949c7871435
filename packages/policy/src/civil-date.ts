/** Civil dates as `YYYY-MM-DD`: is it one, and which comes first (plain string order). */

const monthDays = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/**
 * @example isCivilDate("2026-02-29") // => false
 */
export const isCivilDate = (text: string): boolean => {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (!match) return false
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const last = month === 2 && !leap ? 28 : (monthDays[month - 1] ?? 0)
  return day >= 1 && day <= last
}
