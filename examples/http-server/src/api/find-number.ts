/**
 * What stands behind a number that somebody read out: the first eight characters of an id.
 *
 * Who may not see a matter gets what they would get for a number that nobody has (Z5).
 */
import { isReporter } from "@yingshao/core/report/report"
import type { Yingshao } from "@yingshao/engine"
import type { Caller } from "./operation.ts"
import { fileRoles, handles, holdsAny, isOurs } from "./rights.ts"

export interface FoundNumber {
  readonly kind: "report" | "incident"
  readonly id: string
  /** One's own report, a file that one works on or looks at, or a matter that one's unit handles. */
  readonly seenAs: "own" | "file" | "order"
  /** Of a report that was answered. */
  readonly incident?: string
  /** Nobody has answered yet. */
  readonly isNew: boolean
}

/** As it is printed, or more of the id; small or capital letters, with the id's own prefix or without. */
export const numberPattern = /^\s*(?:[riRI]-)?[0-9a-fA-F]{8,32}\s*$/

/** Of one kind; eight characters stand for one matter unless chance wills it otherwise. */
const mostFound = 20

/** @returns empty for what is no number, for one that nobody has, and for what the asker may not see. */
export const findNumber = async (
  engine: Yingshao,
  caller: Caller,
  given: string,
): Promise<readonly FoundNumber[]> => {
  if (!numberPattern.test(given)) return []
  const digits = given
    .trim()
    .toLowerCase()
    .replace(/^[ri]-/, "")
  const [reports, incidents, roles] = await Promise.all([
    engine.queries.beginning("report", `r-${digits}`, mostFound),
    engine.queries.beginning("incident", `i-${digits}`, mostFound),
    caller.roles(),
  ])
  const seesFiles = holdsAny(roles, fileRoles)
  const found: FoundNumber[] = []
  for (const { id, state } of reports) {
    if (state.status === "none") continue
    const incident = state.status === "new" ? undefined : state.incident
    const one = {
      kind: "report",
      id,
      isNew: state.status === "new",
      ...(incident === undefined ? {} : { incident }),
    } as const
    if (isReporter(state, caller.person)) found.push({ ...one, seenAs: "own" })
    else if (seesFiles) found.push({ ...one, seenAs: "file" })
    else if (incident !== undefined && (await handles(engine, roles, incident))) {
      found.push({ ...one, seenAs: "order" })
    }
  }
  for (const { id, state } of incidents) {
    if (state.status === "none") continue
    if (seesFiles) found.push({ kind: "incident", id, isNew: false, seenAs: "file" })
    else if (isOurs(state, roles)) found.push({ kind: "incident", id, isNew: false, seenAs: "order" })
  }
  return found
}
