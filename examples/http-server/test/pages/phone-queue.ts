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

  /** Every POST reaches the server, also one that the browser gave up on; `held` answers come when it is let go. */
  const allPosts = async (page: Page, path: string) => {
    const posts: string[] = []
    let letGo = (): void => {}
    const held = new Promise<void>((resolve) => {
      letGo = resolve
    })
    await page.route(path, async (route) => {
      if (route.request().method() !== "POST") return route.continue()
      posts.push(route.request().url())
      const answer = await route.fetch({ maxRedirects: 0 })
      await held
      // The first of two is given up by the browser: nobody is there for its answer.
      await route.fulfill({ response: answer }).catch(() => {})
    })
    return { posts, letGo }
  }

  test("I1 two taps without a script are two requests of one form, and one report", async () => {
    const before = await count()
    const page = await site.as("member", { javaScriptEnabled: false, serviceWorkers: "block" })
    await page.goto("/report")
    const hidden = (name: string) => page.inputValue(`form.report [name=${name}]`)
    const [csrf, command] = [await hidden("csrf"), await hidden("command")]
    const photoFile = { name: "a.jpg", mimeType: "image/jpeg", buffer: photo }
    const multipart = { csrf, command, address: "濛江街道环城路口", photo: photoFile }
    const tap = () => page.context().request.post("/report", { multipart })
    const [first, second] = await Promise.all([tap(), tap()])
    expect(second.url()).toBe(first.url())
    expect(await first.text()).toContain("已收到")
    expect(await count()).toBe(before + 1)
  })

  test("with a script the second tap sends nothing: a report from the phone, and any other form", async () => {
    const before = await count()
    const page = await site.as("member", { serviceWorkers: "block" })
    await page.goto("/report")
    await fill(page)
    await page.dblclick("button.send", { noWaitAfter: true })
    await sent(page)
    expect(await count()).toBe(before + 1)
    await page.goto("/standing")
    const { posts, letGo } = await allPosts(page, "**/standing/leave")
    await page.click("summary:has-text('离队')")
    await page.fill("form[action$='/leave'] [name=reason]", "")
    await page.evaluate(`
      const form = document.querySelector("form[action$='/leave']")
      form.noValidate = true
      form.requestSubmit()
      setTimeout(() => form.requestSubmit(), 50)
    `)
    await page.waitForTimeout(400)
    letGo()
    expect(posts).toHaveLength(1)
  })

  test("what waits on the phone is sealed there, and gone once the server has it", async () => {
    const page = await site.as("informant", { serviceWorkers: "block" })
    await page.goto("/report")
    await fill(page)
    await page.context().setOffline(true)
    await page.click("button.send")
    await page.waitForSelector("#queue-kept .kept")
    const stored = () =>
      page.evaluate(`new Promise((resolve) => {
        const open = indexedDB.open("yingshao")
        open.onsuccess = () => {
          const all = open.result.transaction("reports").objectStore("reports").getAll()
          all.onsuccess = () => resolve(all.result.map((one) => Object.keys(one).sort().join() + " " + new TextDecoder().decode(one.seal.bytes)))
        }
      })`) as Promise<readonly string[]>
    expect((await stored()).map((one) => one.split(" ")[0])).toEqual(["at,command,owner,seal"])
    expect((await stored()).join()).not.toContain("濛江街道")
    await page.context().setOffline(false)
    await sent(page)
    expect(await stored()).toEqual([])
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

  test("a report that meets a server which was started again waits for the next sign-in, and is sent then", async () => {
    const before = await count()
    const page = await site.as("informant", { serviceWorkers: "block" })
    await page.goto("/report")
    await fill(page)
    // As after a start: the cookie is of no session, and the form's token of no cookie.
    const cookie = { name: "ys-session", value: "of-the-server-before".padEnd(43, "x"), url: site.url }
    await page.context().addCookies([cookie])
    await page.click("button.send")
    await page.waitForSelector("#queue-signin .notice, #queue-kept .problem")
    expect(await page.$("#queue-kept .problem")).toBeNull()
    await site.signIn(page, "informant")
    await page.click("#queue-kept .kept button")
    await sent(page)
    expect(await count()).toBe(before + 1)
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
