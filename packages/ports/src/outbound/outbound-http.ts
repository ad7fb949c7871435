/**
 * One HTTP request to an address that was checked: what every adapter that speaks HTTP sends with.
 *
 * https unless the operator says otherwise; no redirect is followed; the name is resolved once, every
 * address it resolves to is checked, and the connection goes to a checked address. So a name that answers
 * public first and private later, a redirect, or `0x7f.1` reach nothing inside. One connection a request:
 * a connection that is used again may die under a request, and then nobody knows whether it arrived.
 *
 * What it does not do: it does not retry, keeps no cookies, decides nothing by status: a status of 200 is no
 * success before the adapter has read the body.
 */
import { lookup as systemLookup } from "node:dns/promises"
import { type IncomingMessage, request as plainRequest, type RequestOptions } from "node:http"
import { request as tlsRequest } from "node:https"
import { isIP, type LookupFunction } from "node:net"
import { type AddressRule, addressRule } from "./public-address.ts"

export interface OutboundOptions {
  /** Allows `http:` too: for a closed network, or for tests. Default: refused. */
  readonly plainHttp?: "allowed" | "refused"
  /** Addresses or ranges that may be connected to although they are not public. Default: none. */
  readonly privateRanges?: readonly string[]
  /** Resolves a name to addresses. Default: the system's resolver. */
  readonly resolve?: (host: string) => Promise<readonly string[]>
  /** The longest body that is read, bytes. Default 65,536; what is longer fails. */
  readonly maxBodyBytes?: number
}

export interface OutboundRequest {
  readonly method: "GET" | "POST" | "PUT"
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

export interface OutboundAnswer {
  readonly status: number
  /** Names in lower case; of a repeated header the first. */
  readonly headers: Readonly<Record<string, string>>
  /** UTF-8. */
  readonly body: string
}

/**
 * Sends one request.
 *
 * @param signal aborted when the caller stops waiting. Without a time limit a partner may hang for ever.
 * @throws OutboundFailure
 */
export type Outbound = (request: OutboundRequest, signal: AbortSignal) => Promise<OutboundAnswer>

/** Nobody answered. The message names the host at most, never a path, query, header or body. */
export interface OutboundFailure extends Error {
  readonly _tag: "OutboundFailure"
  /**
   * `refused-address`: the address or scheme is not allowed, nothing was sent. `not-sent`: certainly nothing
   * of the request arrived. `maybe-sent`: the request may have arrived and been worked on.
   */
  readonly reason: "refused-address" | "not-sent" | "maybe-sent"
}

/**
 * A sender under one host's rules.
 *
 * @throws RangeError for a range that is none.
 * @example
 * const send = outboundHttp()
 * await send({ method: "GET", url: "https://0x7f.1/", headers: {} }, AbortSignal.timeout(10_000))
 * // rejects: OutboundFailure refused-address
 */
export const outboundHttp = (options: OutboundOptions = {}): Outbound => {
  const allowed = addressRule(options.privateRanges ?? [])
  const resolve = options.resolve ?? resolveBySystem
  const maxBodyBytes = options.maxBodyBytes ?? 65_536
  return async (request, signal) => {
    const url = checkedUrl(request.url, options.plainHttp ?? "refused")
    if (signal.aborted) throw outboundFailure("not-sent", "stopped before it was sent")
    const addresses = await checkedAddresses(url, resolve, allowed)
    if (signal.aborted) throw outboundFailure("not-sent", "stopped before it was sent")
    return exchange(request, url, addresses, maxBodyBytes, signal)
  }
}

/** Makes an `OutboundFailure`. `_tag` is compared, never the class. */
export const outboundFailure = (reason: OutboundFailure["reason"], message: string): OutboundFailure =>
  Object.assign(new Error(message), { _tag: "OutboundFailure" as const, reason })

export const isOutboundFailure = (error: unknown): error is OutboundFailure =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "OutboundFailure"

/**
 * Milliseconds that `Retry-After` asks to wait, or `undefined` when it is missing or unreadable.
 *
 * @param header the header as it came: whole seconds, or a date.
 * @param nowMs the sender's clock, for a date. @returns 0 to 86,400,000.
 * @example retryAfterMs("120", 0) // => 120000
 */
export const retryAfterMs = (header: string | undefined, nowMs: number): number | undefined => {
  if (header === undefined) return undefined
  const text = header.trim()
  const waitMs = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), 86_400_000)
}

