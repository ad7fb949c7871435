/** What leaves: nothing that points inwards is ever connected to, and every failure says what is known. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { isOutboundFailure, outboundHttp, retryAfterMs } from "../src/outbound/outbound-http.ts"
import { addressRule } from "../src/outbound/public-address.ts"

/** A server on this machine that must see nothing. */
let canary = { port: 0, hits: 0, close: () => {} }

beforeAll(async () => {
  const server = createServer((incoming, outgoing) => {
    canary.hits += 1
    if (incoming.url === "/inwards") outgoing.writeHead(302, { location: `http://localhost:${canary.port}/` })
    if (incoming.url === "/long") outgoing.write("x".repeat(100_000))
    outgoing.end("ok")
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  canary = { port: (server.address() as AddressInfo).port, hits: 0, close: () => server.close() }
})
afterAll(() => canary.close())

const soon = () => AbortSignal.timeout(20_000)
const get = (url: string) => ({ method: "GET" as const, url, headers: {} })
const failure = async (work: Promise<unknown>) => {
  const error: unknown = await work.catch((thrown: unknown) => thrown)
  if (!isOutboundFailure(error)) throw new Error(`expected an outbound failure, got ${String(error)}`)
  return error
}

describe("an address that points inwards", () => {
  it.each([
    "0x7f.1",
    "127.0.0.1",
    "2130706433",
    "0177.0.0.1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::]",
    "0.0.0.0",
    "10.0.0.1",
    "192.168.1.1",
    "172.31.255.255",
    "169.254.169.254",
    "100.64.0.1",
    "[fe80::1]",
    "[fd00::1]",
    "[2002:7f00:1::]",
    "[64:ff9b::7f00:1]",
    "localhost",
  ])("%s is refused and the canary sees nothing", async (host) => {
    canary.hits = 0
    const send = outboundHttp({ plainHttp: "allowed" })
    const error = await failure(send(get(`http://${host}:${canary.port}/`), soon()))
    expect(error.reason).toBe("refused-address")
    expect(canary.hits).toBe(0)
  })

  it("is refused when a name answers it among public ones, or public first and private then", async () => {
    canary.hits = 0
    const mixed = outboundHttp({ plainHttp: "allowed", resolve: async () => ["93.184.216.34", "127.0.0.1"] })
    expect((await failure(mixed(get(`http://a.example:${canary.port}/`), soon()))).reason).toBe(
      "refused-address",
    )

    let asked = 0
    const send = outboundHttp({
      plainHttp: "allowed",
      // The second answer would be the one a second look-up gets; there is none, and it is checked too.
      resolve: async () => (asked++ === 0 ? ["192.0.2.1"] : ["127.0.0.1"]),
    })
    await failure(send(get(`http://a.example:${canary.port}/`), soon()))
    expect(asked).toBe(1)
    expect((await failure(send(get(`http://a.example:${canary.port}/`), soon()))).reason).toBe(
      "refused-address",
    )
    expect(canary.hits).toBe(0)
  })

  it("is connected to as it was checked, not as the name resolves a second time", async () => {
    canary.hits = 0
    let asked = 0
    const send = outboundHttp({
      plainHttp: "allowed",
      privateRanges: ["127.0.0.1"],
      resolve: async () => (asked++ === 0 ? ["127.0.0.1"] : ["127.0.0.2"]),
    })
    const answer = await send(get(`http://a.example:${canary.port}/`), soon())
    expect(answer.body).toBe("ok")
    expect(asked).toBe(1)
  })

  it("is not followed to by a redirect", async () => {
    canary.hits = 0
    const send = outboundHttp({ plainHttp: "allowed", privateRanges: ["127.0.0.1"] })
    const answer = await send(get(`http://127.0.0.1:${canary.port}/inwards`), soon())
    expect(answer.status).toBe(302)
    expect(canary.hits).toBe(1)
  })

  it("may be listed", () => {
    const rule = addressRule(["10.20.0.0/16", "fd00:1::/32"])
    expect(["10.20.3.4", "10.21.0.1", "fd00:1::9", "fd01::9"].map(rule)).toEqual([true, false, true, false])
    for (const text of ["10.20.0.0/33", "x", "10.20.0.0/", "::/129", "10.0.0.0/8/8"]) {
      expect(() => addressRule([text])).toThrow(RangeError)
    }
    expect(addressRule([])("93.184.216.34")).toBe(true)
    expect(addressRule([])("2606:2800:220:1:248:1893:25c8:1946")).toBe(true)
    expect(addressRule([])("not an address")).toBe(false)
  })
})

describe("a failure", () => {
  const local = outboundHttp({ plainHttp: "allowed", privateRanges: ["127.0.0.1"], maxBodyBytes: 1_000 })

  it("refuses http, passwords and what is no URL, before anything is resolved", async () => {
    const send = outboundHttp({ resolve: () => Promise.reject(new Error("asked")) })
    for (const url of ["http://a.example/", "ftp://a.example/", "https://u:p@a.example/", "a.example", ""]) {
      expect((await failure(send(get(url), soon()))).reason).toBe("refused-address")
    }
  })

  it("shows no path, query or header", async () => {
    const request = { ...get("https://a.example/key-1?key=key-2"), headers: { authorization: "key-3" } }
    const send = outboundHttp({ resolve: async () => ["127.0.0.1"] })
    expect((await failure(send(request, soon()))).message).not.toMatch(/key-/)
  })

  it("is not-sent for an unknown name, maybe-sent for an answer that is too long or a caller that stops", async () => {
    const unknown = outboundHttp({ resolve: () => Promise.reject(new Error("ENOTFOUND")) })
    expect((await failure(unknown(get("https://a.example/"), soon()))).reason).toBe("not-sent")
    const long = await failure(local(get(`http://127.0.0.1:${canary.port}/long`), soon()))
    expect(long.reason).toBe("maybe-sent")
    expect((await failure(local(get("https://a.example/"), AbortSignal.abort()))).reason).toBe("not-sent")
  })

  it("reads Retry-After as seconds or as a date, at most a day", () => {
    expect(retryAfterMs("120", 0)).toBe(120_000)
    expect(retryAfterMs("Thu, 01 Jan 1970 00:01:00 GMT", 10_000)).toBe(50_000)
    expect(retryAfterMs("Thu, 01 Jan 1970 00:00:00 GMT", 10_000)).toBe(0)
    expect(retryAfterMs("999999999", 0)).toBe(86_400_000)
    expect(retryAfterMs("soon", 0)).toBeUndefined()
    expect(retryAfterMs(undefined, 0)).toBeUndefined()
  })
})
