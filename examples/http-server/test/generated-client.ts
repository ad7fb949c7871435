/** A client generated from the server's own OpenAPI document, whose calls go to the app in this process. */

import { Ajv2020 } from "ajv/dist/2020.js"
import axios, { type AxiosResponse, type InternalAxiosRequestConfig } from "axios"
import { OpenAPIClientAxios } from "openapi-client-axios"
import type { TestApp } from "./open-app.ts"
import { passphrase } from "./open-app.ts"

export interface DocumentOperation {
  readonly operationId: string
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: object }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: object }>> }
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { schema?: object }>> }>
  >
}

export interface ApiDocument {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentOperation>>>>
}

export interface Client {
  call(operation: string, parameters?: object, body?: unknown, headers?: object): Promise<AxiosResponse>
}

export const documentOf = async ({ app }: Pick<TestApp, "app">): Promise<ApiDocument> =>
  (await (await app.request("/api/openapi.json")).json()) as ApiDocument

/** @param account signs in first; left out: nobody. */
export const clientOf = async (
  county: Pick<TestApp, "app">,
  document: ApiDocument,
  account?: string,
): Promise<Client> => {
  const client = await (clients.get(document) ?? madeFrom(document, county))
  const call = (operation: string, parameters = {}, body?: unknown, headers = {}) => {
    const run = (client as unknown as Record<string, (...given: unknown[]) => Promise<AxiosResponse>>)[
      operation
    ]
    if (run === undefined) throw new Error(`the document has no operation ${operation}`)
    return run(parameters, body, { headers })
  }
  if (account === undefined) return { call }
  const { data } = await call("signIn", {}, { account, passphrase })
  return {
    call: (operation, parameters, body, headers) =>
      call(operation, parameters, body, { authorization: `Bearer ${data.token}`, ...headers }),
  }
}

/** Says what of an answer the document does not describe; `undefined` when it fits. */
export const answerChecker = (document: ApiDocument) => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema(document, "document")
  const operations = new Map(
    Object.values(document.paths).flatMap((path) =>
      Object.values(path).map((one) => [one.operationId, one] as const),
    ),
  )
  return (operation: string, answer: AxiosResponse): string | undefined => {
    const described = operations.get(operation)?.responses
    if (answer.status >= 400) {
      const valid = ajv.validate({ $ref: "document#/components/schemas/Problem" }, answer.data)
      return valid ? undefined : `problem: ${ajv.errorsText()}`
    }
    const one = described?.[answer.status]
    if (one === undefined) return `status ${answer.status} is not described`
    const schema = one.content?.["application/json"]?.schema
    if (schema === undefined || ajv.validate(schema, answer.data)) return undefined
    return `${operation}: ${ajv.errorsText()}`
  }
}

// internal

/** Making one takes longer than all its calls. */
const clients = new WeakMap<ApiDocument, Promise<unknown>>()

const madeFrom = (document: ApiDocument, county: Pick<TestApp, "app">): Promise<unknown> => {
  const made = new OpenAPIClientAxios({
    definition: document as never,
    axiosConfigDefaults: { adapter: (config) => inProcess(county, config), validateStatus: () => true },
  }).init()
  clients.set(document, made)
  return made
}

const inProcess = async (
  { app }: Pick<TestApp, "app">,
  config: InternalAxiosRequestConfig,
): Promise<AxiosResponse> => {
  const url = axios.getUri(config)
  const method = (config.method ?? "get").toUpperCase()
  const body = config.data === undefined ? {} : { body: config.data }
  const answer = await app.request(url, {
    method,
    headers: config.headers.toJSON() as Record<string, string>,
    ...body,
  })
  const text = await answer.text()
  const isJson =
    /json$|json;/.test(answer.headers.get("content-type") ?? "") &&
    !/ndjson/.test(answer.headers.get("content-type") ?? "")
  return {
    config,
    status: answer.status,
    statusText: "",
    headers: Object.fromEntries(answer.headers),
    data: isJson && text !== "" ? JSON.parse(text) : text,
  }
}
