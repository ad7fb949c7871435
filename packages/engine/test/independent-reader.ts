/**
 * An independent reader of an exported journal (L24): plain JavaScript over lines of JSON, no import of ours.
 *
 * It knows three things about the export: a line is `{ number, entry }`, an entry has `events`, and an event
 * that moves value has a `posting`. From them it computes every account, and it notes what must never be
 * seen at any line: a posting that does not balance, a gap in a person's postings, a negative balance, a
 * second award for one matter.
 */

type Json = { readonly [key: string]: unknown }

export interface Books {
  /** `fen payable/p-1` → balance. */
  readonly accounts: ReadonlyMap<string, number>
  /** `fen payable` → balance over all persons; a budget year stays apart. */
  readonly controls: ReadonlyMap<string, number>
  readonly faults: readonly string[]
  readonly awards: number
}

const asMap = (value: unknown): Json => (typeof value === "object" && value !== null ? (value as Json) : {})
const asList = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(asMap) : [])

/** Not allowed to be below 0 at any line: what persons hold, owe or are owed. */
const neverNegative = [
  "points spendable",
  "points held",
  "points receivable",
  "fen payable",
  "fen receivable",
]

export const readBooks = (lines: Iterable<string>): Books => {
  const accounts = new Map<string, number>()
  const controls = new Map<string, number>()
  const postings = new Map<string, number>()
  const seen = new Set<string>()
  const faults: string[] = []
  let awards = 0
  let expected = 0

  const once = (key: string, where: string): void => {
    if (seen.has(key)) faults.push(`${where}: ${key} a second time`)
    seen.add(key)
  }
  const book = (posting: Json, where: string): void => {
    const unit = String(posting.unit)
    const [person = "", number = ""] = String(posting.id).split(":")
    const before = postings.get(person) ?? 0
    if (Number(number) !== before + 1) faults.push(`${where}: posting ${person}:${number} after ${before}`)
    postings.set(person, Number(number))
    let sum = 0
    for (const line of asList(posting.entries)) {
      const amount = Number(line.amount)
      const name = String(line.account)
      if (!Number.isInteger(amount) || amount === 0) faults.push(`${where}: the amount ${line.amount}`)
      sum += amount
      const slash = name.indexOf("/")
      const control = slash < 0 || name.startsWith("budget/") ? name : name.slice(0, slash)
      for (const [map, key] of [
        [accounts, `${unit} ${name}`],
        [controls, `${unit} ${control}`],
      ] as const) {
        const balance = (map.get(key) ?? 0) + amount
        map.set(key, balance)
        if (balance < 0 && neverNegative.some((one) => key === one || key.startsWith(`${one}/`))) {
          faults.push(`${where}: ${key} falls to ${balance}`)
        }
      }
    }
    if (sum !== 0) faults.push(`${where}: a posting of ${unit} sums to ${sum}`)
  }
  const look = (event: Json, stream: string, where: string): void => {
    const kind = String(event.type)
    if (event.posting !== undefined) book(asMap(event.posting), where)
    if (kind === "PointsGranted" || kind === "CashAwarded") {
      once(`${event.report} earns on ${stream}`, where)
    }
    if (kind === "AwardApproved") {
      awards += 1
      once(`an award of ${stream}`, where)
      if (event.form === "cash") once(`cash for ${event.incident}`, where)
      const shared = asList(event.shares).reduce((sum, one) => sum + Number(one.amount), 0)
      if (shared !== event.amount) faults.push(`${where}: shares of ${shared} for ${event.amount}`)
    }
  }
  for (const line of lines) {
    const { number, entry } = JSON.parse(line) as { number: number; entry: string }
    expected += 1
    const where = `line ${number}`
    if (number !== expected) faults.push(`${where}: expected ${expected}`)
    for (const one of asList(asMap(JSON.parse(entry)).events)) {
      look(asMap(one.event), String(one.stream), where)
    }
  }
  return { accounts, controls, faults, awards }
}

/**
 * What came from the source and where it is now, per unit (L5): equal while nothing is lost or made up.
 * Memo accounts hold no value.
 */
export const issuedAndKept = (books: Books, unit: "fen" | "points") => {
  let issued = 0
  let kept = 0
  for (const [key, amount] of books.controls) {
    if (!key.startsWith(`${unit} `)) continue
    const control = key.slice(unit.length + 1)
    if (control === "issued" || control.startsWith("budget/")) issued -= amount
    else if (!control.startsWith("receivable")) kept += amount
  }
  return { issued, kept }
}
