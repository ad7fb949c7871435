/**
 * A server that runs: store, engine, relay and scheduler beside it, and a socket that listens.
 *
 * Stopping takes no new connection, lets the requests under way finish, and then ends scheduler, relay and
 * store in this order: what was acknowledged is durable, what was not can be asked again.
 */
import type { Server } from "node:http"
import { serve as listen, type ServerType } from "@hono/node-server"
import type { Policy } from "@yingshao/core/decisions"
import type { Yingshao } from "@yingshao/engine"
import { inProcessIdentity } from "@yingshao/engine/in-process"
import { isImportOpen } from "@yingshao/engine/keeping"
import { photosSharp } from "@yingshao/photos-sharp"
import { folderBlobs } from "@yingshao/photos-sharp/folder-blobs"
import type { Identity } from "@yingshao/ports/identity"
import type { Storage } from "@yingshao/ports/storage"
import { makeApp } from "./app.ts"
import { openTelling, type TellingOptions } from "./channels/telling.ts"
import { countyClock } from "./county/county-clock.ts"
import type { CountyPartners } from "./county/county-partners.ts"
import { isNobodyNamed, namePeople } from "./county/demo-names.ts"
import { demoPeople } from "./county/demo-people.ts"
import { importMonth } from "./county/lived-month.ts"
import { isHalfSettled, openCounty, settle, welcome } from "./county/open-county.ts"
import { openTo } from "./county/partner.ts"
import { programme } from "./county/programme.ts"
import { completeIndexes } from "./operations/complete-indexes.ts"
import { makeMetrics } from "./operations/metrics.ts"
import { makeOutages } from "./operations/outages.ts"
import { openTracing } from "./operations/tracing.ts"
import { makeAccounts } from "./session/accounts.ts"
import { makeSessions } from "./session/sessions.ts"

export interface ServeOptions {
  readonly storage: Storage
  readonly policy: Policy
  readonly photoFolder: string
  /** An empty store gets the month that was lived, or people and nothing else. */
  readonly county: "lived" | "empty"
  readonly host: string
  /** 0 takes any that is free. */
  readonly port: number
  readonly https: boolean
  /** Where others reach the server, for the addresses that it tells them; left out: where it listens. */
  readonly publicUrl?: string | undefined
  readonly passphrase: string
  /** Secret of the other system that sends requests by Open311. */
  readonly open311Key: string
  /** Partners that get orders and push receipts. */
  readonly partners?: CountyPartners
  /** Left out: the page alone tells people. */
  readonly channels?: Omit<TellingOptions, "now" | "log">
  /** Names and words of people; left out: in memory, gone with the process. */
  readonly identity?: Identity
  /** Who may read `/metrics` from another machine; left out: nobody. */
  readonly metricsToken?: string | undefined
  /** Lines for the operator; nothing personal is in them. */
  readonly log: (line: string) => void
}

export interface RunningServer {
  /** With the port that was taken. */
  readonly address: string
  readonly engine: Yingshao
  stop(): Promise<void>
}

/** The longest that a request under way is waited for. */
const graceMs = 10_000

/**
 * How long a connection without a request stays open. Longer than proxies keep theirs, which is a minute mostly: of two
 * ends that close at the same moment one has sent a request that nobody reads.
 */
export const idleMs = 75_000

export const serve = async (options: ServeOptions): Promise<RunningServer> => {
  const { storage, policy, log } = options
  const people = demoPeople.map((person) => ({ ...person, passphrase: options.passphrase }))
  const accounts = makeAccounts(people)
  const isNew = (await storage.head(programme)).number === 0
  const isHalfThere = await isImportOpen(storage, programme)
  if (isHalfThere || (isNew && options.county === "lived")) await importMonth(storage, options.photoFolder)
  const clock = await countyClock(storage, programme)
  const { identity = inProcessIdentity(() => {}) } = options
  const telling = openTelling({ environment: {}, ...options.channels, now: clock.now, log })
  const tracing = await openTracing(process.env)
  const engine = await openCounty({
    policy,
    storage,
    photos: photosSharp({ blobs: folderBlobs(options.photoFolder) }),
    identity,
    clock,
    telling,
    around: tracing?.command,
    ...options.partners?.orders,
  })
  if (options.county === "empty" && (isNew || (await isHalfSettled(engine)))) await settle(engine, policy)
  await welcome(engine, policy)
  if (await isNobodyNamed(identity)) await namePeople(identity, engine)

  let address = ""
  const outages = makeOutages(Date.now, log)
  const stopping = new AbortController()
  const app = makeApp({
    engine,
    tracing,
    operations: {
      metrics: makeMetrics(engine, true),
      metricsToken: options.metricsToken,
      stopping: () => stopping.signal.aborted,
      problems: () => [...telling.problems(), ...outages.problems()],
    },
    outages,
    inbox: telling.inbox,
    ...(options.partners === undefined ? {} : { receipts: options.partners.receipts }),
    open311: await openTo(engine, policy, options.open311Key, () => options.publicUrl ?? address),
    accounts: await accounts,
    sessions: makeSessions(Date.now),
    https: options.https,
    onFault: (number, error) => log(`fault ${number}: ${stackOf(error)}`),
  })
  const ended = new AbortController()
  const onFailure = (part: string) => (error: unknown) => log(`${part}: ${stackOf(error)}`)
  const background = Promise.all([
    completeIndexes(engine, { signal: ended.signal, log }).catch(onFailure("indexes")),
    engine.scheduler.follow({ signal: ended.signal, onFailure: onFailure("scheduler") }),
    engine.relay.follow({ signal: ended.signal, onFailure: onFailure("relay") }),
  ])
  const server = await listening(app.fetch, options)
  address = addressOf(server, options.host)
  return {
    address,
    engine,
    async stop() {
      stopping.abort()
      await closed(server)
      ended.abort()
      await background
      await tracing?.stop()
      await engine.close()
    },
  }
}

// internal

const listening = (
  fetch: Parameters<typeof listen>[0]["fetch"],
  { host, port }: ServeOptions,
): Promise<ServerType> =>
  new Promise((resolve, reject) => {
    const serverOptions = { keepAliveTimeout: idleMs }
    const server = listen({ fetch, hostname: host, port, serverOptions }, () => resolve(server))
    server.once("error", reject)
  })

const addressOf = (server: ServerType, host: string): string => {
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}/`
}

const closed = (server: ServerType): Promise<void> =>
  new Promise((resolve) => {
    const http = server as Server
    const late = setTimeout(() => http.closeAllConnections(), graceMs)
    http.close(() => {
      clearTimeout(late)
      resolve()
    })
    http.closeIdleConnections()
  })

const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)
