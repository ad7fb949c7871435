/** Everything that needs a real browser, with one browser for all of it. */
import type { Browser } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { pages } from "../../src/pages/mount-pages.ts"
import { everyCases, looked } from "./every-page.ts"
import { fiveCases } from "./five-people.ts"
import { hasChromium, openBrowser, openSite, type Site } from "./open-site.ts"
import { queueCases } from "./phone-queue.ts"

/** Pictures, files, and what sends on to somewhere else. */
const notPages = /photos|static|\.(svg|js|css)$|^\/(language|type)\//

// A real browser is a program of the system; where it is missing, open-site.ts has said so.
describe.skipIf(!hasChromium)("in a real browser", () => {
  let browser: Browser
  let quiet: Site
  let full: Site
  beforeAll(async () => {
    browser = await openBrowser()
    quiet = await openSite(browser)
    full = await openSite(browser)
  })
  afterAll(async () => {
    await quiet?.close()
    await full?.close()
    await browser?.close()
  })
  describe("a report from photo to points", () => fiveCases(() => quiet))
  describe("a report that waits on the phone", () => queueCases(() => quiet))
  describe("every page", () => everyCases(() => full))
  test("every page that there is was on the list", () => {
    const shape = (path: string) => new RegExp(`^${path.replaceAll(/:[a-z]+/g, "[^/]+")}$`)
    const seen = [...looked].map((path) => path.split("?")[0] ?? "")
    const missed = pages()
      .routes.filter(({ method, path }) => method === "GET" && !notPages.test(path))
      .filter(({ path }) => !seen.some((one) => shape(path).test(one)))
    expect(missed.map(({ path }) => path)).toEqual([])
  })
})
