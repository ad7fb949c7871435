/**
 * An Open311 GeoReport v2 server: other systems send service requests and ask what became of them.
 *
 * `/open311/v2` is production, `/open311/test` takes a request through the rules and keeps nothing; discovery
 * names both. XML or JSON by the extension. Cookies count for nothing here: whoever posts has a key.
 *
 * @source http://wiki.open311.org/GeoReport_v2
 */
import { createHash } from "node:crypto"
import type { Policy } from "@yingshao/core/decisions"
import type { Yingshao } from "@yingshao/engine"
import { type Context, Hono } from "hono"
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible"
import { readBytes } from "../api/read-json.ts"
import { expected } from "../web/failure.ts"
import {
  type Filter,
  listRequests,
  Open311Failure,
  oneRequest,
  type Partner,
  takeRequest,
  type View,
} from "./requests.ts"
import { type Format, type Names, type Record, typeOf, write } from "./write-answer.ts"

export interface Open311Options {
  /** For categories and their names. */
  readonly policy: Policy
  /** Systems that may post, by the SHA-256 of their key in hex; see `keyDigest`. */
  readonly partners: ReadonlyMap<string, Partner>
  /** Categories that are shown to their sender only. */
  readonly confidential: ReadonlySet<string>
  /** Whom to ask. */
  readonly contact: string
  /** Where the server is reached from outside; never taken from what a request says. */
  readonly publicUrl: () => string
  /** `; charset=utf-8` in the type of answers; left out: yes. */
  readonly charset?: boolean
  /** Requests that one system may send in a minute; left out: 300. */
  readonly perMinute?: number
}

export const keyDigest = (key: string): string => createHash("sha256").update(key).digest("hex")

/** Bytes of a posted form. */
const mostFormBytes = 64_000

export const open311 = (engine: Yingshao, options: Open311Options): Hono => {
  const limiter = new RateLimiterMemory({ points: options.perMinute ?? 300, duration: 60 })
  const server = { engine, options, limiter, charset: options.charset ?? true }
  const app = new Hono()
  app.get("/:file{discovery\\.(xml|json)}", (c) => discovery(server, c))
  app.route("/v2", endpoint(server, false))
  app.route("/test", endpoint(server, true))
  app.all("*", (c) => failed(server, c, new Open311Failure(404, "there is nothing at this address")))
  app.onError((error, c) => {
    if (error instanceof Open311Failure) return failed(server, c, error)
    const known = expected(error)
    if (known === undefined) throw error
    const status = known.status === 503 || known.status === 429 ? known.status : 400
    return failed(server, c, new Open311Failure(status, known.say.en))
  })
  return app
}

// internal

interface Server {
  readonly engine: Yingshao
  readonly options: Open311Options
  readonly limiter: RateLimiterMemory
  readonly charset: boolean
}

const endpoint = (server: Server, dry: boolean): Hono => {
  const { engine, options } = server
  return new Hono()
    .get("/:file{services\\.(xml|json)}", (c) => {
      checkJurisdiction(server, c.req.query("jurisdiction_id"))
      const services = options.policy.categories.map((code) => serviceOf(options, code))
      return answered(server, c, services, { list: "services", one: "service" })
    })
    .get("/services/:file{[^/]+\\.(xml|json)}", (c) => {
      checkJurisdiction(server, c.req.query("jurisdiction_id"))
      const code = nameOf(c)
      if (!options.policy.categories.includes(code)) throw new Open311Failure(404, "no such service_code")
      const names = { list: "service_definitions", one: "service_definition" }
      return answered(server, c, { service_code: code, attributes: [] }, names)
    })
    .get("/tokens/:file{[^/]+\\.(xml|json)}", async (c) => {
      const shown = await oneRequest(viewOf(server, c), nameOf(c))
      if (shown === undefined) throw new Open311Failure(404, "no such token")
      const id = String(shown.service_request_id)
      return answered(server, c, [{ token: id, service_request_id: id }], requestNames)
    })
    .get("/:file{requests\\.(xml|json)}", async (c) => {
      const view = viewOf(server, c)
      const ids = listed(c.req.query("service_request_id"), 100)
      const found =
        ids === undefined
          ? await listRequests(view, view.partners, filterOf(engine, c))
          : await someRequests(view, ids)
      return answered(server, c, found, requestNames)
    })
    .get("/requests/:file{[^/]+\\.(xml|json)}", async (c) => {
      const shown = await oneRequest(viewOf(server, c), nameOf(c))
      if (shown === undefined) throw new Open311Failure(404, "no such service_request_id")
      return answered(server, c, [shown], requestNames)
    })
    .post("/:file{requests\\.(xml|json)}", async (c) => {
      const form = await formOf(c)
      checkJurisdiction(server, form.get("jurisdiction_id") ?? c.req.query("jurisdiction_id"))
      const partner = partnerOf(server, form.get("api_key") ?? c.req.query("api_key"))
      if (partner === undefined) throw new Open311Failure(403, "a valid api_key is needed")
      await withinRate(server, partner)
      const code = form.get("service_code") ?? ""
      if (!options.policy.categories.includes(code)) {
        throw new Open311Failure(
          code === "" ? 400 : 404,
          code === "" ? "service_code is needed" : "no such service_code",
        )
      }
      const { report } = await takeRequest(engine, partner, form, c.req.header("idempotency-key"), dry)
      const made = { service_request_id: report, service_notice: null, account_id: null }
      return answered(server, c, [made], requestNames, 201)
    })
}

