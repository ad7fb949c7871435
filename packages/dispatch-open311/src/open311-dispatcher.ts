/**
 * A client of Open311 GeoReport v2: an order becomes a service request of another city's system.
 *
 * The standard has no idempotency: before anything is posted the server's recent requests are searched for our
 * own reference, which stands at the end of every description, so that an order whose outcome was unknown is
 * not opened twice. A server answers at once with its id, or with a token that is asked about later, or with
 * neither. Coordinates are WGS-84; an order without one goes by its address.
 *
 * What it does not do: it sends no photo and nobody's name, and it waits for no token.
 *
 * @source http://wiki.open311.org/GeoReport_v2
 */
import {
  type Dispatcher,
  dispatcherContract,
  dispatchRefusal,
  type Handed,
  isOrderId,
  type Order,
  type PartnerReceipt,
} from "@yingshao/ports/dispatcher"
import {
  isOutboundFailure,
  type Outbound,
  type OutboundAnswer,
  type OutboundRequest,
  outboundHttp,
  retryAfterMs,
} from "@yingshao/ports/outbound/outbound-http"
import { type OpenRequest, type OpenRequests, openRequestsInMemory } from "./open-requests.ts"

export interface Open311Partner {
  /** Base address; a slash at its end makes no difference. */
  readonly url: string
  readonly jurisdictionId?: string
  /** Secret. */
  readonly apiKey?: string
  /** The city's `service_code` for each of our categories; `otherwise` for the rest. */
  readonly serviceCodes: Readonly<Record<string, string>> & { readonly otherwise: string }
}

export interface Open311Options {
  readonly partners: Readonly<Record<string, Open311Partner>>
  /** Left out: in memory, and after a restart nobody asks about earlier ones. See `openRequestsInFolder`. */
  readonly openRequests?: OpenRequests
  /** Milliseconds between two questions about one request. Default 300,000. */
  readonly askEveryMs?: number
  readonly outbound?: Outbound
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly now?: () => number
}

/**
 * A dispatcher over Open311. Only what begins an order can be told to such a server: of anything else (a recall, more
 * time, another lead) a person must tell the city. Receipts are asked for: `received` when the server has an id,
 * `result` when it closed.
 */
export const open311Dispatcher = (options: Open311Options): Dispatcher => {
  const send = options.outbound ?? outboundHttp({ maxBodyBytes: 4_000_000 })
  const now = options.now ?? Date.now
  const openRequests = options.openRequests ?? openRequestsInMemory()
  /** Receipts that were given out and not acknowledged, and what is known of their requests then. */
  const given = new Map<string, News>()
  const partnerOf = (name: string): Open311Partner | undefined =>
    Object.hasOwn(options.partners, name) ? options.partners[name] : undefined

  return {
    contract: dispatcherContract,
    name: "open311",
    async hand(order, signal) {
      const partner = partnerOf(order.to)
      if (partner === undefined) throw dispatchRefusal("never", "open311: no partner of this name")
      if (!isOrderId(order.id)) throw dispatchRefusal("never", "open311: this is no id of an order")
      if (order.type !== "assigned" && order.type !== "reassigned")
        throw dispatchRefusal(
          "ask-a-person",
          `open311: tell the city of what was ${order.type}: it has no way`,
        )
      const ask = asker(partner, send, signal, now)
      const known = await findOurs(ask, order)
      const made = known ?? (await post(ask, partner, order))
      const { requestId, token }: Pick<OpenRequest, "requestId" | "token"> = made
      if (requestId !== undefined || token !== undefined)
        await openRequests
          .put({ partner: order.to, ref: order.id, told: "nothing", askedMs: 0, ...made })
          .catch(() => {
            throw dispatchRefusal("later", "open311: the open request cannot be written down")
          })
      return {
        id: order.id,
        grade: requestId === undefined ? "handed-over" : "accepted",
        ...(requestId === undefined ? {} : { partnerRef: requestId }),
        ...(known === undefined ? {} : { duplicate: true }),
      } satisfies Handed
    },
    async receipts(limit) {
      const found = [...given.values()].map(({ receipt }) => receipt).slice(0, limit)
      const waiting = new Set(found.map(({ source, ref }) => `${source}\n${ref}`))
      const silent = new Set<string>()
      const due = await openRequests.list(100, now() - (options.askEveryMs ?? 300_000))
      for (const open of due) {
        if (found.length >= limit) break
        const partner = partnerOf(open.partner)
        if (partner === undefined || silent.has(open.partner)) continue
        if (waiting.has(`${open.partner}\n${open.ref}`)) continue
        const ask = asker(partner, send, AbortSignal.timeout(10_000), now)
        const asked = await heardOf(ask, { ...open, askedMs: now() }).catch(() => undefined)
        // One that does not answer is not asked about the others now.
        if (asked === undefined) silent.add(open.partner)
        await openRequests.put(asked?.open ?? { ...open, askedMs: now() })
        if (asked?.news === undefined) continue
        given.set(asked.news.receipt.id, asked.news)
        found.push(asked.news.receipt)
      }
      return found
    },
    async acknowledge(ids) {
      for (const id of ids) {
        const news = given.get(id)
        if (news === undefined) continue
        if (news.next === "closed") await openRequests.remove(news.receipt.source, news.receipt.ref)
        else await openRequests.put(news.next)
        given.delete(id)
      }
    },
    close: async () => {},
  }
}

