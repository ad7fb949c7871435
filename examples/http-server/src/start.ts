/**
 * The server that `npm start` runs: embedded SQLite, with the fictional county's month behind it.
 */
import { randomBytes } from "node:crypto"
import { mkdirSync } from "node:fs"
import { flushCompileCache } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { recordDay } from "@yingshao/cli/store/days"
import { noticeFile } from "./channels/notice-file.ts"
import { readPartners } from "./county/county-partners.ts"
import { openCountyStore } from "./county/county-store.ts"
import { demoPeople } from "./county/demo-people.ts"
import { loadPolicy } from "./county/open-county.ts"
import { programme } from "./county/programme.ts"
import { identityFiles } from "./identity/identity-files.ts"
import { startFailure } from "./operations/start-failure.ts"
import { serve } from "./serve.ts"

const usage = `npm start -- [--port 8787] [--host 127.0.0.1] [--database data/county.db] [--photos FOLDER]
             [--policy FILE] [--channels FILE] [--partners FILE] [--print-notices]
             [--public-url URL] [--empty] [--https]

  --photos    where photos are kept; left out: the folder photos beside the database
  --channels  robots, endpoints and the mail server that tell people, as for the command line
  --partners  who gets orders and pushes receipts to /receipts/NAME:
              { "NAME": { "secrets": ["whsec_…"], "url": "https://…", "units": ["water"] } }
  --print-notices  what units and roles are told is printed as well
  --public-url  where others reach the server; left out: where it listens. With https:// it includes --https
  --empty     a new database gets the county's people and no reports
  --https     a proxy in front speaks https: cookies are marked secure

  YINGSHAO_DEMO_PASSPHRASE     of everybody; left out: another one at every start
  YINGSHAO_OPEN311_KEY         of the other system that sends requests; left out: nobody knows it
  YINGSHAO_CHANNELS            the same as --channels
  YINGSHAO_METRICS_TOKEN       who may read /metrics from another machine
  OTEL_EXPORTER_OTLP_ENDPOINT  where spans go`

const main = async (): Promise<void> => {
  const options = optionsOf(process.argv.slice(2))
  if (options === undefined) return
  mkdirSync(dirname(options.database), { recursive: true })
  const passphrase = process.env.YINGSHAO_DEMO_PASSPHRASE || randomBytes(6).toString("base64url")
  const { partners, channels, ...given } = options
  const files = filesBeside(options.database)
  const identity = identityFiles({ ...files, now: () => new Date().toISOString() })
  const storage = await openCountyStore(options.database)
  const server = await serve({
    ...given,
    storage,
    policy: loadPolicy(options.policy),
    photoFolder: options.photos ?? join(dirname(options.database), "photos"),
    passphrase,
    open311Key: process.env.YINGSHAO_OPEN311_KEY || randomBytes(12).toString("base64url"),
    metricsToken: process.env.YINGSHAO_METRICS_TOKEN || undefined,
    ...(partners === undefined ? {} : { partners: readPartners(partners) }),
    channels: {
      file: channels ?? process.env.YINGSHAO_CHANNELS,
      environment: process.env,
      notices: noticeFile(programme, files.notices, identity.seals),
      ...(options["print-notices"] ? { print: (text: string) => process.stdout.write(text) } : {}),
    },
    identity,
    log: (line) => console.error(line),
  })
  // So that the command line finds the county in this file without being told its code.
  const date = await server.engine.today()
  await recordDay(storage, { programme, kind: "server", date, source: "http-server", reports: 0 })
  printWelcome(server.address, passphrase, server.engine.now())
  // Now, because a server that is killed leaves nothing behind; the next start would be slow again.
  flushCompileCache()
  console.log(`\n${await stopSignal()}: 正在停止…… stopping …`)
  await server.stop()
}

// internal

const optionsOf = (argv: readonly string[]) => {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        port: { type: "string", default: process.env.PORT || "8787" },
        host: { type: "string", default: "127.0.0.1" },
        database: { type: "string", default: "data/county.db" },
        policy: { type: "string", default: examplePolicy },
        photos: { type: "string" },
        "public-url": { type: "string" },
        partners: { type: "string" },
        channels: { type: "string" },
        "print-notices": { type: "boolean", default: false },
        empty: { type: "boolean", default: false },
        https: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    })
    if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535) {
      throw new TypeError(`--port ${values.port}: a port is a number from 0 to 65535`)
    }
    if (!values.help) {
      const publicUrl = publicUrlOf(values["public-url"])
      return {
        ...values,
        publicUrl,
        https: values.https || publicUrl?.startsWith("https:") === true,
        port: Number(values.port),
        county: values.empty ? "empty" : "lived",
      } as const
    }
    console.log(usage)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    console.error(`${error.message}\n\n${usage}`)
    process.exitCode = 2
  }
  return undefined
}

/** @throws TypeError for what is no plain address of the web. */
const publicUrlOf = (given: string | undefined): string | undefined => {
  if (given === undefined) return undefined
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (url?.href === `${url?.origin}/` && /^https?:$/.test(url.protocol)) return url.href
  throw new TypeError(
    `--public-url ${given}: an address is like https://hazards.example.gov.cn, without a path`,
  )
}

/** Beside the county's database, and apart from it. */
const filesBeside = (database: string) => {
  const stem = database.replace(/\.db$/, "")
  return {
    file: `${stem}.identity.db`,
    keys: `${stem}.identity-keys.db`,
    notices: `${stem}.notices.db`,
  }
}

const examplePolicy = fileURLToPath(new URL("../../policies/huishui.policy.md", import.meta.url))

const stopSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    process.once("SIGINT", resolve)
    process.once("SIGTERM", resolve)
  })

const printWelcome = (address: string, passphrase: string, now: string): void => {
  console.log(`应哨演示服务器 · the demonstration's server: ${address}`)
  console.log(`县里现在是 · it is now in the county: ${now}`)
  console.log(`人人口令 · everybody's passphrase: ${passphrase}`)
  for (const { account, name } of demoPeople) console.log(`  ${account.padEnd(12)} ${name.zh} · ${name.en}`)
  console.log("按 Ctrl-C 停止 · Ctrl-C stops")
}

try {
  await main()
} catch (error) {
  const sentence = startFailure(error)
  if (sentence === undefined) throw error
  console.error(sentence)
  process.exit(1)
}
