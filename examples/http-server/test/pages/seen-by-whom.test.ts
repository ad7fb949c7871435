/** What pages show to whom, without a browser: rights, extracts, hidden numbers. */
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { type CommandInput, commandTypes } from "@yingshao/core/commands"
import type { ReportState } from "@yingshao/core/report/report"
import { beforeAll, describe, expect, test } from "vitest"
import { endedMonths, statisticsOf } from "../../src/pages/public/monthly-statistics.ts"
import { countdown, spanWords } from "../../src/pages/time-words.ts"
import { browser, openApp, signedIn } from "../open-app.ts"
import { fill } from "./full-county.ts"

/** A county in which one report was handed over to the department. */
const withReporter = async (person: string, words: string) => {
  const county = await openApp()
  const give = async (type: string, by: string, role: string, fields: object): Promise<string> => {
    const id = `given-${type}-${role}`
    const answer = await county.engine.handle({
      ...fields,
      type,
      id,
      by: { person: by, role },
    } as CommandInput)
    if (!answer.ok) throw new Error(`${type}: ${answer.refusal.code}`)
    const stream = answer.events.find((one) => /^(report|incident)\//.test(one.stream))?.stream ?? "/"
    return stream.slice(stream.indexOf("/") + 1)
  }
  await county.engine.identity?.put(county.engine.programme, "w-1", { words })
  const report = await give("SubmitReport", person, "reporter", {
    channel: "app",
    reporters: [person],
    photos: [county.photo],
    place: { words: "濛江街道环城路口" },
    original: "w-1",
  })
  const facts = { category: "environment", danger: "no", ongoing: "yes", affected: 3 }
  await give("AnswerWhistle", "p-duty", "duty-officer", { report, facts })
  const { state } = await county.engine.queries.state("report", report)
  const incident = state.status === "none" || state.status === "new" ? "" : `${state.incident}`
  await give("HandOver", "p-duty", "duty-officer", { incident })
  return { county, report, incident }
}

/** A page without what differs for every session, report and moment. */
const plain = (page: string): string =>
  page
    .replaceAll(/name="(csrf|command)" value="[^"]*"/g, "")
    .replaceAll(/\b[ri]-[0-9a-f]{32}/g, "id")
    .replaceAll(/<strong>[0-9a-f]{8}<\/strong>/g, "number")
    .replaceAll(/<time.*?<\/time>/g, "time")

describe("a matter by its number", () => {
  test("a report that came just now is found by whoever may see it, each on their own page", async () => {
    const { county, report, incident } = await withReporter("p-informant", "就在店门口")
    const fresh = await county.engine.handle({
      type: "SubmitReport",
      id: "fresh",
      by: { person: "p-informant", role: "reporter" },
      channel: "app",
      reporters: ["p-informant"],
      photos: [county.photo],
      place: { words: "就在店门口" },
    } as CommandInput)
    const isNew = (fresh.ok ? (fresh.events[0]?.stream ?? "") : "").slice("report/".length)
    const linksFor = async (account: string, number: string) => {
      const page = await (await signedIn(county, account)).get(`/find?number=${encodeURIComponent(number)}`)
      const list = /<ul class="cards">.*<\/ul>/s.exec(await page.text())?.[0] ?? ""
      return [...list.matchAll(/href="([^"]+)"/g)].map(([, to]) => to)
    }
    const numberOf = (id: string) => id.slice(2, 10)
    expect(await linksFor("duty", numberOf(isNew))).toEqual([`/desk/reports/${isNew}`])
    expect(await linksFor("duty", ` ${numberOf(isNew).toUpperCase()} `)).toEqual([`/desk/reports/${isNew}`])
    expect(await linksFor("informant", isNew)).toEqual([`/mine/${isNew}`])
    expect(await linksFor("member", isNew)).toEqual([])
    expect(await linksFor("village", numberOf(isNew))).toEqual([])
    expect(await linksFor("village", numberOf(report))).toEqual([`/verify/${report}`])
    expect(await linksFor("auditor", numberOf(report))).toEqual([`/findings/${report}`])
    expect(await linksFor("department", numberOf(report))).toEqual([`/orders/${incident}`])
    expect(await linksFor("department", numberOf(incident))).toEqual([`/orders/${incident}`])
    expect(await linksFor("duty", numberOf(incident))).toEqual([`/desk/incidents/${incident}`])
    for (const [account, to] of [
      ["duty", `/desk/reports/${isNew}`],
      ["village", `/verify/${report}`],
      ["auditor", `/findings/${report}`],
      ["department", `/orders/${incident}`],
      ["informant", `/mine/${isNew}`],
    ] as const) {
      expect((await (await signedIn(county, account)).get(to)).status).toBe(200)
    }
  })
})

describe("what a department sees", () => {
  let first: Awaited<ReturnType<typeof withReporter>>
  let second: Awaited<ReturnType<typeof withReporter>>
  beforeAll(async () => {
    first = await withReporter("p-informant", "我是张三,就在店门口")
    second = await withReporter("p-member", "李四报的")
  })

  test("P1 two counties that differ only in who reported show it the same pages, byte for byte", async () => {
    const seen = await Promise.all(
      [first, second].map(async ({ county, incident }) => {
        const department = await signedIn(county, "department")
        const pages = [await department.get("/orders"), await department.get(`/orders/${incident}`)]
        return Promise.all(pages.map(async (page) => plain(await page.text())))
      }),
    )
    expect(seen[0]).toEqual(seen[1])
    expect(seen[0]?.join()).toContain("濛江街道环城路口")
  })

  test("P2 neither the reporter's handle nor words are on any page of the department or the verifier", async () => {
    const { county, report, incident } = first
    for (const [account, path] of [
      ["department", `/orders/${incident}`],
      ["village", `/verify/${report}`],
      ["approver", `/approve/${report}`],
      ["auditor", `/findings/${report}`],
      ["admin", `/appeals/${report}`],
      ["township", `/claims/${incident}`],
    ] as const) {
      const page = await (await (await signedIn(county, account)).get(path)).text()
      expect(page, path).not.toMatch(/p-informant|张三|在册信息员/)
    }
    const desk = await (await (await signedIn(county, "duty")).get(`/desk/reports/${report}`)).text()
    expect(desk).toContain("我是张三")
    expect(desk).not.toContain("p-informant")
  })

  test("Z5 somebody else's report, order, photo or file answers like a missing one", async () => {
    const { county, report, incident } = first
    const state = (await county.engine.queries.state("report", report)).state
    const photo = state.status === "none" ? "" : state.photos[0]
    const answers = async (account: string, path: string) => {
      const answer = await (await signedIn(county, account)).get(path)
      return [answer.status, plain(await answer.text())]
    }
    const missing = "0".repeat(32)
    expect(await answers("member", `/mine/${report}`)).toEqual(await answers("member", `/mine/r-${missing}`))
    expect(await answers("member", `/reports/${report}/photos/${photo}`)).toEqual(
      await answers("member", `/reports/r-${missing}/photos/${photo}`),
    )
    expect((await answers("member", `/mine/${report}`))[0]).toBe(404)
    expect((await answers("informant", `/reports/${report}/photos/${photo}`))[0]).toBe(200)
    expect((await answers("department", `/orders/${incident}`))[0]).toBe(200)
  })

  test("Z1 a visitor signs in first; who has no part gets no page", async () => {
    const { county, report, incident } = first
    const paths = [
      "/board",
      "/map",
      "/hotline",
      `/desk/reports/${report}`,
      `/desk/incidents/${incident}`,
      "/orders",
      "/verify",
      "/approve",
      "/pay",
      "/policy",
      "/policy/report",
      "/parked",
      "/claims",
      `/claims/${incident}`,
      "/appeals",
      `/appeals/${report}`,
      "/findings",
      `/findings/${report}`,
      "/admissions",
      "/roster",
      "/roster/p-member",
      "/staff",
      "/redemptions",
      "/report",
      "/mine",
      "/awards",
      "/redeem",
      "/standing",
    ]
    const visitor = browser(county)
    for (const path of paths) expect((await visitor.get(path)).status, path).toBe(401)
    const informant = await signedIn(county, "informant")
    for (const path of paths.slice(0, paths.indexOf("/report")))
      expect((await informant.get(path)).status, path).toBe(403)
    for (const path of ["/", "/statistics", "/sign-in", "/offline", "/sw.js"])
      expect((await visitor.get(path)).status, path).toBe(200)
    expect(county.faults).toEqual([])
  })

  test("text of strangers stays text", async () => {
    const county = first.county
    const informant = await signedIn(county, "informant")
    const script = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
    const answer = await county.engine.handle({
      type: "SubmitReport",
      id: "script",
      by: { person: "p-informant", role: "reporter" },
      channel: "app",
      reporters: ["p-informant"],
      photos: [county.photo],
      place: { words: script },
    } as CommandInput)
    if (!answer.ok) throw new Error(answer.refusal.code)
    for (const [who, path] of [
      [informant, "/mine"],
      [await signedIn(county, "duty"), "/board"],
    ] as const) {
      const page = await (await who.get(path)).text()
      expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;")
      expect(page).not.toContain("<script>alert")
      expect(page).not.toContain("<img src=x")
    }
  })
})

describe("a form", () => {
  test("I1 sent twice is one command with one answer; corrected after a refusal it is another", async () => {
    const county = await openApp()
    const duty = await signedIn(county, "duty")
    const count = async () =>
      (await county.engine.queries.tallies("reports/accepted")).get("reports/accepted")
    const call = { command: "w-call", address: "环城路口", words: "路灯不亮" }
    const first = await duty.post("/hotline", call)
    const again = await duty.post("/hotline", call)
    expect([first.status, again.status]).toEqual([303, 303])
    expect(again.headers.get("location")).toBe(first.headers.get("location"))
    expect(await count()).toBe(1)
    const page = (first.headers.get("location") ?? "").replace(/\?.*/, "")
    const answer = { command: "w-answer", danger: "no", ongoing: "no", affected: "1" }
    const refused = await duty.post(`${page}/answer`, { ...answer, category: "nothing-like-it" })
    expect(refused.status).toBe(422)
    expect(await refused.text()).toContain("没有类别")
    expect((await duty.post(`${page}/answer`, { ...answer, category: "facility" })).status).toBe(303)
  })
})

describe("what the cashier sees", () => {
  test("P10 payees and amounts, and no report's id; the line pays once, and in no other session", async () => {
    const county = await openApp()
    const made = await fill(county.engine, county.photo)
    const payer = await signedIn(county, "payer")
    const page = await (await payer.get("/pay")).text()
    expect(page).toContain("200")
    for (const id of [made.emergency.report, made.emergency.incident]) {
      expect(page).not.toContain(id)
      expect(page).not.toContain(id.slice(2, 10))
    }
    expect(page).not.toMatch(/火情|濛江|应急治理/)
    const line = /name="line" value="([^"]+)"/.exec(page)?.[1] ?? ""
    const pressed = { line, command: "w-1" }
    expect((await (await signedIn(county, "payer")).post("/pay", pressed)).status).toBe(404)
    expect((await payer.post("/pay", pressed)).status).toBe(303)
    expect(await (await payer.get("/pay")).text()).toContain("没有待领取的现金")
    // A second tap gets the first one's answer; another command finds it paid.
    expect((await payer.post("/pay", pressed)).status).toBe(303)
    expect((await payer.post("/pay", { line, command: "w-2" })).status).toBe(422)
    const file = (await county.engine.queries.state("reward", made.emergency.report)).state
    expect(file.status).toBe("paid")
  })
})

