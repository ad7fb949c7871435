/**
 * Refusals: what the rules answer instead of acting. Data, meant for the person who asked.
 *
 * A refusal is neither an outage (a port's typed failure) nor a broken invariant (which throws). Its code
 * is stable; its sentence stands in `refusal-messages.ts` in both languages. `detail` fills the
 * placeholders and never holds anything that would tell who reported.
 */
import * as z from "zod"

export const refusal = z.object({
  /** Kebab-case, stable across releases. */
  code: z.string().regex(/^[a-z][a-z0-9-]*$/),
  detail: z.record(z.string(), z.union([z.string(), z.number()])),
})
export type Refusal = z.infer<typeof refusal>

export type Refused = { readonly ok: false; readonly refusal: Refusal }

/** What a pure decider answers: the events that happened, or why not. */
export type Decision<E> = { readonly ok: true; readonly events: readonly E[] } | Refused

/** @example refuse("same-person", { person: "approver" }) */
export const refuse = (code: string, detail: Record<string, string | number> = {}): Refused => ({
  ok: false,
  refusal: { code, detail },
})

/** The events of an accepted decision, in order. No events: accepted, and nothing changes. */
export const accept = <E>(...events: readonly E[]): { readonly ok: true; readonly events: readonly E[] } => ({
  ok: true,
  events,
})

/** A promise of this library was broken. Thrown, never returned: nobody can do anything about it by asking again. */
export class BrokenInvariant extends Error {
  readonly _tag = "BrokenInvariant"
  readonly id: string
  constructor(id: string, what: string) {
    super(`${id}: ${what}`)
    this.id = id
  }
}

/** Throws unless `holds`. `id` is the promise's id, for instance `L2`. */
export function invariant(holds: boolean, id: string, what: string): asserts holds {
  if (!holds) throw new BrokenInvariant(id, what)
}

/** The compiler's proof that all cases of a union were handled. */
export const unreachable = (value: never): never => {
  throw new BrokenInvariant("exhaustive", `unexpected ${JSON.stringify(value)}`)
}
