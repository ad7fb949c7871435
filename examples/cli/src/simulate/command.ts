/**
 * Commands as the simulator gives them: who, what, and an id that is the same on every run.
 *
 * They are parsed at the engine's edge like anybody else's.
 */
export interface Command {
  readonly type: string
  readonly id: string
  readonly by: { readonly person: string; readonly role: string }
  readonly [field: string]: unknown
}

/** @example command("PayAward", "act:pay:r-1:1", person, "payer", { report }) */
export const command = (
  type: string,
  id: string,
  person: string,
  role: string,
  fields: Readonly<Record<string, unknown>>,
): Command => ({ ...fields, type, id, by: { person, role } })
