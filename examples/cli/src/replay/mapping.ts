/**
 * A mapping: what a 311 export means to the programme, as data.
 *
 * Which columns to read, in which zone its times are, under which date's rules it is decided, and which
 * facts each complaint type settles. Everything of it is printed with the result, so that nobody has to
 * guess what was assumed.
 */
import { readFileSync } from "node:fs"
import type { Policy } from "@yingshao/core/decisions"
import { civilDate } from "@yingshao/core/kernel/time"
import { settledFacts } from "@yingshao/core/report/report"
import { format } from "date-fns/format"
import * as z from "zod"
import { CliFailure } from "../terminal/failure.ts"
import nyc311 from "./nyc-311.json" with { type: "json" }

const column = z.string().min(1).max(120)

const mapping = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,40}$/),
  /** IANA zone of the times in the file. */
  timeZone: z.string().refine(isZone, "a time zone such as America/New_York"),
  /** The rules in force on this date decide, whatever the dates in the file are. */
  policyDate: civilDate,
  /** How the file writes its times, in the signs of date-fns. */
  dateFormat: z.string().min(1).max(60).refine(isDateFormat, "a format such as MM/dd/yyyy hh:mm:ss a"),
  columns: z.strictObject({
    key: column,
    created: column,
    type: column,
    detail: column,
    latitude: column,
    longitude: column,
    status: column,
    closed: column,
    resolution: column,
  }),
  /** Read in this order where a row has no coordinate; they may be missing from the file. */
  placeWords: z.array(column).max(20),
  /** A resolution with this word says that the agency closed the row as a duplicate. */
  duplicateWord: z.string().min(1),
  /** For the comparison only: how near an earlier row of the same type must stand to be inside the file. */
  duplicateRadiusM: z.int().min(1).max(100_000),
  types: z.record(z.string(), settledFacts),
  /** The printed rule for a type that `types` does not name. */
  otherwise: settledFacts,
})
export type Mapping = z.infer<typeof mapping>
export type Facts = z.infer<typeof settledFacts>

/**
 * The mapping in a file, or the one for New York's export.
 *
 * @throws CliFailure, exit code 2, when it cannot be read or does not fit.
 */
export const readMapping = (file: string | undefined): Mapping => {
  const parsed = mapping.safeParse(file === undefined ? nyc311 : jsonOf(file))
  if (parsed.success) return parsed.data
  const where = file ?? "nyc-311.json"
  const issue = parsed.error.issues[0]
  const path = issue?.path.join(".") ?? ""
  throw new CliFailure(
    2,
    `映射 ${where} 的 ${path} 不对:${issue?.message}`,
    `mapping ${where}: ${path}: ${issue?.message}`,
  )
}

/** @throws CliFailure, exit code 2, when the mapping names a category or a date that the policy does not know. */
export const checkMapping = (mapping: Mapping, policy: Policy): void => {
  const { id, policyDate } = mapping
  if (policy.effectiveFrom > policyDate) {
    throw new CliFailure(
      2,
      `映射 ${id} 要用 ${policyDate} 的规则,而规则 ${policy.id} 自 ${policy.effectiveFrom} 起施行`,
      `the mapping ${id} asks for the rules of ${policyDate}, and the policy ${policy.id} applies from ${policy.effectiveFrom}`,
    )
  }
  for (const [type, { category }] of Object.entries({ ...mapping.types, "*": mapping.otherwise })) {
    if (policy.knows("category", category)) continue
    throw new CliFailure(
      2,
      `映射 ${id} 里“${type}”的类别 ${category} 不在规则 ${policy.id} 里;规则里有:${policy.categories.join("、")}`,
      `mapping ${id}: "${type}" has the category "${category}", which the policy ${policy.id} does not know; it knows ${policy.categories.join(", ")}`,
    )
  }
}

/** The facts that a complaint type settles, and whether the mapping names it. */
export const factsOf = (
  mapping: Mapping,
  type: string,
): { readonly facts: Facts; readonly named: boolean } => {
  const facts = Object.hasOwn(mapping.types, type) ? mapping.types[type] : undefined
  return facts === undefined ? { facts: mapping.otherwise, named: false } : { facts, named: true }
}

// internal

const jsonOf = (file: string): unknown => {
  let content: string
  try {
    content = readFileSync(file, "utf8")
  } catch {
    throw new CliFailure(2, `读不到映射文件 ${file}`, `the mapping file ${file} cannot be read`)
  }
  try {
    return JSON.parse(content)
  } catch (error) {
    const why = error instanceof Error ? error.message : ""
    throw new CliFailure(
      2,
      `映射文件 ${file} 不是 JSON:${why}`,
      `the mapping file ${file} is no JSON: ${why}`,
    )
  }
}

/** Unknown signs throw when the format is used. */
function isDateFormat(pattern: string): boolean {
  try {
    format(new Date(0), pattern)
    return true
  } catch {
    return false
  }
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) !== undefined
  } catch {
    return false
  }
}
