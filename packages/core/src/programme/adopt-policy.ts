/**
 * AdoptPolicy: another policy document comes into force from a date.
 *
 * The engine has compiled the document before (C2): a bad one never gets here. The canonical text is
 * stored with the event, so that a restart compiles the same rules again. What was accepted under an
 * earlier policy stays under it.
 *
 * Refuses: `already-adopted`, `effective-too-early`, `limit-reached`.
 */
import * as z from "zod"
import { command } from "../kernel/command.ts"
import { refuse } from "../kernel/refusal.ts"
import { type Context, happen, type Outcome, on, type Rule, read } from "../kernel/rule.ts"
import { civilDate } from "../kernel/time.ts"
import { policyCap, programmeStream } from "./programme.ts"

/** A compiled document, as the programme stores it. */
export const adoptablePolicy = z.strictObject({
  /** The document's own number, for people. */
  id: z.string().min(1).max(64),
  /** SHA-256 of `canonical`, 64 lower-case hexadecimal digits. */
  digest: z.string().regex(/^[0-9a-f]{64}$/, "SHA-256 of the canonical text, 64 hexadecimal digits"),
  effectiveFrom: civilDate,
  canonical: z.string().min(2).max(1_000_000),
})
export type AdoptablePolicy = z.output<typeof adoptablePolicy>

const payload = z.strictObject({ policy: adoptablePolicy })
export type AdoptPolicy = z.output<typeof payload>

export const adoptPolicy = command({
  type: "AdoptPolicy",
  roles: ["policy-officer", "programme-admin"],
  payload,
  queue: () => `programme/${programmeStream}`,
  decide,
})

function* decide({ policy }: AdoptPolicy, { at, today }: Context): Rule<Outcome> {
  const { policies } = yield* read("programme", programmeStream)
  if (policies.some(({ digest }) => digest === policy.digest)) return refuse("already-adopted")
  const { effectiveFrom } = policy
  if (effectiveFrom < today) return refuse("effective-too-early", { effectiveFrom, today })
  if (policies.length >= policyCap) return refuse("limit-reached", { limit: policyCap })
  return happen({ events: [on("programme", programmeStream, { type: "PolicyAdopted", at, ...policy })] })
}
