/** The pages behind a socket, and one real Chromium for a whole file of tests. */
import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import type { AddressInfo } from "node:net"
import { fileURLToPath } from "node:url"
import { type ServerType, serve } from "@hono/node-server"
import { inProcessIdentity, inProcessPhotos } from "@yingshao/engine/in-process"
import { memoryStorage } from "@yingshao/storage-memory"
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core"
import { expect } from "vitest"
import { makeApp } from "../../src/app.ts"
import { openTelling } from "../../src/channels/telling.ts"
import { namePeople } from "../../src/county/demo-names.ts"
import { demoPeople } from "../../src/county/demo-people.ts"
import { openCounty, settle } from "../../src/county/open-county.ts"
import { makeAccounts } from "../../src/session/accounts.ts"
import { makeSessions } from "../../src/session/sessions.ts"
import { policy } from "../open-app.ts"

const chromiumPath = "/usr/bin/chromium"
/** Says aloud when the browser is missing, so that a skipped test is no silent gap. */
export const hasChromium = existsSync(chromiumPath)
if (!hasChromium) console.warn(`no ${chromiumPath}: the tests of pages in a real browser are skipped`)

/** Kept out of git; a person looks at them. */
const shots = fileURLToPath(new URL("../../artefacts/", import.meta.url))

export interface Site {
  readonly url: string
  readonly engine: Awaited<ReturnType<typeof openCounty>>
  readonly browser: Browser
  /** Monday morning; tests move it. */
  readonly clock: { ms: number }
  /** What nobody expected while pages were made. */
  readonly faults: readonly unknown[]
  /** A signed-in browser of its own. */
  as(account: string, options?: Parameters<Browser["newContext"]>[0]): Promise<Page>
  /** Lets a browser go on as somebody. */
  signIn(page: Page, account: string): Promise<void>
  close(): Promise<void>
}

/** Started once for a file of tests. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: chromiumPath, args: [...chromiumArgs] })

export const openSite = async (browser: Browser): Promise<Site> => {
  const clock = { ms: Date.parse("2026-03-02T01:00:00.000Z") }
  const identity = inProcessIdentity(() => {})
  const telling = openTelling({ environment: {}, now: () => clock.ms, log: () => {} })
  const engine = await openCounty({
    policy,
    storage: memoryStorage(),
    photos: inProcessPhotos(),
    identity,
    clock: { now: () => clock.ms },
    telling,
  })
  await settle(engine, policy)
  await namePeople(identity, engine)
  const accounts = await makeAccounts(
    demoPeople.map((person) => ({ ...person, passphrase: person.account })),
    2,
  )
  const sessions = makeSessions(Date.now)
  const faults: unknown[] = []
  const app = makeApp({
    engine,
    accounts,
    sessions,
    inbox: telling.inbox,
    https: false,
    onFault: (_, error) => void faults.push(error),
  })
  const server = await new Promise<ServerType>((resolve) => {
    const started: ServerType = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, () =>
      resolve(started),
    )
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const contexts: BrowserContext[] = []
  const signIn = (page: Page, account: string): Promise<void> =>
    page.context().addCookies([{ name: "ys-session", value: sessions.start(account), url }])
  return {
    url,
    engine,
    browser,
    clock,
    faults,
    async as(account, options = {}) {
      const context = await browser.newContext({ baseURL: url, locale: "zh-CN", ...phone, ...options })
      contexts.push(context)
      context.setDefaultTimeout(30_000)
      const page = await context.newPage()
      await signIn(page, account)
      return page
    },
    signIn,
    async close() {
      for (const context of contexts) await context.close()
      await new Promise((resolve) => server.close(resolve))
      await engine.close()
    },
  }
}

export const phone = { viewport: { width: 360, height: 740 } }
export const desktop = { viewport: { width: 1280, height: 800 } }

/** What axe finds wrong with a page, one line for each place. */
export const axeViolations = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(axeSource)
  const found = (await page.evaluate(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })",
  )) as {
    readonly violations: readonly {
      readonly id: string
      readonly nodes: readonly { readonly html: string }[]
    }[]
  }
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}

/** Waits until an expression is true in the page; the page's security policy forbids the usual way. */
export const until = async (page: Page, expression: string): Promise<void> => {
  await expect.poll(() => page.evaluate(expression), { timeout: 15_000 }).toBe(true)
}

/** Nothing may stick out to the right. */
export const isTooWide = (page: Page): Promise<boolean> =>
  page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")

/** `YINGSHAO_SHOTS=yes` takes pictures of everything, in both widths, which costs more than the tests do. */
export const shooting = process.env.YINGSHAO_SHOTS === "yes"

export const shoot = async (page: Page, name: string): Promise<void> => {
  if (!shooting) return
  mkdirSync(shots, { recursive: true })
  await page.screenshot({ path: `${shots}${name}.png`, fullPage: true })
}

/** A picture that a phone could have taken, as a JPEG. */
export const picture = async (browser: Browser, colour: string): Promise<Buffer> => {
  const page = await browser.newPage({ viewport: { width: 320, height: 240 } })
  await page.setContent(
    `<body style="margin:0;background:${colour}"><div style="margin:60px;height:80px;background:#555"></div>`,
  )
  const bytes = await page.screenshot({ type: "jpeg", quality: 60 })
  await page.close()
  return bytes
}

// internal

const chromiumArgs = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Our pages trust each other: a process for each of them would cost more than the pages.
  "--renderer-process-limit=2",
  "--disable-site-isolation-trials",
]

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")
