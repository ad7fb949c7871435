/**
 * One operation of the JSON API: what it takes, what it answers, who may ask, and what it does.
 *
 * The same schemas check a request, describe it in the OpenAPI document and shape the answer, so the three
 * cannot disagree. An answer is put through its schema: a field that the schema does not name does not
 * leave the server.
 */
import type { Role } from "@yingshao/core/kernel/roles"
import type { Yingshao } from "@yingshao/engine"
import type { Context } from "hono"
import * as z from "zod"
import type { HeldRole } from "../session/visit.ts"

/** Who asks. */
export interface Caller {
  readonly person: string
  readonly account: string
  /** Read from the programme when it is asked for. */
  roles(): Promise<readonly HeldRole[]>
}

/** What an operation sees of a request: parsed by its own schemas. */
export interface Asked<P, Q, B> {
  readonly engine: Yingshao
  /** Throws 401 when nobody is signed in. */
  readonly caller: () => Caller
  readonly path: P
  readonly query: Q
  readonly body: B
  readonly c: Context
}

export interface Reply {
  readonly status?: 200 | 201 | 202 | 204 | 304
  /** Put through the schema of the answer. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** For an answer that is no JSON; the rest is left out then. */
  readonly response?: Response
}

export interface Operation {
  /** Unique; a generated client calls it by this name. */
  readonly id: string
  readonly method: "get" | "post" | "delete"
  /** As OpenAPI writes it, below `/api`: `/reports/{report}`. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description?: string | undefined
  /** `anybody`, whoever is signed in, or whoever holds one of these roles. */
  readonly access: "anybody" | "signed-in" | readonly Role[]
  readonly params: z.ZodObject
  readonly query: z.ZodObject
  readonly headers?: z.ZodObject | undefined
  readonly body?: z.ZodType | undefined
  /** The engine checks the body by the same schema: it is parsed once, there. */
  readonly checkedByEngine?: boolean | undefined
  /** Of a body that is no JSON. */
  readonly bodyType?: string | undefined
  /** Of an answer that is no JSON. */
  readonly answerType?: string | undefined
  readonly status: 200 | 201 | 202 | 204
  readonly answer?: z.ZodType | undefined
  readonly answerHeaders?: Readonly<Record<string, string>> | undefined
  run(asked: Asked<never, never, never>): Promise<Reply>
}

const nothing = z.strictObject({})

/** Keeps the types of the schemas together with what runs on them. */
export const operation = <
  P extends z.ZodObject = typeof nothing,
  Q extends z.ZodObject = typeof nothing,
  B extends z.ZodType = z.ZodUndefined,
>(
  definition: Omit<Operation, "params" | "query" | "body" | "status" | "run"> & {
    readonly params?: P
    readonly query?: Q
    readonly body?: B
    readonly status?: Operation["status"]
    readonly run: (asked: Asked<z.output<P>, z.output<Q>, z.output<B>>) => Promise<Reply>
  },
): Operation => ({
  params: nothing,
  query: nothing,
  status: 200,
  ...definition,
})
