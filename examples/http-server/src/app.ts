/**
 * The whole server as one Hono app, so that a test calls it without a socket.
 */
import type { ReceiptEndpointOptions } from "@yingshao/dispatch-http/receipt-endpoint"
import { receiptRequests } from "@yingshao/dispatch-http/receipt-requests"
import { type Context, Hono } from "hono"
import { api } from "./api/mount-api.ts"
import { type Open311Options, open311 } from "./open311/mount-open311.ts"
import { type OperationsOptions, operations } from "./operations/mount-operations.ts"
import { observe } from "./operations/observe.ts"
import type { Outages } from "./operations/outages.ts"
import type { Tracing } from "./operations/tracing.ts"
import { failurePage } from "./pages/failure-page.ts"
import { pages } from "./pages/mount-pages.ts"
import { type Desk, fromOurPages, identify } from "./session/identify.ts"
import { limited, signIn } from "./session/sign-in.ts"
import type { Visit, VisitEnv } from "./session/visit.ts"
import { largestBody } from "./web/body-limit.ts"
import { expected, notFound, WebFailure } from "./web/failure.ts"
import { languageOf, text } from "./web/language.ts"
import { plainAddress } from "./web/plain-address.ts"
import { problemJson } from "./web/problem-json.ts"
import { safeHeaders } from "./web/safe-headers.ts"

export interface AppOptions extends Desk {
  /** Left out: no other system sends requests. */
  readonly open311?: Open311Options
  /** Partners that push receipts to `/receipts/{partner}`, and their secrets. Left out: none. */
  readonly receipts?: ReceiptEndpointOptions["partners"]
  /** Left out: nobody asks how the server is. */
  readonly operations?: OperationsOptions
  readonly tracing?: Tracing | undefined
  /** Told what nobody expected, with the number that the asker was given. Nothing personal is in it. */
  readonly onFault: (number: string, error: unknown) => void
  /** Told of whatever a request ended in; left out: nobody is. */
  readonly outages?: Pick<Outages, "seen">
}

/** Of a request's body: nine photos and their form. */
export const mostBytes = 48_000_000

export const makeApp = (options: AppOptions): Hono<VisitEnv> => {
  const app = new Hono<VisitEnv>()
  const check = limited(options)
  const { engine } = options
  app.use(observe(options.operations?.metrics, options.tracing))
  app.use(async (c, next) => {
    await next()
    options.outages?.seen(c.error)
  })
  app.use(safeHeaders(options.https))
  app.use(largestBody(mostBytes, tooLarge))
  if (options.operations !== undefined) app.route("/", operations(engine, options.operations))
  if (options.open311 !== undefined) app.route("/open311", open311(engine, options.open311))
  if (options.receipts !== undefined) {
    const take = receiptRequests({ partners: options.receipts, take: engine.receive })
    app.all("/receipts/:partner", (c) => take(c.req.raw))
  }
  app.use(fromOurPages(options))
  app.route("/api", api(options, check))
  app.use(identify(options))
  app.use(plainAddress)
  app.route("/", signIn(options, check))
  app.route("/", pages())
  app.notFound((c) => answer(options, c, notFound()))
  app.onError((error, c) => answer(options, c, expected(error) ?? fault(options, error)))
  return app
}

// internal

const answer = async (options: AppOptions, c: Context<VisitEnv>, failure: WebFailure): Promise<Response> => {
  if (c.req.path.startsWith("/api/")) return problemJson(c, failure)
  for (const [name, value] of Object.entries(failure.headers)) c.header(name, value)
  return c.html(await failurePage(c.get("visit") ?? nobody(options, c), failure), failure.status)
}

/** A failure before anybody was identified. */
const nobody = ({ engine }: AppOptions, c: Context): Visit => ({
  actor: undefined,
  roles: [],
  lang: languageOf(c),
  csrf: "",
  engine,
})

const fault = ({ onFault }: AppOptions, error: unknown): WebFailure => {
  const number = crypto.randomUUID().slice(0, 8)
  onFault(number, error)
  return new WebFailure(
    500,
    "fault",
    text(
      `系统出错,没有办成。请把编号 ${number} 告诉管理员。`,
      `something failed that should not; tell the operator the number ${number}`,
    ),
  )
}

const tooLarge = (): never => {
  throw new WebFailure(413, "too-large", text("内容太大,最多 48 MB。", "too large; at most 48 MB"))
}