const requestNames: Names = { list: "service_requests", one: "request" }

const serviceOf = ({ policy, confidential }: Open311Options, code: string): Record => ({
  service_code: code,
  service_name: policy.label(code, "zh"),
  description: policy.label(code, "en"),
  metadata: false,
  type: confidential.has(code) ? "blackbox" : "realtime",
  keywords: null,
  group: null,
})

const discovery = (server: Server, c: Context): Response => {
  const base = server.options.publicUrl()
  const at = (path: string, type: string): Record => ({
    specification: "http://wiki.open311.org/GeoReport_v2",
    url: new URL(`/open311/${path}`, base).href,
    changeset: "2026-01-01T00:00:00Z",
    type,
    formats: formats(c),
  })
  const found: Record = {
    changeset: "2026-01-01T00:00:00Z",
    contact: server.options.contact,
    key_service: server.options.contact,
    endpoints: [at("v2", "production"), at("test", "test")],
  }
  return answered(server, c, found, { list: "discovery", one: "discovery" })
}

/** The one list of plain texts in the standard. */
const formats = (c: Context) =>
  (formatOf(c) === "json"
    ? ["text/xml", "application/json"]
    : [{ format: "text/xml" }, { format: "application/json" }]) as readonly Record[]

const answered = (
  server: Server,
  c: Context,
  value: readonly Record[] | Record,
  names: Names,
  status: 200 | 201 = 200,
): Response => {
  const format = formatOf(c)
  return new Response(write(value, names, format), {
    status,
    headers: { "Content-Type": typeOf(format, server.charset), "Cache-Control": "no-store" },
  })
}

/** Errors are a list too. */
const failed = (server: Server, c: Context, { status, message }: Open311Failure): Response => {
  const format = formatOf(c)
  const body = write([{ code: status, description: message }], { list: "errors", one: "error" }, format)
  const headers = { "Content-Type": typeOf(format, server.charset), "Cache-Control": "no-store" }
  return new Response(body, { status, headers })
}

const formatOf = (c: Context): Format => (c.req.path.endsWith(".json") ? "json" : "xml")

/** `fire` of `/services/fire.json`. */
const nameOf = (c: Context): string => (c.req.param("file") ?? "").replace(/\.(xml|json)$/, "")

const checkJurisdiction = ({ engine }: Server, given: string | null | undefined): void => {
  if (given === null || given === undefined || given === "" || given === engine.programme) return
  throw new Open311Failure(404, "no such jurisdiction_id")
}

const partnerOf = ({ options }: Server, key: string | null | undefined): Partner | undefined => {
  if (key === null || key === undefined || key === "") return undefined
  const partner = options.partners.get(keyDigest(key))
  if (partner === undefined) throw new Open311Failure(403, "this api_key is not known")
  return partner
}

const viewOf = (server: Server, c: Context): View => {
  const { engine, options } = server
  checkJurisdiction(server, c.req.query("jurisdiction_id"))
  return {
    engine,
    asker: partnerOf(server, c.req.query("api_key")),
    partners: [...new Set([...options.partners.values()].map(({ person }) => person))],
    confidential: options.confidential,
    label: (category) => options.policy.label(category, "zh"),
  }
}

const someRequests = async (view: View, ids: readonly string[]): Promise<readonly Record[]> => {
  const found = await Promise.all(ids.map((id) => oneRequest(view, id)))
  return found.filter((one) => one !== undefined)
}

const listed = (value: string | undefined, most: number): readonly string[] | undefined =>
  value === undefined || value === "" ? undefined : value.split(",", most).map((part) => part.trim())

const day = 86_400_000
/** The longest that one list reaches, as the standard has it. */
const mostDays = 90

const filterOf = (engine: Yingshao, c: Context): Filter => {
  const now = Date.parse(engine.now())
  const end = instantOf(c.req.query("end_date"), "end_date")
  const start = instantOf(c.req.query("start_date"), "start_date")
  const below = end ?? (start === undefined ? now + day : Math.min(now + day, start + mostDays * day))
  const from = Math.max(start ?? 0, below - mostDays * day)
  const status = listed(c.req.query("status"), 2)
  if (status?.some((one) => one !== "open" && one !== "closed")) {
    throw new Open311Failure(400, "status is open, closed, or both")
  }
  return {
    codes: listed(c.req.query("service_code"), 50),
    status,
    from: new Date(from).toISOString(),
    below: new Date(below).toISOString(),
  }
}

const instantOf = (value: string | undefined, name: string): number | undefined => {
  if (value === undefined || value === "") return undefined
  const ms = /^\d{4}-\d\d-\d\d(T[\d:.]{5,12}(Z|[+-]\d\d:?\d\d)?)?$/.test(value)
    ? Date.parse(value)
    : Number.NaN
  if (Number.isNaN(ms)) throw new Open311Failure(400, `${name} is no date of ISO 8601`)
  return ms
}

const formOf = async (c: Context): Promise<URLSearchParams> => {
  if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header("content-type") ?? "")) {
    throw new Open311Failure(400, "the body must be application/x-www-form-urlencoded")
  }
  return new URLSearchParams(new TextDecoder().decode(await readBytes(c.req.raw, mostFormBytes)))
}

const withinRate = async ({ limiter }: Server, { person }: Partner): Promise<void> => {
  try {
    await limiter.consume(person)
  } catch (limit) {
    throw limit instanceof RateLimiterRes ? new Open311Failure(429, "too many requests in a minute") : limit
  }
}
