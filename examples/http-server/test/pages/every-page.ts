/**
 * Every page, empty and full, on a phone and on a desk: nothing sticks out, axe finds nothing, nothing fails.
 *
 * `YINGSHAO_SHOTS=yes` looks at all of them in both widths and keeps pictures; without it some are looked at
 * on a phone, because axe takes a second for each.
 */
import type { CommandInput } from "@yingshao/core/commands"
import type { Page } from "playwright-core"
import { beforeAll, expect, test } from "vitest"
import { type Filled, fill } from "./full-county.ts"
import {
  axeViolations,
  desktop,
  isTooWide,
  phone,
  picture,
  type Site,
  shoot,
  shooting,
  until,
} from "./open-site.ts"
import { fillSecondLooks } from "./second-looks-county.ts"

/** Who looks at which address, and the name of its picture. `always`: not only when pictures are taken. */
type Look = readonly [account: string, path: string, name: string, when?: "always"]

/** Pages that say no. */
const failing: ReadonlyMap<string, number> = new Map([
  ["fail-missing", 404],
  ["fail-not-yours", 403],
])

/** Everything that `everyCases` looks at, by its picture: a page that is not in here is seen by nobody. */
export const looked = new Set<string>()

export const everyCases = (opened: () => Site): void => {
  let site: Site
  let only: Page | undefined
  /** What the browser complained about: scripts that failed, styles that the security policy refused. */
  const complaints: string[] = []
  beforeAll(() => {
    site = opened()
  })

  // Forty pages and axe in each take longer than a minute where others work beside.
  const long = { timeout: 240_000 }

  /** One page for everybody: a browser's context for each of them would cost more than their pages. */
  const pageOf = async (account: string): Promise<Page> => {
    if (only === undefined) {
      const page = await site.as(account, { serviceWorkers: "block" })
      page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.message}`))
      page.on("console", (told) => {
        // A page that says no is no mishap.
        const saysNo = told.location().url === page.url() && /status of 40[34]/.test(told.text())
        if (told.type() === "error" && !saysNo) complaints.push(`${page.url()}: ${told.text()}`)
      })
      only = page
    }
    if (account === "") await only.context().clearCookies()
    else await site.signIn(only, account)
    return only
  }

  /** What is wrong with a page, as sentences. */
  const look = async (account: string, path: string, name: string): Promise<readonly string[]> => {
    const page = await pageOf(account)
    await page.setViewportSize(phone.viewport)
    const answer = await page.goto(path)
    const wrong: string[] = []
    const wanted = failing.get(name) ?? 200
    if (answer?.status() !== wanted) wrong.push(`answers ${answer?.status()}`)
    for (const { viewport } of shooting ? [phone, desktop] : [phone]) {
      await page.setViewportSize(viewport)
      if (await isTooWide(page)) wrong.push(`sticks out at ${viewport.width} px`)
      wrong.push(...(await axeViolations(page)).map((one) => `${one} at ${viewport.width} px`))
      await shoot(page, `${name}-${viewport.width}`)
    }
    return wrong.map((one) => `${path}: ${one}`)
  }
  const lookAll = async (list: readonly Look[]): Promise<void> => {
    const wrong: string[] = []
    for (const [, path] of list) looked.add(path)
    for (const [account, path, name, when] of list)
      if (shooting || when === "always") wrong.push(...(await look(account, path, name)))
    expect(wrong).toEqual([])
    expect(complaints).toEqual([])
    expect(site.faults).toEqual([])
  }

  test("when there is nothing yet, it says so", long, async () => {
    await lookAll([
      ["", "/", "home-visitor"],
      ["", "/sign-in", "sign-in"],
      ["informant", "/mine", "empty-mine"],
      ["department", "/notices", "empty-notices"],
      ["member", "/find?number=0123abcd", "empty-find"],
      ["duty", "/find?number=%E7%BC%96%E5%8F%B7", "find-no-number"],
      ["captain", "/roster?status=suspended", "empty-roster"],
      ["informant", "/awards", "empty-awards"],
      ["duty", "/board", "empty-board", "always"],
      ["duty", "/map", "empty-map"],
      ["department", "/orders", "empty-orders"],
      ["village", "/verify", "empty-verify"],
      ["approver", "/approve", "empty-approve"],
      ["payer", "/pay", "empty-pay"],
      ["admin", "/appeals", "empty-appeals"],
      ["auditor", "/findings", "empty-findings"],
      ["village", "/claims", "empty-claims"],
      ["admin", "/admissions", "empty-admissions"],
      ["payer", "/redemptions", "empty-redemptions"],
      ["informant", "/redeem", "empty-redeem"],
      ["duty", "/parked", "empty-parked"],
      ["informant", "/statistics", "empty-statistics", "always"],
    ])
    expect(await only?.textContent(".empty")).toContain("这个月没有信息")
  })

  test("with 200 reports, addresses of fifty characters and everything under way", long, async () => {
    const bytes = await picture(site.browser, "#79a")
    const put = await site.engine.photos?.put(site.engine.programme, bytes)
    if (put?.kind !== "stored") throw new Error("no photo")
    const made: Filled = await fill(site.engine, put.photo.hash)
    site.clock.ms += 25 * 60_000
    await site.engine.scheduler.runDue()
    await site.engine.relay.drain()
    const number = (id: string) => id.slice(2, 10)
    await lookAll([
      ["duty", "/notices", "notices-duty", "always"],
      ["informant", "/notices", "notices"],
      ["duty", `/find?number=${number(made.handled.report)}`, "find"],
      ["admin", `/find?number=${number(made.handled.incident)}`, "find-incident"],
      ["informant", `/mine/${made.fresh}`, "mine-new"],
      ["informant", "/offline", "offline"],
      ["duty", "/desk/reports/r-nothing", "fail-missing"],
      ["informant", "/board", "fail-not-yours"],
      ["informant", "/", "home-informant"],
      ["informant", "/report", "report", "always"],
      ["informant", "/mine", "mine"],
      ["informant", `/mine/${made.handled.report}`, "mine-handled", "always"],
      ["informant", "/awards", "awards"],
      ["duty", "/", "home-duty"],
      ["duty", "/board", "board"],
      ["duty", "/hotline", "hotline"],
      ["duty", "/map", "map"],
      [
        "duty",
        `/desk/reports/${made.fresh}?try=yes&category=environment&danger=no&ongoing=yes`,
        "desk-fresh",
      ],
      ["duty", `/desk/reports/${made.handled.report}`, "desk-report"],
      ["duty", `/desk/incidents/${made.emergency.incident}`, "desk-emergency"],
      ["duty", `/desk/incidents/${made.ordinary.incident}`, "desk-extension", "always"],
      ["department", "/orders", "orders"],
      ["department", `/orders/${made.ordinary.incident}`, "order", "always"],
      ["township", "/verify", "verify"],
      ["township", `/verify/${made.handled.report}`, "verify-report", "always"],
      ["approver", `/approve/${made.handled.report}`, "approve"],
      ["payer", "/pay", "pay", "always"],
    ])
    const board = await pageOf("duty")
    await board.goto("/board")
    expect(await board.$$("[data-live] tbody tr")).toHaveLength(50)
    expect(await board.textContent("[data-live]")).toContain("已超时")
    await board.goto("/type/large")
    await board.setViewportSize(phone.viewport)
    await board.goto("/board")
    expect(await isTooWide(board)).toBe(false)
    await shoot(board, "board-large-360")
    await board.goto("/language/en")
    await board.goto("/board")
    expect(await board.textContent("h1")).toBe("Board")
    await shoot(board, "board-en-360")
    await board.goto("/language/zh")
    await board.goto("/type/usual")
  })

  test("what waits for a second look, people on their way in, points on their way out", long, async () => {
    const bytes = await picture(site.browser, "#79a")
    const put = await site.engine.photos?.put(site.engine.programme, bytes)
    if (put?.kind !== "stored") throw new Error("no photo")
    const made = await fillSecondLooks(site.engine, put.photo.hash)
    await lookAll([
      ["admin", "/", "home-admin"],
      ["admin", "/appeals", "appeals"],
      ["admin", `/appeals/${made.appealed}`, "appeal", "always"],
      ["member", `/mine/${made.appealed}`, "mine-appealed"],
      ["auditor", "/findings", "findings"],
      ["admin", `/findings/${made.found}`, "finding", "always"],
      ["admin", "/claims", "claims"],
      ["admin", `/claims/${made.claimed}`, "claim"],
      ["admin", "/admissions", "admissions", "always"],
      ["captain", "/admissions", "admissions-captain"],
      ["captain", "/roster", "roster"],
      ["admin", "/roster/p-informant", "roster-person", "always"],
      ["admin", "/staff", "staff"],
      ["admin", "/redemptions", "redemptions", "always"],
      ["member", "/redeem", "redeem"],
      ["member", "/standing", "standing-member"],
      ["informant", "/standing", "standing-informant"],
      ["policy", "/standing", "standing-apply", "always"],
    ])
  })

  test("P4 the month that has ended, as a picture and as a table", async () => {
    site.clock.ms = Date.parse("2026-04-02T01:00:00.000Z")
    await lookAll([["informant", "/statistics/2026-03", "statistics", "always"]])
    const page = await pageOf("informant")
    expect(await page.textContent("table")).toContain("不公布")
    await until(page, "document.querySelector('img.chart').naturalWidth > 0")
  })

  test("the policy for its staff: a case decided, a draft compared, a sentence judged", long, async () => {
    await lookAll([
      ["policy", "/policy", "policy"],
      ["policy", "/policy/decide?ask=yes&category=%E7%81%AB%E6%83%85", "policy-decide"],
      ["policy", "/policy/report", "policy-report"],
      ["policy", "/policy/compare", "policy-compare"],
      ["policy", "/policy/property?sentence=%E6%80%A71", "policy-property", "always"],
    ])
    const page = await pageOf("policy")
    expect(await page.textContent(".proposal")).toContain("成立")
    await page.goto("/policy/compare")
    await page.fill("[name=draft]", "# 不是规则")
    await page.click("button.send")
    expect(await page.textContent("main")).toContain("草案不能采用")
  })

  test("the board refreshes by itself, and stops when told to", async () => {
    const page = await pageOf("duty")
    await page.clock.install()
    await page.goto("/board?unit=duty-desk")
    const rows = () =>
      page.$$eval("[data-live] tbody tr a", (links) => links.map((one) => one.getAttribute("href")).join())
    const before = await rows()
    await page.uncheck("#refresh")
    await page.clock.runFor(40_000)
    expect(await page.textContent("#refreshed")).toBe("")
    await page.check("#refresh")
    await page.clock.runFor(20_000)
    await page.waitForSelector("#refreshed:not(:empty)")
    expect(await rows()).toBe(before)
    expect(await page.textContent("#changed")).toBe("")
    const first = (await rows()).split(",")[0]?.split("/").at(-1)
    await site.engine.handle({
      type: "AnswerWhistle",
      id: "answered-elsewhere",
      by: { person: "p-duty", role: "duty-officer" },
      report: first,
      facts: { category: "environment", danger: "no", ongoing: "no", affected: 0 },
    } as CommandInput)
    await page.clock.runFor(20_000)
    await page.waitForSelector("#changed:not(:empty)")
    expect(await rows()).not.toBe(before)
  })

  test("by keyboard alone: a report is written and sent", async () => {
    const page = await pageOf("member")
    await page.goto("/report")
    const reach = async (selector: string): Promise<void> => {
      for (let presses = 0; presses < 40; presses += 1) {
        await page.keyboard.press("Tab")
        if (await page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) return
      }
      throw new Error(`${selector} is not reached`)
    }
    await reach("#photo")
    await page.setInputFiles("#photo", {
      name: "a.jpg",
      mimeType: "image/jpeg",
      buffer: await picture(site.browser, "#595"),
    })
    await reach("[name=address]")
    await page.keyboard.type("路口")
    await reach("button.send")
    await page.keyboard.press("Enter")
    await page.waitForSelector("#queue-sent .done")
  })

  // A measurement, for whoever asks for pictures; no test depends on it.
  test.runIf(shooting)("the first report on a slow phone and a slow network", long, async () => {
    const page = await site.as("informant", { serviceWorkers: "block" })
    const devtools = await page.context().newCDPSession(page)
    await devtools.send("Network.enable")
    await devtools.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 400,
      downloadThroughput: 50_000,
      uploadThroughput: 50_000,
    })
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: 4 })
    const photo = await picture(site.browser, "#a66")
    const started = Date.now()
    await page.goto("/report")
    const opened = Date.now()
    await page.setInputFiles("#photo", { name: "a.jpg", mimeType: "image/jpeg", buffer: photo })
    await page.fill("[name=address]", "路口")
    await page.click("button.send")
    await page.waitForSelector("#queue-sent .done")
    const bytes = await page.evaluate(
      "performance.getEntries().reduce((sum, one) => sum + (one.transferSize ?? 0), 0)",
    )
    console.log(
      `400 kbit/s, 400 ms, CPU ÷ 4: page open after ${opened - started} ms, number after ${Date.now() - started} ms, ${bytes} bytes received`,
    )
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: 1 })
  })
}
