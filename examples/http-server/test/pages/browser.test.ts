/** Everything that needs a real browser, with one browser for all of it. */
import type { Browser } from "playwright-core"
import { afterAll, beforeAll, describe } from "vitest"
import { everyCases } from "./every-page.ts"
import { fiveCases } from "./five-people.ts"
import { hasChromium, openBrowser, openSite, type Site } from "./open-site.ts"
import { queueCases } from "./phone-queue.ts"

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
})
