/**
 * The edge: from whatever a host hands over to a parsed command, or to the answer `bad-command`.
 *
 * Size and depth are bounded before any schema looks: a schema library throws on JSON nested 10,000 deep.
 * Nothing of a bad command is stored, and its values never come back in the answer: only the path of the
 * field and what was expected there.
 *
 * What it does not do: it does not authenticate. The host has checked that `by.person` is who asks.
 */
import { type Refused, refuse } from "@yingshao/core/kernel/refusal"
import { type Actor, actor } from "@yingshao/core/kernel/roles"
import * as z from "zod"
import { canonical, NotCanonical, sha256 } from "./canonical.ts"
import type { AnyCommand, Catalogue } from "./catalogue.ts"

/**
 * A command as a host gives it: the envelope and, beside it, the fields of its payload.
 * `yingshao.handle({ type: "SubmitReport", id, by: { person, role }, photo, place })`
 */
export interface CommandInput {
  /** Imperative, for instance `ApproveReward`. */
  readonly type: string
  /** Chosen by who asks, the same on every retry; its own for each actor. 1 to 120 of A-Z a-z 0-9 . _ : - */
  readonly id: string
  readonly by: { readonly person: string; readonly role: string }
  readonly [field: string]: unknown
}

export interface InputLimits {
  /** UTF-8 bytes of all texts and keys together, roughly the size as JSON. */
  readonly bytes: number
  readonly depth: number
  /** Values of any kind, containers included. */
  readonly values: number
}

export const inputLimits: InputLimits = { bytes: 400_000, depth: 24, values: 20_000 }

/** A command that may be decided. */
export interface Envelope {
  readonly type: string
  readonly id: string
  readonly by: Actor
  readonly payload: unknown
  readonly definition: AnyCommand
  /** Canonical JSON of the payload, made once. */
  readonly payloadText: string
  /** SHA-256 over type, role and payload: what “the same command” means. */
  readonly payloadDigest: string
  /** The id scoped to its actor (I3); unique in the programme. */
  readonly scopedId: string
}

/** The parsed command, or the typed answer that says which field is wrong. */
export const parseEnvelope = (
  catalogue: Catalogue,
  input: unknown,
  limits: InputLimits = inputLimits,
): Envelope | Refused => {
  const excess = measure(input, limits)
  if (excess !== undefined) return bad(excess.field, excess.problem)
  if (!isRecord(input)) return bad("", "a command is an object")
  const { type, id, by, ...fields } = input
  return parseParts(catalogue, { type, id, by }, fields)
}

/** The same for a command whose payload stands apart from its envelope. */
export const parseParts = (
  catalogue: Catalogue,
  { type, id, by }: { readonly [K in "type" | "id" | "by"]: unknown },
  fields: unknown,
): Envelope | Refused => {
  const head = envelopeHead.safeParse({ type, id, by })
  if (!head.success) return badIssue(head.error)
  const definition = Object.hasOwn(catalogue.commands, head.data.type)
    ? catalogue.commands[head.data.type]
    : undefined
  if (definition === undefined) return bad("type", "no command has this name")
  const parsed = definition.payload.safeParse(fields)
  if (!parsed.success) return badIssue(parsed.error)
  return withDigest(head.data, definition, parsed.data)
}

export const isRefused = (value: Envelope | Refused): value is Refused => "ok" in value

// internal

const envelopeHead = z.strictObject({
  type: z.string().min(1).max(64),
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,119}$/, "1 to 120 of A-Z, a-z, 0-9, . _ : and -"),
  by: actor,
})

const withDigest = (
  { type, id, by }: z.output<typeof envelopeHead>,
  definition: AnyCommand,
  payload: unknown,
): Envelope | Refused => {
  let payloadText: string
  try {
    payloadText = canonical(payload)
  } catch (error) {
    if (error instanceof NotCanonical) return bad(error.path, "is no plain JSON value")
    throw error
  }
  const payloadDigest = sha256(`yingshao/command/1\n${type}\n${by.role}\n${payloadText}`)
  return { type, id, by, payload, definition, payloadText, payloadDigest, scopedId: `${by.person}:${id}` }
}

const bad = (field: string, problem: string): Refused =>
  refuse("bad-command", { field: field.slice(0, 200), problem: problem.slice(0, 200) })

const badIssue = (error: z.ZodError): Refused => {
  const issue = error.issues[0]
  if (issue === undefined) return bad("", "does not fit")
  const path = issue.path.map(String).join(".")
  if (issue.code === "unrecognized_keys") {
    return bad([path, issue.keys[0] ?? ""].filter((part) => part !== "").join("."), "is not known here")
  }
  return bad(path, issue.message)
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

interface Excess {
  readonly field: string
  readonly problem: string
}

/** Walks without recursion, level by level, and stops at the first limit. */
const measure = (input: unknown, limits: InputLimits): Excess | undefined => {
  let level: unknown[] = [input]
  let bytes = 0
  let values = 0
  for (let depth = 0; level.length > 0; depth += 1) {
    const below: unknown[] = []
    for (const value of level) {
      values += 1
      if (typeof value === "string") bytes += textBytes(value)
      else if (typeof value !== "object" || value === null) bytes += 8
      else if (Array.isArray(value)) for (const element of value) below.push(element)
      else {
        for (const key of Object.keys(value)) {
          if (key === "__proto__") return { field: "", problem: "the key __proto__ is not allowed" }
          bytes += textBytes(key)
          below.push((value as Readonly<Record<string, unknown>>)[key])
        }
      }
      if (bytes > limits.bytes) return { field: "", problem: `larger than ${limits.bytes} bytes` }
      if (values + below.length > limits.values)
        return { field: "", problem: `more than ${limits.values} values` }
    }
    if (below.length > 0 && depth + 1 > limits.depth) {
      return { field: "", problem: `nested deeper than ${limits.depth}` }
    }
    level = below
  }
  return undefined
}

const textBytes = (text: string): number =>
  text.length < 256 ? text.length + 2 : Buffer.byteLength(text) + 2
