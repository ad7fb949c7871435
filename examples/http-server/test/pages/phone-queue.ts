/** Reports that wait on the phone: without a network, after a lost answer, tapped twice, without a service worker. */
import type { Page } from "playwright-core"
import { beforeAll, expect, test } from "vitest"
import { picture, type Site, shoot, until } from "./open-site.ts"

export const queueCases = (opened: () => Site): void => {
  let site: Site
  let photo: Buffer
  beforeAll(async () => {
    site = opened()
    photo = await picture(site.browser, "#ca8")
  })

  const fill = async (page: Page): Promise<void> => {
    await page.setInputFiles("#photo", { name: "a.png", mimeType: "image/jpeg", buffer: photo })
    await page.fill("[name=address]", "濛江街道环城路口")
  }
  const count = async (): Promise<number> =>
    (await site.engine.queries.tallies("reports/accepted")).get("reports/accepted") ?? 0
  const sent = (page: Page) => page.waitForSelector("#queue-sent .done")

  test("three taps: photo, place from the phone, send; the number comes at once", async () => {
    const before = await count()
    const page = await site.as("informant", {
      permissions: ["geolocation"],
      geolocation: { longitude: 106.6571, latitude: 26.1342, accuracy: 12 },
    })
    await page.goto("/report")
    await page.setInputFiles("#photo", { name: "a.jpg", mimeType: "image/jpeg", buffer: photo })
    await until(page, "document.querySelector('[name=lng]').value !== ''")
    await shoot(page, "queue-1-three-taps")
    await page.click("button.send")
    await sent(page)
    expect(await page.textContent("#queue-sent")).toMatch(/已上报,编号 [0-9a-f]{8}/)
    expect(await count()).toBe(before + 1)
    expect(await page.inputValue("[name=lng]")).toBe("")
    await page.click("#queue-sent a")
    expect(await page.textContent(".place")).toContain("26.13420, 106.65710(误差约 12 米)")
  })

  test("I1 without a network it waits, also over a new page, and is sent once the network is back, photo included", async () => {
    const before = await count()
    const page = await site.as("informant", { serviceWorkers: "block" })
    await page.goto("/report")
    await fill(page)
    await page.context().setOffline(true)
    await page.click("button.send")
    await page.waitForSelector("#queue-kept .kept")
    await shoot(page, "queue-2-offline")
    expect(await count()).toBe(before)
    await page.close()
    await page.context().setOffline(false)
    const later = await page.context().newPage()
    await later.goto("/report")
    await sent(later)
    expect(await later.$("#queue-kept .kept")).toBeNull()
    expect(await count()).toBe(before + 1)
    await later.click("#queue-sent a")
    expect(await later.$$(".photos img")).toHaveLength(1)
  })

  test("I1 an answer that is lost: sent again under the same id, one report", async () => {
    const before = await count()
    const page = await site.as("informant", { serviceWorkers: "block" })
    await page.goto("/report")
    await fill(page)
    let lost = 0
    await page.route("**/report", async (route) => {
      if (route.request().method() !== "POST" || lost > 0) return route.continue()
      lost += 1
      await route.fetch()
      return route.abort("connectionreset")
    })
    await page.click("button.send")
    await page.waitForSelector("#queue-kept .kept")
    expect(await count()).toBe(before + 1)
    await page.click("#queue-kept button")
    await sent(page)
    expect(lost).toBe(1)
    expect(await count()).toBe(before + 1)
  })

  test("I1 two taps are one report, with a script and without", async () => {
    for (const javaScriptEnabled of [true, false]) {
      const before = await count()
      const page = await site.as("member", { javaScriptEnabled, serviceWorkers: "block" })
      await page.goto("/report")
      await fill(page)
      await page.dblclick("button.send", { noWaitAfter: true })
      await page.waitForSelector("#queue-sent .done, .done[role=status]")
      expect(await count()).toBe(before + 1)
    }
  })

  test("what one person kept is not sent by the next who signs in on the phone", async () => {
    const before = await count()
    const page = await site.as("informant", { serviceWorkers: "block" })
    await page.goto("/report")
    await fill(page)
    await page.context().setOffline(true)
    await page.click("button.send")
    await page.waitForSelector("#queue-kept .kept")
    await page.context().clearCookies()
    await site.signIn(page, "member")
    await page.context().setOffline(false)
    await page.waitForSelector("#queue-signin .notice")
    await page.goto("/report")
    await until(page, "document.querySelector('#queue-kept') !== null")
    expect(await page.$("#queue-kept .kept")).toBeNull()
    expect(await count()).toBe(before)
  })

  test("a page that was never opened comes from the service worker where there is no network", async () => {
    const page = await site.as("informant")
    await page.goto("/report")
    await until(page, "navigator.serviceWorker.ready.then(() => true)")
    await page.reload()
    await page.context().setOffline(true)
    // The worker hears a moment after the page that there is no network.
    await expect
      .poll(() => page.goto("/mine").then(() => page.textContent("h1")), { timeout: 20_000 })
      .toContain("没有网络")
    await fill(page)
    await page.click("button.send")
    await page.waitForSelector("#queue-kept .kept")
    const before = await count()
    await page.context().setOffline(false)
    await page.click("#queue-kept button")
    await sent(page)
    expect(await count()).toBe(before + 1)
  })

  test("what the rules refuse is told and can be deleted; the next one is not held up", async () => {
    const page = await site.as("informant", { serviceWorkers: "block" })
    await page.goto("/report")
    await page.setInputFiles("#photo", {
      name: "a.jpg",
      mimeType: "image/jpeg",
      buffer: Buffer.from("no picture"),
    })
    await page.fill("[name=address]", "路口")
    await page.click("button.send")
    await page.waitForSelector("#queue-kept .problem")
    await shoot(page, "queue-3-refused")
    await page.click("#queue-kept .problem button")
    await until(page, "document.querySelector('#queue-kept .problem') === null")
    expect(site.faults).toEqual([])
  })
}