// internal

const resolveBySystem = async (host: string): Promise<readonly string[]> =>
  (await systemLookup(host, { all: true, verbatim: true })).map(({ address }) => address)

const checkedUrl = (text: string, plainHttp: "allowed" | "refused"): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) throw outboundFailure("refused-address", "the address is not a URL")
  if (url.protocol !== "https:" && !(url.protocol === "http:" && plainHttp === "allowed")) {
    throw outboundFailure("refused-address", `${url.protocol} is not allowed, https: is`)
  }
  if (url.username !== "" || url.password !== "") {
    throw outboundFailure("refused-address", "the address carries a password")
  }
  return url
}

const checkedAddresses = async (
  url: URL,
  resolve: (host: string) => Promise<readonly string[]>,
  allowed: AddressRule,
): Promise<readonly string[]> => {
  const host = url.hostname.replace(/^\[|\]$/g, "")
  const addresses = isIP(host) === 0 ? await resolved(host, resolve) : [host]
  // One forbidden address among allowed ones is a name that somebody plays with.
  if (!addresses.every(allowed)) {
    throw outboundFailure("refused-address", `${host} leads to an address that is not public and not listed`)
  }
  return addresses
}

const resolved = async (
  host: string,
  resolve: (host: string) => Promise<readonly string[]>,
): Promise<readonly string[]> => {
  try {
    const addresses = await resolve(host)
    if (addresses.length > 0) return addresses
  } catch {
    // Said below, without the resolver's own words.
  }
  throw outboundFailure("not-sent", `the name ${host} is not known`)
}

const exchange = (
  request: OutboundRequest,
  url: URL,
  addresses: readonly string[],
  maxBodyBytes: number,
  signal: AbortSignal,
): Promise<OutboundAnswer> =>
  new Promise((resolve, reject) => {
    let connected = false
    const body = request.body === undefined ? undefined : Buffer.from(request.body)
    const options: RequestOptions = {
      method: request.method,
      agent: false,
      lookup: lookupOf(addresses),
      headers: {
        ...request.headers,
        ...(body === undefined ? {} : { "content-length": String(body.length) }),
      },
    }
    const tls = url.protocol === "https:"
    const sent = (tls ? tlsRequest : plainRequest)(url, options, (incoming) => {
      readBody(incoming, maxBodyBytes).then(
        (text) => resolve({ status: incoming.statusCode ?? 0, headers: firstHeaders(incoming), body: text }),
        (error: Error) => {
          sent.destroy()
          fail(error)
        },
      )
    })
    const stop = (): void => {
      sent.destroy(new Error("nobody waits any more"))
    }
    const fail = (error: Error): void => {
      const reason = connected ? "maybe-sent" : "not-sent"
      reject(outboundFailure(reason, `${url.hostname}: ${codeOf(error)}`))
    }
    sent.once("socket", (socket) => {
      socket.once(tls ? "secureConnect" : "connect", () => {
        connected = true
      })
    })
    sent.once("error", fail)
    sent.once("close", () => signal.removeEventListener("abort", stop))
    signal.addEventListener("abort", stop, { once: true })
    sent.end(body)
  })

/** Answers with what was checked, whatever the resolver would say by now. */
const lookupOf =
  (addresses: readonly string[]): LookupFunction =>
  (_host, options, done) => {
    const all = addresses.map((address) => ({ address, family: isIP(address) }))
    if (options.all === true) done(null, all)
    else done(null, all[0]?.address ?? "", all[0]?.family)
  }

const readBody = async (incoming: IncomingMessage, maxBodyBytes: number): Promise<string> => {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of incoming) {
    const chunk = Buffer.from(part as Uint8Array)
    bytes += chunk.length
    if (bytes > maxBodyBytes) throw new Error(`the answer is longer than ${maxBodyBytes} bytes`)
    parts.push(chunk)
  }
  return Buffer.concat(parts).toString("utf8")
}

const firstHeaders = (incoming: IncomingMessage): Record<string, string> => {
  const headers: Record<string, string> = {}
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    if (values?.[0] !== undefined) headers[name] = values[0]
  }
  return headers
}

/** The system's code where there is one: its message may hold a path. */
const codeOf = (error: Error): string =>
  "code" in error && typeof error.code === "string" ? error.code : error.message
