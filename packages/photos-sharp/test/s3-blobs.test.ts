/** Against a store that checks the signature by its own arithmetic. */
import { createHash, createHmac } from "node:crypto"
import { createServer, type IncomingMessage, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, expect, test } from "vitest"
import { photosSharp } from "../src/photos-sharp.ts"
import { s3Blobs } from "../src/s3-blobs.ts"
import { plain } from "./pictures.ts"

const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
const objects = new Map<string, Buffer>()
let server: Server
let endpoint = ""
let trouble: number | undefined

beforeAll(async () => {
  server = createServer(async (request, answer) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const path = request.url ?? ""
    if (trouble !== undefined) answer.writeHead(trouble).end()
    else if (!isSigned(request))
      answer.writeHead(403).end("<Error><Code>SignatureDoesNotMatch</Code></Error>")
    else if (request.method === "PUT") answer.writeHead(objects.set(path, Buffer.concat(parts)) && 200).end()
    else if (request.method === "DELETE") answer.writeHead(objects.delete(path) ? 204 : 404).end()
    else
      answer
        .writeHead(objects.has(path) ? 200 : 404)
        .end(request.method === "GET" ? objects.get(path) : undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

const store = (secretAccessKey = secret) =>
  photosSharp({
    blobs: s3Blobs({
      endpoint,
      bucket: "county-photos",
      region: "cn-south",
      accessKeyId: "AKID",
      secretAccessKey,
    }),
  })

test("a photo goes there and comes back, and is gone when it was removed", async () => {
  const put = await store().put("990101", await plain())
  if (put.kind === "refused") throw new Error(put.code)
  const { hash } = put.photo
  expect([...objects.keys()]).toEqual([`/county-photos/990101/${hash.slice(0, 2)}/${hash}.jpg`])
  expect((await store().get("990101", hash))?.length).toBe(put.photo.bytes)
  expect(await store().remove("990101", hash)).toBe(true)
  expect(await store().get("990101", hash)).toBeUndefined()
  expect(await store().remove("990101", hash)).toBe(false)
})

test("a wrong secret and a store in trouble are outages that tell no key", async () => {
  const failures: unknown[] = []
  await store("another")
    .put("990101", await plain())
    .catch((error: unknown) => failures.push(error))
  trouble = 403
  await store()
    .get("990101", "a".repeat(64))
    .catch((error: unknown) => failures.push(error))
  trouble = undefined
  expect(failures).toMatchObject([{ reason: "unavailable" }, { reason: "unavailable" }])
  expect(JSON.stringify(failures.map(String))).not.toMatch(/AKID|wJalr|another/)
})

/** AWS Signature Version 4, from its description. */
const isSigned = (request: IncomingMessage): boolean => {
  const given =
    /Credential=AKID\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})/.exec(
      request.headers.authorization ?? "",
    )
  if (given === null) return false
  const [, date = "", region = "", names = "", signature] = given
  const headers = names.split(";").map((name) => `${name}:${String(request.headers[name]).trim()}\n`)
  const payload = String(request.headers["x-amz-content-sha256"])
  const canonical = [request.method, request.url, "", headers.join(""), names, payload].join("\n")
  const scope = `${date}/${region}/s3/aws4_request`
  const digest = createHash("sha256").update(canonical).digest("hex")
  const text = ["AWS4-HMAC-SHA256", request.headers["x-amz-date"], scope, digest].join("\n")
  const key = [date, region, "s3", "aws4_request"].reduce<Buffer>(
    (from, part) => createHmac("sha256", from).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  )
  return createHmac("sha256", key).update(text).digest("hex") === signature
}
