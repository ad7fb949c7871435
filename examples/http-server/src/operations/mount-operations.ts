/**
 * For whoever runs the server: is it alive, may it get requests, and its counters.
 *
 * Counters go to this machine only, or to whoever has the token: small numbers about a small county tell
 * something.
 */
import { timingSafeEqual } from "node:crypto"
import type { Yingshao } from "@yingshao/engine"
import { type Context, Hono } from "hono"
import { addressOf } from "../session/identify.ts"
import { notFound } from "../web/failure.ts"
import type { Metrics } from "./metrics.ts"

export interface OperationsOptions {
  readonly metrics: Metrics
  /** For `Authorization: Bearer`; left out: only requests of this machine. */
  readonly metricsToken?: string | undefined
  /** What an operator has to look after though the server works: channels that stopped, messages given up. */
  readonly problems?: () => readonly string[]
  /** The server is about to stop and should get no more requests. */
  readonly stopping: () => boolean
}

/** How long the store may take to answer before the server counts as not ready, in milliseconds. */
export const readyWithinMs = 2_000

export const operations = (engine: Yingshao, options: OperationsOptions): Hono =>
  new Hono()
    .get("/livez", (c) => c.text("alive\n"))
    .get("/readyz", async (c) => {
      const why = options.stopping() ? "stopping" : await storeProblem(engine)
      if (why !== undefined) return c.text(`${why}\n`, 503)
      // A channel that is down is no reason to take no requests: it is told beside.
      const problems = mayRead(c, options.metricsToken) ? (options.problems?.() ?? []) : []
      return c.text(["ready", ...problems, ""].join("\n"))
    })
    .get("/metrics", async (c) => {
      if (!mayRead(c, options.metricsToken)) throw notFound()
      return c.body(await options.metrics.text(), 200, { "Content-Type": options.metrics.contentType })
    })

// internal

const storeProblem = async (engine: Yingshao): Promise<string | undefined> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve("the store is slow"), readyWithinMs)
  })
  const read = engine.queries.state("programme", "programme").then(
    () => undefined,
    () => "the store does not answer",
  )
  try {
    return await Promise.race([read, late])
  } finally {
    clearTimeout(timer)
  }
}

const mayRead = (c: Context, token: string | undefined): boolean => {
  if (token === undefined) {
    // Behind a proxy on this machine everybody would come from here.
    return loopback.has(addressOf(c)) && c.req.header("x-forwarded-for") === undefined
  }
  const given = Buffer.from((c.req.header("authorization") ?? "").replace(/^Bearer /, ""))
  const wanted = Buffer.from(token)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

const loopback: ReadonlySet<string> = new Set(["127.0.0.1", "::1", "::ffff:127.0.0.1"])
