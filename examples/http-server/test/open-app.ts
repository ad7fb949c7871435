/** The whole server in this process, on a store in memory, with a browser and a program that call it. */
import { fileURLToPath } from "node:url"
import type { Yingshao } from "@yingshao/engine"
import { inProcessIdentity } from "@yingshao/engine/in-process"
import { photosSharp } from "@yingshao/photos-sharp"
import type { Blobs } from "@yingshao/photos-sharp/blobs"
import type { Identity } from "@yingshao/ports/identity"
import type { Storage } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import type { Hono } from "hono"
import { makeApp } from "../src/app.ts"
import { demoPeople } from "../src/county/demo-people.ts"
import { loadPolicy, openCounty, settle } from "../src/county/open-county.ts"
import { openTo } from "../src/county/partner.ts"
import { programme } from "../src/county/programme.ts"
import { makeMetrics } from "../src/operations/metrics.ts"
import { makeOutages } from "../src/operations/outages.ts"
import { makeAccounts } from "../src/session/accounts.ts"
import { makeSessions } from "../src/session/sessions.ts"
import type { VisitEnv } from "../src/session/visit.ts"

export const passphrase = "open sesame"
export const publicUrl = "https://hazards.example/"
/** Of the partner `water`, who pushes receipts. */
export const partnerSecret = `whsec_${Buffer.from("a secret of thirty-two characters").toString("base64")}`
const policyFile = fileURLToPath(new URL("../../policies/huishui.policy.md", import.meta.url))
/** Read once for a file of tests: it takes the longest. */
export const policy = loadPolicy(policyFile)

export interface TestApp {
  readonly app: Hono<VisitEnv>
  readonly engine: Yingshao
  readonly faults: readonly unknown[]
  /** What the log was told of outages. */
  readonly outages: readonly string[]
  /** Hash of a photo that was sent already. */
  readonly photo: string
}

interface Settings {
  readonly open311Key?: string
  /** Left out: a new one in memory. */
  readonly storage?: Storage
  /** Left out: in memory. */
  readonly blobs?: Blobs
  readonly identity?: Identity
}

export const openApp = async (settings: Settings = {}): Promise<TestApp> => {
  const photos = photosSharp({ blobs: settings.blobs ?? memoryBlobs() })
  const engine = await openCounty({
    policy,
    storage: settings.storage ?? memoryStorage(),
    photos,
    identity: settings.identity ?? inProcessIdentity(() => {}),
  })
  await settle(engine, policy)
  const open311 =
    settings.open311Key === undefined
      ? undefined
      : await openTo(engine, policy, settings.open311Key, () => publicUrl)
  const accounts = await makeAccounts(
    demoPeople.map((person) => ({ ...person, passphrase })),
    2,
  )
  const faults: unknown[] = []
  const outages: string[] = []
  const noticed = makeOutages(
    () => 0,
    (line) => void outages.push(line),
  )
  const onFault = (_: string, error: unknown) => void faults.push(error)
  const put = await photos.put(programme, onePixel)
  if (put.kind === "refused") throw new Error(put.code)
  return {
    engine,
    faults,
    outages,
    photo: put.photo.hash,
    app: makeApp({
      engine,
      accounts,
      sessions: makeSessions(Date.now),
      https: false,
      onFault,
      receipts: { water: { secrets: [partnerSecret] } },
      operations: {
        metrics: makeMetrics(engine, false),
        metricsToken: "a token",
        stopping: () => false,
        problems: noticed.problems,
      },
      outages: noticed,
      ...(open311 === undefined ? {} : { open311 }),
    }),
  }
}

/** Keeps cookies and sends the form's token, as a browser on our pages does. */
export interface Browser {
  get(path: string): Promise<Response>
  post(path: string, fields: Readonly<Record<string, string>>): Promise<Response>
  cookie(): string
}

export const browser = ({ app }: Pick<TestApp, "app">): Browser => {
  const jar = new Map<string, string>()
  const cookie = () => [...jar].map(([name, value]) => `${name}=${value}`).join("; ")
  const keep = (answer: Response): Response => {
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ""] = line.split(";")
      const at = pair.indexOf("=")
      jar.set(pair.slice(0, at), pair.slice(at + 1))
    }
    return answer
  }
  const get = async (path: string) => keep(await app.request(path, { headers: { cookie: cookie() } }))
  return {
    get,
    cookie,
    async post(path, fields) {
      const body = new URLSearchParams({ csrf: await tokenIn(await get("/sign-in")), ...fields })
      return keep(await app.request(path, { method: "POST", body, headers: { cookie: cookie() } }))
    },
  }
}

export const signedIn = async (app: Pick<TestApp, "app">, account: string): Promise<Browser> => {
  const one = browser(app)
  const answer = await one.post("/sign-in", { account, passphrase })
  if (answer.status !== 303) throw new Error(`${account} is not let in: ${answer.status}`)
  return one
}

export const memoryBlobs = (): Blobs => {
  const blobs = new Map<string, Uint8Array>()
  return {
    name: "memory",
    put: async (key, bytes) => void blobs.set(key, bytes),
    get: async (key) => blobs.get(key),
    remove: async (key) => blobs.delete(key),
  }
}

// internal

/** The smallest PNG there is. */
const onePixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
)

const tokenIn = async (page: Response): Promise<string> =>
  /name="csrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? ""