describe("public statistics", () => {
  const report = (category: string, reportClass: "ordinary" | "emergency"): ReportState =>
    ({
      status: "closed",
      class: reportClass,
      facts: { category },
      place: { coordinate: { lng: 106.61, lat: 26.13, crs: "wgs84" } },
    }) as unknown as ReportState
  const many = (count: number, category: string, reportClass: "ordinary" | "emergency" = "ordinary") =>
    Array.from({ length: count }, () => report(category, reportClass))

  test("P4 no number from 1 to 4 is shown, nor one from which it follows", () => {
    const told = statisticsOf("2026-04", [
      ...many(40, "environment"),
      ...many(30, "facility"),
      ...many(2, "fire"),
      ...many(9, "fire", "emergency"),
      ...many(11, "environment", "emergency"),
    ])
    expect(told.total).toBe(92)
    const counts = told.kinds.flatMap((row) => row.counts)
    expect(counts.filter((count) => count !== undefined && count > 0 && count < 5)).toEqual([])
    // The two ordinary fires would follow from the column's sum and from the row's.
    expect(counts.filter((count) => count === undefined).length).toBeGreaterThanOrEqual(4)
    expect(statisticsOf("2026-04", many(3, "fire")).total).toBeUndefined()
    expect(statisticsOf("2026-04", []).total).toBe(0)
  })

  test("P4 a place is a square of about five kilometres", () => {
    expect(statisticsOf("2026-04", many(6, "fire")).places).toEqual([{ key: "106.625,26.125", counts: [6] }])
  })

  test("only months that have ended", () => {
    expect(endedMonths("2026-01-15" as Parameters<typeof endedMonths>[0], 3)).toEqual([
      "2025-12",
      "2025-11",
      "2025-10",
    ])
  })
})