// internal

interface Asker {
  (request: Pick<OutboundRequest, "method" | "body"> & { readonly path: string }): Promise<readonly Fields[]>
  readonly partner: Open311Partner
}

type Fields = Readonly<Record<string, unknown>>

/** The reference that tells our requests from others'. */
const markOf = (ref: string): string => `[ref ${ref}]`

const asker = (partner: Open311Partner, send: Outbound, signal: AbortSignal, now: () => number): Asker => {
  const ask = async ({ method, path, body }: Parameters<Asker>[0]): Promise<readonly Fields[]> => {
    const url = `${partner.url.replace(/\/+$/, "")}${path}`
    const headers =
      body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded; charset=utf-8" }
    const answer = await send(
      { method, url, headers, ...(body === undefined ? {} : { body }) },
      signal,
    ).catch((error: unknown) => {
      if (!isOutboundFailure(error)) throw error
      throw dispatchRefusal(
        error.reason === "refused-address" ? "ask-a-person" : "later",
        `open311: ${error.message}`,
      )
    })
    return listIn(answer, now())
  }
  return Object.assign(ask, { partner })
}

/** Every answer of the standard is a list, errors included; one that is no list is not from such a server. */
const listIn = (answer: OutboundAnswer, nowMs: number): readonly Fields[] => {
  const { status } = answer
  const said = `open311: status ${status}`
  if (status === 429 || status === 408 || status >= 500) {
    throw dispatchRefusal("later", said, retryAfterMs(answer.headers["retry-after"], nowMs))
  }
  if ([401, 403].includes(status) || (status >= 300 && status < 400))
    throw dispatchRefusal("ask-a-person", said)
  if (status >= 400) throw dispatchRefusal(status === 404 ? "ask-a-person" : "never", said)
  let list: unknown
  try {
    list = JSON.parse(answer.body)
  } catch {
    list = undefined
  }
  if (!Array.isArray(list)) throw dispatchRefusal("ask-a-person", `${said}, and the answer is no list`)
  return list.filter((one): one is Fields => typeof one === "object" && one !== null)
}

const queryOf = (partner: Open311Partner, more: Readonly<Record<string, string>> = {}): string => {
  const query = new URLSearchParams(more)
  if (partner.jurisdictionId !== undefined) query.set("jurisdiction_id", partner.jurisdictionId)
  const text = query.toString()
  return text === "" ? "" : `?${text}`
}

/** A request with our reference among those of the service since a day before the order. */
const findOurs = async (ask: Asker, order: Order): Promise<Pick<OpenRequest, "requestId"> | undefined> => {
  const start = new Date(Date.parse(order.time) - 86_400_000).toISOString().replace(/\.\d+Z$/, "Z")
  const query = queryOf(ask.partner, { service_code: serviceCode(ask.partner, order), start_date: start })
  const mark = markOf(order.id)
  for (const request of await ask({ method: "GET", path: `/requests.json${query}` })) {
    const requestId = textOf(request.service_request_id)
    if (requestId !== undefined && textOf(request.description)?.includes(mark)) return { requestId }
  }
  return undefined
}

