import { beforeAll, describe, expect, test } from "vitest"
import { attemptsByName } from "../src/session/sign-in.ts"
import { browser, openApp, passphrase, signedIn, type TestApp } from "./open-app.ts"

let county: TestApp
beforeAll(async () => {
  county = await openApp()
})

describe("sign-in", () => {
  test("somebody known comes in, is called by name, and goes out again", async () => {
    const one = await signedIn(county, "duty")
    expect(await (await one.get("/")).text()).toContain("应哨专人")
    expect((await one.post("/sign-out", {})).status).toBe(303)
    expect(await (await one.get("/")).text()).not.toContain("应哨专人")
  })

  test("an unknown name and a wrong passphrase get the very same answer", async () => {
    const answers = []
    for (const account of ["duty", "nobody-of-that-name"]) {
      const answer = await browser(county).post("/sign-in", { account, passphrase: "wrong" })
      answers.push([answer.status, (await answer.text()).replace(/value="[^"]*"/g, "")])
    }
    expect(answers[0]).toEqual(answers[1])
    expect(answers[0]?.[0]).toBe(401)
  })

  test("too many attempts at one name end for a while, also with the right passphrase", async () => {
    const one = browser(county)
    for (let at = 0; at < attemptsByName; at += 1)
      await one.post("/sign-in", { account: "payer", passphrase: "no" })
    const answer = await one.post("/sign-in", { account: "payer", passphrase })
    expect(answer.status).toBe(429)
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0)
  })

  test("the cookie cannot be read by scripts, changes at sign-in, and a planted one is worth nothing", async () => {
    const one = browser(county)
    await one.get("/sign-in")
    const planted = one.cookie()
    const answer = await one.post("/sign-in", { account: "admin", passphrase })
    expect(answer.headers.get("set-cookie")).toMatch(/HttpOnly; SameSite=Lax/)
    expect(one.cookie()).not.toBe(planted)
    const other = await county.app.request("/", { headers: { cookie: planted } })
    expect(await other.text()).not.toContain("社会工作部")
  })

  test("a form without its token, with another's, or from another site changes nothing", async () => {
    const one = await signedIn(county, "department")
    for (const [fields, headers] of [
      [{ csrf: "" }, {}],
      [{ csrf: "A".repeat(43) }, {}],
      [{}, { "sec-fetch-site": "cross-site" }],
      [{}, { origin: "https://elsewhere.example" }],
    ] as const) {
      const answer = await county.app.request("/sign-out", {
        method: "POST",
        body: new URLSearchParams(fields),
        headers: { cookie: one.cookie(), ...headers },
      })
      expect(answer.status).toBe(403)
    }
    expect(await (await one.get("/")).text()).toContain("承办部门")
  })
})

test("every answer carries the safe headers, also a failure", async () => {
  for (const path of ["/", "/nothing-here", "/static/style.css", "/static/..%2flayout.ts"]) {
    const answer = await county.app.request(path)
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'; script-src 'self'")
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff")
  }
  expect(county.faults).toEqual([])
})