describe("time in words", () => {
  const at = (text: string) => text as Parameters<typeof countdown>[0]
  test("what is left, and what is late", () => {
    const due = at("2026-03-02T02:00:00.000Z")
    expect(countdown(due, at("2026-03-02T01:50:00.000Z"))).toMatchObject({
      late: false,
      soon: true,
      words: { zh: "还有 10 分" },
    })
    expect(countdown(due, at("2026-03-02T04:05:00.000Z"))).toMatchObject({
      late: true,
      words: { zh: "已超时 2 小时 5 分", en: "2 h 5 min late" },
    })
    expect(spanWords(1440)).toEqual({ zh: "1 天", en: "1 d" })
  })
})

test("the script weighs less than 10 KB, and nothing comes from another origin", async () => {
  const folder = new URL("../../src/pages/static/", import.meta.url)
  const files = readdirSync(folder)
  const scripts = files
    .filter((name) => name.endsWith(".js"))
    .map((name) => readFileSync(new URL(name, folder)))
  expect(scripts.reduce((sum, script) => sum + gzipSync(script).length, 0)).toBeLessThan(10_000)
  for (const name of files.filter((one) => /\.(js|css)$/.test(one)))
    expect(readFileSync(new URL(name, folder), "utf8"), name).not.toMatch(
      /https?:|\/\/[a-z0-9.-]+\.[a-z]{2,}/,
    )
})

test("every command of core is given on a page, or the README says who gives it instead", () => {
  const folder = fileURLToPath(new URL("../../src/pages/", import.meta.url))
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(`${folder}${name}`, "utf8"))
  const given = new Set(
    sources.flatMap((source) => [...source.matchAll(/type: "([A-Z]\w+)"/g)].map(([, type]) => type)),
  )
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8")
  const table = readme.slice(
    readme.indexOf("| command | who gives it |"),
    readme.indexOf("All of it works without"),
  )
  const excused = new Set([...table.matchAll(/`([A-Z]\w+)`/g)].map(([, type]) => type))
  expect(commandTypes.filter((type) => given.has(type) === excused.has(type))).toEqual([])
})