const post = async (
  ask: Asker,
  partner: Open311Partner,
  order: Order,
): Promise<Pick<OpenRequest, "requestId" | "token">> => {
  const [answer] = await ask({
    method: "POST",
    path: `/requests.json${queryOf(partner)}`,
    body: formOf(partner, order).toString(),
  })
  const requestId = textOf(answer?.service_request_id)
  if (requestId !== undefined) return { requestId }
  const token = textOf(answer?.token)
  return token === undefined ? {} : { token }
}

const formOf = (partner: Open311Partner, order: Order): URLSearchParams => {
  const form = new URLSearchParams({ service_code: serviceCode(partner, order) })
  if (partner.apiKey !== undefined) form.set("api_key", partner.apiKey)
  if (partner.jurisdictionId !== undefined) form.set("jurisdiction_id", partner.jurisdictionId)
  const { summary, place } = order.data
  const { text, lat, lng, crs } = (place ?? {}) as Readonly<Record<string, unknown>>
  if (typeof lat === "number" && typeof lng === "number") {
    if (crs !== "wgs84") throw dispatchRefusal("never", "open311: a coordinate must be wgs84")
    form.set("lat", String(lat))
    form.set("long", String(lng))
  }
  // Real servers insist on an address, also beside a coordinate.
  form.set("address_string", typeof text === "string" && text !== "" ? text : "-")
  form.set("description", `${typeof summary === "string" ? summary : ""} ${markOf(order.id)}`.trim())
  return form
}

const serviceCode = ({ serviceCodes }: Open311Partner, order: Order): string => {
  const { category } = order.data
  const first: unknown = Array.isArray(category)
    ? (category[0] as { code?: unknown } | undefined)?.code
    : category
  const own =
    typeof first === "string" && Object.hasOwn(serviceCodes, first) ? serviceCodes[first] : undefined
  return own ?? serviceCodes.otherwise
}

/** What was done, of a server that closes without saying so. */
const closedWithoutWords = "对方系统已办结,未附说明"

/** What the inbox takes as a result; a city may write more. */
const mostResultChars = 1_000

interface News {
  readonly receipt: PartnerReceipt
  readonly next: OpenRequest | "closed"
}

interface Heard {
  /** What is known of the request now, without what is new about it. */
  readonly open: OpenRequest
  readonly news?: News
}

/** Asks about a request; what is new about it becomes a receipt. */
const heardOf = async (ask: Asker, before: OpenRequest): Promise<Heard> => {
  const requestId = before.requestId ?? (await resolved(ask, before.token))
  if (requestId === undefined) return { open: before }
  const open: OpenRequest = { ...before, requestId }
  const path = `/requests/${encodeURIComponent(requestId)}.json${queryOf(ask.partner)}`
  const [request] = await ask({ method: "GET", path })
  const status = textOf(request?.status)
  const time = instantOf(request?.updated_datetime) ?? instantOf(request?.requested_datetime)
  if (status === undefined || time === undefined) return { open }
  const closed = status.toLowerCase() === "closed"
  if (!closed && open.told === "received") return { open }
  const note = textOf(request?.status_notes)?.slice(0, mostResultChars).toWellFormed()
  const type = closed ? "result" : "received"
  return {
    open,
    news: {
      receipt: {
        id: `${type}:${open.ref}`,
        source: open.partner,
        type,
        ref: open.ref,
        partnerRef: requestId,
        time,
        data: closed ? { result: note ?? closedWithoutWords } : note === undefined ? {} : { note },
      },
      next: closed ? "closed" : { ...open, told: "received" },
    },
  }
}

const resolved = async (ask: Asker, token: string | undefined): Promise<string | undefined> => {
  if (token === undefined) return undefined
  const [answer] = await ask({
    method: "GET",
    path: `/tokens/${encodeURIComponent(token)}.json${queryOf(ask.partner)}`,
  })
  return textOf(answer?.service_request_id)
}

/** Some servers send ids as numbers, and `""` for nothing. */
const textOf = (value: unknown): string | undefined => {
  const text = typeof value === "number" ? String(value) : value
  return typeof text === "string" && text.trim() !== "" ? text : undefined
}

const instantOf = (value: unknown): string | undefined => {
  const ms = typeof value === "string" ? Date.parse(value) : NaN
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString()
}
