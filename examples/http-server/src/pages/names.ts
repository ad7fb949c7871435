/** What a person is called, for a stated purpose; every look leaves a record with the host. */
import type { Visit } from "../session/visit.ts"

/** A purpose of the programme's list, and under which case somebody looks. */
export interface Look {
  readonly purpose: "pay-award" | "admission" | "roster" | "redemption" | "staff"
  readonly caseKey: string
}

/** @returns the name where the host keeps one; else the beginning of the handle. */
export const nameFor = async (
  { engine, actor }: Visit,
  person: string,
  { purpose, caseKey }: Look,
  fields: readonly string[] = ["name"],
): Promise<string> => {
  const unnamed = person.slice(0, 24)
  if (engine.identity === undefined || actor === undefined) return unnamed
  const seen = await engine.identity.unmask(engine.programme, person, fields, {
    actor: actor.person,
    caseKey,
    purpose,
  })
  if (seen.kind !== "fields") return unnamed
  return fields.map((field) => seen.fields[field]).find((told) => told !== undefined) ?? unnamed
}
