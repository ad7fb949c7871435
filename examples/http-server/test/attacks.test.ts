/** Attacks on other people's matters, parts and sessions; the answers are in the rows. */
import { describe, expect, test } from "vitest"
import {
  ask,
  canary,
  county,
  give,
  incident,
  meant,
  open311Key,
  openDesk,
  place,
  refuses,
  report,
  submission,
} from "./attack-desk.ts"
import { browser, passphrase, signedIn } from "./open-app.ts"

openDesk()

describe("other people's matters (Z5)", () => {
  refuses([
    ["a report of somebody else", 404, () => ask({ as: "member", path: `/api/reports/${report}` })],
    [
      "a report that is not there answers alike",
      404,
      () => ask({ as: "member", path: "/api/reports/r-nothing" }),
    ],
    ["its photo", 404, () => ask({ as: "member", path: `/api/reports/${report}/photos/${county.photo}` })],
    ["its reward", 404, () => ask({ as: "member", path: `/api/rewards/${report}` })],
    [
      "an incident that is not ours",
      404,
      () => ask({ as: "department", path: `/api/incidents/${incident}` }),
    ],
    [
      "a report of an incident that is not ours",
      404,
      () => ask({ as: "department", path: `/api/reports/${report}` }),
    ],
    ["the board of another unit", 404, () => ask({ as: "department", path: "/api/board/water" })],
    ["all reports, as a reporter", 403, () => ask({ as: "informant", path: "/api/reports?status=open" })],
    ["another participant", 403, () => ask({ as: "member", path: "/api/participants/p-informant" })],
    ["raw states, as an admin", 403, () => ask({ as: "admin", path: `/api/states/report/${report}` })],
    ["the journal, as a duty officer", 403, () => ask({ as: "duty", path: "/api/journal" })],
    ["what is to be paid, as an approver", 403, () => ask({ as: "approver", path: "/api/payables" })],
    ["the payer asks for the report (P10)", 404, () => ask({ as: "payer", path: `/api/reports/${report}` })],
    ["nobody asks for anything", 401, () => ask({ path: `/api/reports/${report}` })],
    [
      "a page of somebody else's report",
      [401, 404],
      async () => (await signedIn(county, "member")).get(`/reports/${report}`),
    ],
  ])

  test("Z5: a number of somebody else's matter is answered like one that nobody has, on the page too", async () => {
    const [, theirs = ""] = report.split("-")
    const [, unit = ""] = incident.split("-")
    const numbers = [theirs.slice(0, 8), unit.slice(0, 8), "01234567"]
    for (const as of ["member", "payer", "department"]) {
      const answers = await Promise.all(
        numbers.map(async (number) => {
          const answer = await ask({ as, path: `/api/numbers/${number}` })
          const page = await (await signedIn(county, as)).get(`/find?number=${number}`)
          const shown = (await page.text()).replaceAll(number, "").replaceAll(/value="[^"]{20,}"/g, "")
          return [answer.status, await answer.text(), page.status, shown]
        }),
      )
      expect(answers[0]?.slice(0, 2)).toEqual([200, '{"rows":[]}'])
      expect(answers[1]).toEqual(answers[0])
      expect(answers[2]).toEqual(answers[0])
    }
    for (const bad of ["r-", "0123456", "%25", "../reports", "0123456g", "0".repeat(33)]) {
      expect((await ask({ as: "duty", path: `/api/numbers/${encodeURIComponent(bad)}` })).status).toBe(404)
    }
  })

  test("missing and forbidden cannot be told apart", async () => {
    const [there, missing] = [
      await ask({ as: "member", path: `/api/reports/${report}` }),
      await ask({ as: "member", path: "/api/reports/r-0123456789abcdef" }),
    ]
    expect(await there.text()).toBe(await missing.text())
    expect([...there.headers.keys()]).toEqual([...missing.headers.keys()])
  })
})

