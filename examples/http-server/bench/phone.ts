/**
 * What a reporter waits for on a slow phone: from opening the form to the number of the first report, with a photo as a
 * camera makes it. And what every page weighs.
 *
 * `node --conditions=@yingshao/source examples/http-server/bench/phone.ts [--rounds 5]`. Chromium of the system, 360 px,
 * 1.6 Mbit/s down, 750 kbit/s up, 150 ms there and back, a processor four times slower; nothing is cached at first.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { gzipSync } from "node:zlib"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import { type Browser, chromium, type Page } from "playwright-core"
import sharp from "sharp"
import { median } from "../../../packages/bench/src/rounds.ts"
import { loadPolicy, openCounty, settle } from "../src/county/open-county.ts"
import { policyFile, reporters } from "./servers.ts"
import { type StartedServer, startServer } from "./started-server.ts"

const { values: asked } = parseArgs({ options: { rounds: { type: "string", default: "5" } } })
/** Bytes of gzipped script that a page may have. */
const mostScript = 10_000

const main = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "yingshao-phone-"))
  const file = join(folder, "county.db")
  const policy = loadPolicy(policyFile)
  const engine = await openCounty({ policy, storage: await openSqliteStorage(file) })
  await settle(engine, policy)
  await engine.close()
  const server = await startServer("ours", file)
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox"],
  })
  try {
    await firstReports(browser, server, folder)
    for (const [as, paths] of [
      [0, ["/", "/sign-in", "/report", "/mine", "/awards", "/statistics"]],
      [reporters.length, ["/board", "/hotline", "/map"]],
    ] as const) {
      for (const path of paths) await weigh(browser, server, as, path)
    }
  } finally {
    await browser.close()
    await server.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

// internal

const firstReports = async (browser: Browser, server: StartedServer, folder: string): Promise<void> => {
  const photo = join(folder, "a.jpg")
  const { size } = await takePhoto(photo)
  const seconds: number[] = []
  const opened: number[] = []
  for (let round = 0; round < Number(asked.rounds); round += 1) {
    const page = await pageOf(browser, server, round)
    await slow(page)
    const begin = performance.now()
    await page.goto("/report")
    opened.push((performance.now() - begin) / 1_000)
    await page.setInputFiles("#photo", photo)
    await page.fill("[name=address]", "濛江街道环城路口")
    await page.click("button.send")
    await page.waitForSelector("#queue-sent .done")
    seconds.push((performance.now() - begin) / 1_000)
    await page.context().close()
  }
  console.log(
    `first report with a photo of ${(size / 1e6).toFixed(1)} MB: number after ${median(seconds).toFixed(1)} s (${seconds.map((one) => one.toFixed(1)).join(", ")}), form there after ${median(opened).toFixed(1)} s`,
  )
}

/** What a page brings along, asked for without a cache; the script as gzip would send it. */
const weigh = async (browser: Browser, server: StartedServer, as: number, path: string): Promise<void> => {
  const page = await pageOf(browser, server, as)
  const bodies = new Map<string, Buffer>()
  page.on("response", async (answer) => {
    bodies.set(answer.url(), await answer.body().catch(() => Buffer.alloc(0)))
  })
  await page.goto(path, { waitUntil: "networkidle" })
  const origins = new Set([...bodies.keys()].map((url) => new URL(url).origin))
  const weight = (ending: RegExp): number =>
    [...bodies]
      .filter(([url]) => ending.test(new URL(url).pathname))
      .reduce((sum, [, body]) => sum + gzipSync(body).length, 0)
  const script = weight(/\.js$/)
  const all = weight(/./)
  console.log(
    `${path.padEnd(12)} ${String(bodies.size).padStart(2)} requests  ${(all / 1_000).toFixed(1).padStart(5)} kB gzip, script ${(script / 1_000).toFixed(1)} kB  <= ${mostScript / 1_000} kB ${script <= mostScript && origins.size === 1 ? "met" : "NOT MET"}`,
  )
  await page.context().close()
}

/** Somebody signed in, on a phone that has never been here. */
const pageOf = async (browser: Browser, { origin, tokens }: StartedServer, as: number): Promise<Page> => {
  const context = await browser.newContext({
    baseURL: origin,
    locale: "zh-CN",
    viewport: { width: 360, height: 740 },
  })
  await context.addCookies([{ name: "ys-session", value: tokens[as] ?? "", url: origin }])
  context.setDefaultTimeout(180_000)
  return context.newPage()
}

const slow = async (page: Page): Promise<void> => {
  const session = await page.context().newCDPSession(page)
  await session.send("Network.enable")
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 150,
    downloadThroughput: 1_600_000 / 8,
    uploadThroughput: 750_000 / 8,
  })
  await session.send("Emulation.setCPUThrottlingRate", { rate: 4 })
}

/** Twelve megapixels with as much detail as a street has. */
const takePhoto = async (file: string): Promise<{ readonly size: number }> => {
  const noise = { type: "gaussian", mean: 128, sigma: 40 } as const
  const small = await sharp({ create: { width: 1_000, height: 750, channels: 3, background: "grey", noise } })
    .png()
    .toBuffer()
  return sharp(small).resize(4_000, 3_000).jpeg({ quality: 90 }).toFile(file)
}

await main()
