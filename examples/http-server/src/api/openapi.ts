/**
 * The OpenAPI 3.1 document of a list of operations, made from the very schemas that check requests.
 */
import * as z from "zod"
import type { Operation } from "./operation.ts"
import { problem } from "./views.ts"

type Json = { readonly [key: string]: unknown }

/** @param server where the API is reached, for instance `/api`. */
export const openApiDocument = (operations: readonly Operation[], server: string): Json => {
  const paths: Record<string, Record<string, Json>> = {}
  for (const one of operations) {
    const path = paths[one.path] ?? {}
    paths[one.path] = path
    path[one.method] = described(one)
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "yingshao",
      version: "0.1.0",
      description:
        "Every command and query of the programme. Refusals are problems with a stable code and a sentence in Chinese and English. The same Idempotency-Key with the same body gets the same answer.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: server }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { Problem: schemaOf(problem) },
      responses: { Problem: problemAnswer("it was refused, or did not work") },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "the token of signIn" },
        cookie: {
          type: "apiKey",
          in: "cookie",
          name: "ys-session",
          description: "changes also need X-CSRF-Token",
        },
      },
    },
  }
}

/** JSON Schema 2020-12 of what goes in; what is checked by code beyond a schema is left out. */
export const schemaOf = (schema: z.ZodType): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    target: "draft-2020-12",
  }) as Json
  return rest
}

// internal

const described = (one: Operation): Json => ({
  operationId: one.id,
  tags: [one.tag],
  summary: one.summary,
  ...(one.description === undefined ? {} : { description: one.description }),
  ...(one.access === "anybody" ? { security: [] } : { security: [{ bearer: [] }, { cookie: [] }] }),
  ...(Array.isArray(one.access) ? { "x-roles": one.access } : {}),
  parameters: [
    ...parametersOf(one.params, "path"),
    ...parametersOf(one.query, "query"),
    ...(one.headers === undefined ? [] : parametersOf(one.headers, "header")),
  ],
  ...bodyOf(one),
  responses: {
    [one.status]: {
      description: "done",
      ...contentOf(one),
      ...(one.answerHeaders === undefined ? {} : { headers: headersOf(one.answerHeaders) }),
    },
    ...(one.answerHeaders?.ETag === undefined ? {} : { 304: { description: "not changed" } }),
    ...(one.headers !== undefined && "if-match" in one.headers.shape
      ? { 412: { $ref: "#/components/responses/Problem" } }
      : {}),
    default: { $ref: "#/components/responses/Problem" },
  },
})

const parametersOf = (schema: z.ZodObject, place: "path" | "query" | "header"): readonly Json[] =>
  Object.entries(schema.shape).map(([name, part]) => {
    const { description, ...rest } = schemaOf(part as z.ZodType)
    return {
      name: place === "header" ? headerName(name) : name,
      in: place,
      required: place === "path" || !(part as z.ZodType).safeParse(undefined).success,
      ...(description === undefined ? {} : { description }),
      schema: rest,
    }
  })

const headerName = (name: string): string => name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())

const bodyOf = ({ body, bodyType }: Operation): Json => {
  if (bodyType !== undefined) return { requestBody: { required: true, content: { [bodyType]: {} } } }
  if (body === undefined) return {}
  return { requestBody: { required: true, content: { "application/json": { schema: schemaOf(body) } } } }
}

const contentOf = ({ answer, answerType }: Operation): Json => {
  if (answerType !== undefined) return { content: { [answerType]: {} } }
  return answer === undefined ? {} : { content: { "application/json": { schema: schemaOf(answer) } } }
}

const headersOf = (headers: Readonly<Record<string, string>>): Json =>
  Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: "string" } }]),
  )

const problemAnswer = (description: string): Json => ({
  description,
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
})