describe("other people's parts (Z1)", () => {
  const verify = { level: "village", verdict: "true", confirmedClass: "ordinary" }
  refuses([
    [
      "a reporter answers the whistle",
      403,
      () =>
        give("informant", "AnswerWhistle", {
          report,
          facts: { category: "fire", danger: "yes", ongoing: "yes", affected: 1 },
        }),
    ],
    [
      "a reporter says to act as duty officer",
      403,
      () => give("informant", "AnnotateReport", { report, note: "x" }, { "acting-role": "duty-officer" }),
    ],
    [
      "somebody acts as the system",
      403,
      () => give("admin", "ExpireLots", { person: "p-member" }, { "acting-role": "scheduler" }),
    ],
    [
      "a role that is a key of every object",
      403,
      () => give("duty", "AnnotateReport", { report, note: "x" }, { "acting-role": "__proto__" }),
    ],
    ["a report in somebody else's name", 422, () => give("member", "SubmitReport", submission())],
    [
      "the body says who gives it",
      400,
      () =>
        give("member", "SubmitReport", { ...submission(), by: { person: "p-informant", role: "reporter" } }),
    ],
    [
      "the body says another type",
      400,
      () => give("member", "SubmitReport", { ...submission(), type: "AppointStaff" }),
    ],
    [
      "the body brings an id of its own",
      400,
      () => give("member", "SubmitReport", { ...submission(), id: "mine" }),
    ],
    [
      "a member makes an officer of himself",
      403,
      () =>
        give("member", "AppointStaff", { person: "p-member", role: "duty-officer", scopes: ["duty-desk"] }),
    ],
    [
      "the programme is opened again",
      [403, 422],
      () =>
        give("admin", "OpenProgramme", {
          policy: { id: "P", digest: "0".repeat(64), effectiveFrom: "2026-01-01", canonical: "{}" },
          admin: "p-member",
          units: [],
          calendarYears: [],
        }),
    ],
    ["a verifier of another level", [403, 422], () => give("county", "VerifyReport", { report, ...verify })],
    ["the approver verifies", 403, () => give("approver", "VerifyReport", { report, ...verify })],
    ["the payer approves", 403, () => give("payer", "ApproveReward", { report, interest: "none" })],
    [
      "what nobody approved is paid",
      422,
      () => give("payer", "PayAward", { report, collectedBy: "p-informant" }),
    ],
    [
      "a department handles what it was not given",
      422,
      () =>
        give("department", "RecordHandled", {
          incident,
          unit: "urban-management",
          result: "办好了",
          residentsBenefited: 0,
        }),
    ],
    [
      "a hold of somebody else is collected",
      403,
      () => give("member", "CommitRedemption", { person: "p-informant", hold: "h-1" }),
    ],
    ["a command of no name", 404, () => give("admin", "constructor", {})],
  ])

  test("whoever is dismissed has no right with the next request, whatever token he holds", async () => {
    const person = "p-payer"
    expect((await ask({ as: "payer", path: "/api/payables" })).status).toBe(200)
    await give("admin", "DismissStaff", { person, role: "payer", reason: "轮岗" })
    expect((await ask({ as: "payer", path: "/api/payables" })).status).toBe(403)
    await give("admin", "AppointStaff", { person, role: "payer", scopes: [] })
    await meant()
  })
})

