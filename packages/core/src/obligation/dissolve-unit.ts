/**
 * DissolveUnit: a department ends, and everything it owes goes to its successor in the same commit (F2).
 *
 * The desks of the five channels and the duty desk cannot be dissolved. More open obligations than one
 * commit takes are refused, so that staff move some of them first.
 *
 * Refuses: `no-such-unit`, `unit-not-dissolvable`, `successor-not-active`, `too-many-obligations`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { unitId } from "../kernel/ids.ts"
import { refuse } from "../kernel/refusal.ts"
import {
  type Context,
  type Emitted,
  find,
  happen,
  type Outcome,
  on,
  type Rule,
  read,
} from "../kernel/rule.ts"
import { programmeStream } from "../programme/programme.ts"
import { type Obligation, openObligations, reassign } from "./obligation.ts"

const payload = z.strictObject({ unit: unitId, successor: unitId })
export type DissolveUnit = z.output<typeof payload>

/** What one commit reassigns at most. */
const mostAtOnce = 500

export const dissolveUnit = command({
  type: "DissolveUnit",
  roles: ["programme-admin"],
  payload,
  queue: () => `programme/${programmeStream}`,
  decide,
})

function* decide({ unit, successor }: DissolveUnit, context: Context): Rule<Outcome> {
  const old = context.book.unit(unit)
  if (old?.status !== "active") return refuse("no-such-unit", { unit })
  if (old.kind !== "department") return refuse("unit-not-dissolvable", { unit })
  const heir = context.book.unit(successor)
  if (heir?.status !== "active" || successor === unit)
    return refuse("successor-not-active", { unit: successor })
  const rows = yield* find("owed", [unit], { limit: mostAtOnce + 1 })
  if (rows.length > mostAtOnce) return refuse("too-many-obligations", { limit: mostAtOnce })

  const events: Emitted[] = []
  for (const key of new Set(rows.map(({ kind, id }) => `${kind}/${id}`))) {
    const [kind, id] = key.split("/") as ["report" | "incident", string]
    const state = yield* read(kind, id)
    if (state.status === "none") continue
    if (kind === "incident")
      events.push(on("incident", id, { type: "OwnerReplaced", from: unit, to: successor }))
    events.push(...moved(kind, id, state.obligations, unit, successor))
  }
  const dissolved = { type: "UnitDissolved", at: context.at, unit, successor } as const
  return happen({ events: [...events, on("programme", programmeStream, dissolved)] })
}

// internal

const moved = (
  kind: "report" | "incident",
  id: string,
  obligations: readonly Obligation[],
  unit: string,
  successor: Obligation["owner"],
): readonly Emitted[] =>
  openObligations(obligations)
    .filter(({ owner }) => owner === unit)
    .flatMap((owed) => reassign(owed, successor).map((event) => on(kind, id, event)))
