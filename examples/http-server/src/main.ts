/**
 * `npm start`: the server on embedded SQLite, with its relay and scheduler beside it.
 *
 * Ctrl-C or SIGTERM: no new connection is taken, requests that are under way finish, then relay, scheduler
 * and store end in this order.
 */
import { randomBytes } from "node:crypto"
import { existsSync, mkdirSync } from "node:fs"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { type ServerType, serve } from "@hono/node-server"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import { makeApp } from "./app.ts"
import { demoPeople } from "./county/demo-people.ts"
import { loadPolicy, openCounty, settle } from "./county/open-county.ts"
import { makeAccounts } from "./session/accounts.ts"
import { makeSessions } from "./session/sessions.ts"

const examplePolicy = fileURLToPath(new URL("../../policies/huishui.policy.md", import.meta.url))

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: process.env.PORT ?? "8787" },
      host: { type: "string", default: "127.0.0.1" },
      database: { type: "string", default: "data/county.db" },
      policy: { type: "string", default: examplePolicy },
      https: { type: "boolean", default: false },
    },
  })
  const policy = loadPolicy(values.policy)
  mkdirSync(dirname(values.database), { recursive: true })
  const isNew = !existsSync(values.database)
  const engine = await openCounty({ policy, storage: await openSqliteStorage(values.database) })
  if (isNew) await settle(engine, policy)

  const passphrase = process.env.YINGSHAO_DEMO_PASSPHRASE ?? randomBytes(6).toString("base64url")
  const accounts = await makeAccounts(demoPeople.map((person) => ({ ...person, passphrase })))
  const onFault = (number: string, error: unknown) => console.error(`fault ${number}:`, error)
  const app = makeApp({ engine, accounts, sessions: makeSessions(Date.now), https: values.https, onFault })

  const stopping = new AbortController()
  const background = Promise.all([
    engine.relay.follow({ signal: stopping.signal, onFailure: (error) => console.error("relay:", error) }),
    engine.scheduler.follow({
      signal: stopping.signal,
      onFailure: (error) => console.error("scheduler:", error),
    }),
  ])
  const server = await listening(app, values.host, Number(values.port))
  printWelcome(`http://${values.host}:${values.port}/`, passphrase)

  const signal = await stopSignal()
  console.log(`\n${signal}: 正在停止…… stopping …`)
  await closed(server)
  stopping.abort()
  await background
  await engine.close()
}

const listening = (app: ReturnType<typeof makeApp>, hostname: string, port: number): Promise<ServerType> =>
  new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname, port }, () => resolve(server))
    server.once("error", reject)
  })

const stopSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    process.once("SIGINT", resolve)
    process.once("SIGTERM", resolve)
  })

const closed = (server: ServerType): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    if ("closeIdleConnections" in server) server.closeIdleConnections()
  })

const printWelcome = (address: string, passphrase: string): void => {
  console.log(`应哨演示服务器 · the demonstration server: ${address}`)
  console.log(`演示口令 · passphrase of everybody: ${passphrase}`)
  for (const { account, name } of demoPeople) console.log(`  ${account.padEnd(12)} ${name.zh} · ${name.en}`)
  console.log("Ctrl-C 停止 · stops")
}

await main()