describe("sessions and forms", () => {
  const form = (fields: Readonly<Record<string, string>>) => new URLSearchParams(fields)
  const cookieOf = async (account: string) => (await signedIn(county, account)).cookie()
  refuses([
    [
      "a token that nobody gave",
      401,
      () => ask({ path: "/api/session", headers: { authorization: `Bearer ${"A".repeat(43)}` } }),
    ],
    [
      "a token that is a pattern",
      401,
      () => ask({ path: "/api/session", headers: { authorization: "Bearer .*" } }),
    ],
    [
      "a cookie that nobody gave",
      401,
      () => ask({ path: "/api/session", headers: { cookie: `ys-session=${"A".repeat(43)}` } }),
    ],
    [
      "a form without a token",
      403,
      async () => ask({ path: "/sign-out", body: form({}), headers: { cookie: await cookieOf("member") } }),
    ],
    [
      "a form with a token of another visitor",
      403,
      async () =>
        ask({
          path: "/sign-out",
          body: form({ csrf: "B".repeat(43) }),
          headers: { cookie: await cookieOf("member") },
        }),
    ],
    [
      "a form from another site",
      403,
      async () =>
        ask({
          path: "/sign-out",
          body: form({}),
          headers: {
            cookie: await cookieOf("member"),
            origin: "https://elsewhere.example",
            "sec-fetch-site": "cross-site",
          },
        }),
    ],
    [
      "another site sends JSON with the cookie",
      403,
      async () =>
        ask({
          path: "/api/commands/AppointStaff",
          json: {},
          headers: { cookie: await cookieOf("admin"), "idempotency-key": "x" },
        }),
    ],
    [
      "another site sends JSON as plain text",
      403,
      async () =>
        ask({
          path: "/api/reports",
          body: JSON.stringify(submission()),
          headers: { "content-type": "text/plain" },
        }),
    ],
    [
      "a method in a header",
      [403, 404],
      () => ask({ path: "/sign-out", body: form({}), headers: { "x-http-method-override": "DELETE" } }),
    ],
    [
      "signing in with a list",
      400,
      () => ask({ path: "/api/session", json: { account: ["duty"], passphrase } }),
    ],
    [
      "signing in with a database's language",
      401,
      () => ask({ path: "/api/session", json: { account: "' OR 1=1 --", passphrase: "' OR 1=1 --" } }),
    ],
    [
      "signing in with a passphrase of a megabyte",
      [400, 413],
      () => ask({ path: "/api/session", json: { account: "duty", passphrase: "x".repeat(1_000_000) } }),
    ],
  ])

  test("a token is worth nothing after signing out", async () => {
    const answer = await ask({ path: "/api/session", json: { account: "village", passphrase } })
    const { token } = (await answer.json()) as { readonly token: string }
    const headers = { authorization: `Bearer ${token}` }
    expect((await ask({ path: "/api/session", headers })).status).toBe(200)
    expect((await ask({ path: "/api/session", method: "DELETE", headers })).status).toBe(204)
    expect((await ask({ path: "/api/session", headers })).status).toBe(401)
  })
})

describe("scripts in every field that people read", () => {
  test("what was typed is shown as text, on pages and in XML", async () => {
    const words = `${canary.replaceAll("\n", "")}"'&`
    await give("informant", "SubmitReport", { ...submission(), place: { ...place, words }, category: "fire" })
    await give("duty", "AnnotateReport", { report, note: words })
    const own = await signedIn(county, "informant")
    const duty = await signedIn(county, "duty")
    for (const page of [
      await own.get("/"),
      await own.get("/reports"),
      await duty.get("/board"),
      await duty.get(`/reports/${report}`),
    ]) {
      expect(await page.text()).not.toContain("<script>alert")
      expect(page.headers.get("content-security-policy")).toMatch(/script-src 'self'(;|$)/)
    }
    const posted = await ask({
      path: "/open311/v2/requests.xml",
      body: new URLSearchParams({
        api_key: open311Key,
        service_code: "other",
        address_string: words,
        description: words,
      }),
    })
    const id = /<service_request_id>([^<]+)</.exec(await posted.text())?.[1]
    const xml = await (
      await ask({ path: `/open311/v2/requests/${id}.xml?api_key=${encodeURIComponent(open311Key)}` })
    ).text()
    expect(xml).not.toContain("<script>")
    await meant()
  })
})

test("the numbers of reports cannot be counted through", async () => {
  const numbers: string[] = []
  for (let at = 0; at < 3; at += 1) {
    const answer = await ask({
      as: "informant",
      path: "/api/reports",
      json: submission(),
      headers: { "idempotency-key": `number-${at}` },
    })
    numbers.push(answer.headers.get("location")?.split("/").at(-1) ?? "")
  }
  for (const number of numbers) expect(number).toMatch(/^r-[0-9a-z]{16,}$/)
  expect(new Set(numbers.map((number) => number.slice(2, 8))).size).toBe(3)
})

test("nobody learns by the answer whether an account exists", async () => {
  const answers = await Promise.all(
    ["duty", "nobody-here"].map(async (account) => {
      const answer = await browser(county).post("/sign-in", { account, passphrase: "wrong" })
      return [answer.status, (await answer.text()).replace(/value="[^"]*"/g, "")]
    }),
  )
  expect(answers[0]).toEqual(answers[1])
})
