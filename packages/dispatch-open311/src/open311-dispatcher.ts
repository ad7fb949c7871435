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

export interface Open311Partner {
  /** Base address; a slash at its end makes no difference. */
  readonly url: string
  readonly jurisdictionId?: string
  /** Secret. */
  readonly apiKey?: string
  /** The city's `service_code` for each of our categories; `otherwise` for the rest. */
  readonly serviceCodes: Readonly<Record<string, string>> & { readonly otherwise: string }
}

/** A request of ours that a server has, and that is not closed yet. */
export interface OpenRequest {
  readonly partner: string
  /** Id of our order. */
  readonly ref: string
  /** One of the two is known. */
  readonly requestId?: string
  readonly token?: string
  /** The last status that was made a receipt of. */
  readonly told: "nothing" | "received"
}

/** Where open requests are kept between questions. A host that restarts keeps them in a table of its own. */
export interface OpenRequests {
  put(request: OpenRequest): Promise<void>
  /** The ones that were asked about longest ago first. */
  list(limit: number): Promise<readonly OpenRequest[]>
  remove(partner: string, ref: string): Promise<void>
}

export interface Open311Options {
  readonly partners: Readonly<Record<string, Open311Partner>>
  readonly openRequests?: OpenRequests
  readonly outbound?: Outbound
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly now?: () => number
}

/** A dispatcher over Open311. Receipts are asked for: `received` when the server has an id, `result` when it closed. */
export const open311Dispatcher = (options: Open311Options): Dispatcher => {
  const send = options.outbound ?? outboundHttp({ maxBodyBytes: 4_000_000 })
  const now = options.now ?? Date.now
  const openRequests = options.openRequests ?? openRequestsInMemory()
  /** Receipts that were given out, and what acknowledging them changes. */
  const given = new Map<string, () => Promise<void>>()
  const partnerOf = (name: string): Open311Partner | undefined =>
    Object.hasOwn(options.partners, name) ? options.partners[name] : undefined

  return {
    contract: dispatcherContract,
    name: "open311",
    async hand(order, signal) {
      const partner = partnerOf(order.to)
      if (partner === undefined) throw dispatchRefusal("never", "open311: no partner of this name")
      if (!isOrderId(order.id)) throw dispatchRefusal("never", "open311: this is no id of an order")
      const ask = asker(partner, send, signal, now)
      const known = await findOurs(ask, order)
      const made = known ?? (await post(ask, partner, order))
      await openRequests.put({ partner: order.to, ref: order.id, told: "nothing", ...made })
      const { requestId } = made
      return {
        id: order.id,
        grade: requestId === undefined ? "handed-over" : "accepted",
        ...(requestId === undefined ? {} : { partnerRef: requestId }),
        ...(known === undefined ? {} : { duplicate: true }),
      } satisfies Handed
    },
    async receipts(limit) {
      const found: PartnerReceipt[] = []
      for (const open of await openRequests.list(Math.min(limit, 100))) {
        const partner = partnerOf(open.partner)
        if (partner === undefined) continue
        const ask = asker(partner, send, AbortSignal.timeout(10_000), now)
        const news = await newsOf(ask, open).catch(() => undefined)
        if (news === undefined) continue
        given.set(news.receipt.id, async () => {
          if (news.next === "closed") await openRequests.remove(open.partner, open.ref)
          else await openRequests.put(news.next)
        })
        found.push(news.receipt)
      }
      return found
    },
    async acknowledge(ids) {
      for (const id of ids) {
        await given.get(id)?.()
        given.delete(id)
      }
    },
    close: async () => {},
  }
}

/** Open requests of this process only: after a restart nobody asks about the earlier ones. */
export const openRequestsInMemory = (): OpenRequests => {
  const open = new Map<string, OpenRequest>()
  const keyOf = (partner: string, ref: string): string => `${partner}\n${ref}`
  return {
    put: async (request) => {
      const key = keyOf(request.partner, request.ref)
      open.delete(key)
      open.set(key, request)
    },
    list: async (limit) => [...open.values()].slice(0, limit),
    remove: async (partner, ref) => void open.delete(keyOf(partner, ref)),
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

interface News {
  readonly receipt: PartnerReceipt
  readonly next: OpenRequest | "closed"
}

/** What is new about a request, as a receipt; `undefined` when nothing is. */
const newsOf = async (ask: Asker, open: OpenRequest): Promise<News | undefined> => {
  const requestId = open.requestId ?? (await resolved(ask, open.token))
  if (requestId === undefined) return undefined
  const path = `/requests/${encodeURIComponent(requestId)}.json${queryOf(ask.partner)}`
  const [request] = await ask({ method: "GET", path })
  const status = textOf(request?.status)
  const time = instantOf(request?.updated_datetime) ?? instantOf(request?.requested_datetime)
  if (status === undefined || time === undefined) return undefined
  const closed = status.toLowerCase() === "closed"
  if (!closed && open.told === "received") return undefined
  const note = textOf(request?.status_notes)
  const type = closed ? "result" : "received"
  return {
    receipt: {
      id: `${type}:${open.ref}`,
      source: open.partner,
      type,
      ref: open.ref,
      partnerRef: requestId,
      time,
      data: closed ? { result: note ?? closedWithoutWords } : note === undefined ? {} : { note },
    },
    next: closed ? "closed" : { partner: open.partner, ref: open.ref, requestId, told: "received" },
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
