/**
 * An HTTP server on this machine that plays a vendor: strictly when it is well, and badly on demand.
 *
 * It reads the whole request, lets the vendor's own check judge it, and counts deliveries, not distinct ids.
 * Its moods are what real vendors did to real senders: a login page with status 200, an error in the body of a
 * success, a redirect whose target would succeed, a connection that hangs or breaks after everything was
 * read. What it does not do: it speaks no TLS; an adapter under test is given an outbound that allows this.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** What the server does with the requests that come until the mood changes. */
export type FakeMood =
  | "well"
  /** The vendor's own code for too many messages; 429 with Retry-After where it has none. */
  | "rate-limited"
  /** Status 429 with `Retry-After: 7`, as a gateway before the vendor says it. */
  | "status-429"
  /** Status 200 and the vendor's code for a message that it does not take. */
  | "error-body"
  /** Status 200 and a code that stands in nobody's table. */
  | "unheard-code"
  /** Status 200 and an HTML page, as a captive portal or a login sends it. */
  | "login-page"
  /** Status 307 to a target that would take the message. */
  | "redirect"
  /** Status 503 with an HTML page. */
  | "server-error"
  /** The vendor's answer to a wrong key. */
  | "wrong-key"
  /** Reads everything and never answers. */
  | "hang"
  /** Reads everything and breaks the connection. */
  | "reset"
  /** Status 200 and an answer without end. */
  | "endless"

/** A request as it came. */
export interface FakeRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

/** What a vendor answers. */
export interface FakeAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

/** How a vendor judges and answers. */
export interface FakeVendor {
  /**
   * Checks a request as strictly as the vendor does. `taken`: what it would deliver. `refused`: its answer,
   * and for the test a sentence on what was wrong.
   */
  readonly judge: (request: FakeRequest) => Judged
  /** Its answers to what it does not take, where they are its own. */
  readonly answers: Readonly<Record<"rate-limited" | "error-body" | "unheard-code" | "wrong-key", FakeAnswer>>
}

export type Judged =
  | { readonly kind: "taken"; readonly delivery: FakeDelivery; readonly answer: FakeAnswer }
  | { readonly kind: "refused"; readonly problem: string; readonly answer: FakeAnswer }

/** One message that the vendor would have shown. */
export interface FakeDelivery {
  /** The message's id, where the wire carries one. */
  readonly id: string | undefined
  readonly text: string
}

export interface FakeServer {
  /** `http://127.0.0.1:…`, without a slash at the end. */
  readonly origin: string
  /** From now on. */
  mood(mood: FakeMood): void
  /** Every delivery, in order, also the same one again. */
  readonly deliveries: readonly FakeDelivery[]
  /** What was wrong with requests that a strict vendor would not take. */
  readonly problems: readonly string[]
  /** Every request that was read to its end, whatever became of it. */
  readonly requests: readonly FakeRequest[]
  /** How many requests came to where the redirect points. */
  readonly redirected: () => number
  close(): Promise<void>
}

/** Starts a server that plays `vendor`. */
export const startFakeServer = async (vendor: FakeVendor): Promise<FakeServer> => {
  const deliveries: FakeDelivery[] = []
  const problems: string[] = []
  const requests: FakeRequest[] = []
  let mood: FakeMood = "well"
  let redirected = 0
  const server = createServer((incoming, outgoing) => {
    readRequest(incoming).then(
      (request) => {
        requests.push(request)
        if (request.path === redirectTarget) {
          redirected += 1
          answer(outgoing, { status: 200, body: '{"errcode":0,"code":0,"partnerRef":"elsewhere"}' })
          return
        }
        if (mood === "well") {
          const judged = vendor.judge(request)
          if (judged.kind === "taken") deliveries.push(judged.delivery)
          else problems.push(judged.problem)
          answer(outgoing, judged.answer)
          return
        }
        misbehave(mood, vendor, incoming, outgoing)
      },
      () => outgoing.destroy(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mood: (next) => {
      mood = next
    },
    deliveries,
    problems,
    requests,
    redirected: () => redirected,
    close: () => closeServer(server),
  }
}

/** JSON with status 200, or another. */
export const json = (body: unknown, status = 200): FakeAnswer => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
})

/** An address of this machine where nobody listens. */
export const silentOrigin = async (): Promise<string> => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  await closeServer(server)
  return `http://127.0.0.1:${port}`
}

// internal

const redirectTarget = "/elsewhere"

const loginPage = "<!doctype html><title>登录</title><form><input name=password></form>"

const misbehave = (
  mood: Exclude<FakeMood, "well">,
  vendor: FakeVendor,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void => {
  if (mood === "reset") incoming.socket.destroy()
  else if (mood === "endless") endless(outgoing)
  else if (mood !== "hang") answer(outgoing, badAnswer(mood, vendor))
}

const badAnswer = (
  mood: Exclude<FakeMood, "well" | "reset" | "endless" | "hang">,
  vendor: FakeVendor,
): FakeAnswer => {
  const html = { "content-type": "text/html; charset=utf-8" }
  switch (mood) {
    case "rate-limited":
    case "error-body":
    case "unheard-code":
    case "wrong-key":
      return vendor.answers[mood]
    case "status-429":
      return { status: 429, headers: { "retry-after": "7" }, body: "" }
    case "login-page":
      return { status: 200, headers: html, body: loginPage }
    case "server-error":
      return { status: 503, headers: html, body: loginPage }
    case "redirect":
      return { status: 307, headers: { location: redirectTarget }, body: "" }
  }
}

/** Writes until the other side has had enough; at most 8 MB. */
const endless = (outgoing: ServerResponse): void => {
  outgoing.writeHead(200, { "content-type": "application/json" })
  let left = 128
  const more = (): void => {
    if (left === 0 || outgoing.destroyed) return void outgoing.end()
    left -= 1
    outgoing.write(" ".repeat(65_536), () => setImmediate(more))
  }
  more()
}

const answer = (outgoing: ServerResponse, { status, headers, body }: FakeAnswer): void => {
  outgoing.writeHead(status, headers)
  outgoing.end(body)
}

const readRequest = async (incoming: IncomingMessage): Promise<FakeRequest> => {
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(Buffer.from(part as Uint8Array))
  const url = new URL(incoming.url ?? "/", "http://fake")
  const headers: Record<string, string | undefined> = {}
  for (const [name, values] of Object.entries(incoming.headersDistinct)) headers[name] = values?.join(", ")
  return {
    method: incoming.method ?? "",
    path: url.pathname,
    query: url.searchParams,
    headers,
    body: Buffer.concat(parts).toString("utf8"),
  }
}

const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
