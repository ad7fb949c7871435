/**
 * The JSON API: every operation of the list under `/api`, and its OpenAPI document at `/api/openapi.json`.
 */
import { type Context, Hono } from "hono"
import type * as z from "zod"
import { callerOf, type Desk } from "../session/identify.ts"
import type { CheckSignIn } from "../session/sign-in.ts"
import { notFound, notYours, signInFirst, WebFailure } from "../web/failure.ts"
import { text } from "../web/language.ts"
import { auditOperations } from "./audit-operations.ts"
import { commandOperations, submitOperation } from "./command-operations.ts"
import { openApiDocument } from "./openapi.ts"
import type { Asked, Operation, Reply } from "./operation.ts"
import { payOperations } from "./pay-operations.ts"
import { photoOperations } from "./photo-operations.ts"
import { readJson } from "./read-json.ts"
import { reportOperations } from "./report-operations.ts"
import { holdsAny } from "./rights.ts"
import { sessionOperations } from "./session-operations.ts"

export const api = (desk: Desk, check: CheckSignIn): Hono => {
  const operations = operationsOf(desk, check)
  const app = new Hono()
  let document: string | undefined
  app.get("/openapi.json", (c) => {
    document ??= JSON.stringify(openApiDocument(operations, "/api"))
    return c.body(document, 200, { "Content-Type": "application/json; charset=utf-8" })
  })
  for (const one of operations) {
    app.on(one.method.toUpperCase(), one.path.replaceAll(/\{(\w+)\}/g, ":$1"), (c) => perform(desk, one, c))
  }
  app.all("*", () => {
    throw notFound()
  })
  return app
}

// internal

const operationsOf = (desk: Desk, check: CheckSignIn): readonly Operation[] => [
  ...sessionOperations(desk, check),
  submitOperation(),
  ...photoOperations(),
  ...reportOperations(),
  ...payOperations(),
  ...auditOperations(),
  ...commandOperations(),
]

const perform = async (desk: Desk, one: Operation, c: Context): Promise<Response> => {
  const caller = callerOf(c, desk)
  if (one.access !== "anybody") {
    if (caller === undefined) throw signInFirst()
    if (one.access !== "signed-in" && !holdsAny(await caller.roles(), one.access)) throw notYours()
  }
  const asked: Asked<unknown, unknown, unknown> = {
    engine: desk.engine,
    caller: () => {
      if (caller === undefined) throw signInFirst()
      return caller
    },
    path: parsed(one.params, c.req.param(), () => notFound()),
    query: parsed(one.query, c.req.query(), badRequest),
    body: one.body === undefined ? undefined : await bodyOf(one, one.body, c.req.raw),
    c,
  }
  return answered(one, await one.run(asked as Asked<never, never, never>))
}

const bodyOf = async (one: Operation, schema: z.ZodType, request: Request): Promise<unknown> => {
  const body = await readJson(request)
  return one.checkedByEngine === true ? payloadOf(body) : parsed(schema, body, badRequest)
}

/** A payload, which may not bring what the envelope says. */
const payloadOf = (body: unknown): unknown => {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw badRequest("", "a payload is an object")
  }
  const envelope = ["type", "id", "by"].find((key) => Object.hasOwn(body, key))
  if (envelope !== undefined) throw badRequest(envelope, "is not known here")
  return body
}

const answered = (one: Operation, { status = one.status, body, headers, response }: Reply): Response => {
  if (response !== undefined) return response
  if (body === undefined) return new Response(null, { status, headers: { ...headers } })
  const shown = one.answer === undefined ? body : one.answer.parse(body)
  return new Response(JSON.stringify(shown), {
    status,
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store", ...headers },
  })
}

/** The parsed value; of a wrong one only the field's name and what was expected there are told. */
const parsed = (
  schema: z.ZodType,
  value: unknown,
  fail: (field: string, problem: string) => WebFailure,
): unknown => {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const unknownKey = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined
  const path = [...(issue?.path.map(String) ?? []), ...(unknownKey === undefined ? [] : [unknownKey])]
  const problem = unknownKey === undefined ? (issue?.message ?? "does not fit") : "is not known here"
  throw fail(path.join(".").slice(0, 200), problem.slice(0, 200))
}

const badRequest = (field: string, problem: string): WebFailure =>
  new WebFailure(
    400,
    "bad-request",
    text(`${field || "请求"} 不对:${problem}。`, `${field || "the request"} is wrong: ${problem}`),
  )
