/** What an operator learns when the disk is full or a file does not answer, and what whoever asked is told. */
import { DatabaseSync } from "node:sqlite"
import { inProcessIdentity } from "@yingshao/engine/in-process"
import { identityFailure } from "@yingshao/ports/identity"
import { photosFailure } from "@yingshao/ports/photos"
import { storageFailure } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import { replaced } from "@yingshao/testkit/storage-injection"
import { expect, test } from "vitest"
import { whole } from "../src/identity/sealed-file.ts"
import { makeOutages } from "../src/operations/outages.ts"
import { memoryBlobs, openApp, signedIn } from "./open-app.ts"

test("P12 a full disk and a store of names that is away: 503 for who asks, and one line of each kind for the operator", async () => {
  let isFull = false
  const inner = memoryStorage()
  const blobs = memoryBlobs()
  const names = inProcessIdentity(() => {})
  const county = await openApp({
    storage: replaced(inner, () => ({
      commit: async (...given) => {
        if (isFull) throw storageFailure("full", "unchanged", "the disk is full")
        return inner.commit(...given)
      },
    })),
    blobs: {
      ...blobs,
      put: async (...given) => {
        if (isFull) throw photosFailure("full", "the photo folder: ENOSPC")
        return blobs.put(...given)
      },
    },
    identity: {
      ...names,
      unmask: async (...given) => {
        if (isFull) throw identityFailure("unavailable", "the identity store does not answer: disk I/O error")
        return names.unmask(...given)
      },
    },
  })
  const ready = async () =>
    (await county.app.request("/readyz", { headers: { authorization: "Bearer a token" } })).text()
  const [informant, admin] = [await signedIn(county, "informant"), await signedIn(county, "admin")]
  expect(await ready()).toBe("ready\n")
  isFull = true
  const report = (address: string) =>
    informant.post("/report", { command: `w-${address}`, address, lng: "106.66", lat: "26.13" })
  const leave = (reason: string) => informant.post("/standing/leave", { command: `w-${reason}`, reason })
  expect((await admin.get("/roster")).status).toBe(503)
  expect((await leave("CANARY")).status).toBe(503)
  expect((await leave("CANARY-2")).status).toBe(503)
  const bytes = new Uint8Array(Buffer.from(onePixel, "base64"))
  const { token } = (await (await signIn(county)).json()) as { readonly token: string }
  const photo = await county.app.request("/api/photos", {
    method: "POST",
    body: bytes,
    headers: { authorization: `Bearer ${token}` },
  })
  expect(photo.status).toBe(503)
  expect((await report("CANARY-3")).status).not.toBe(500)
  expect(county.faults).toEqual([])
  expect(county.outages).toEqual([
    "identities: unavailable, requests are asked to come back: the identity store does not answer: disk I/O error",
    "store: full, requests are asked to come back: the disk is full",
    "photos: full, requests are asked to come back: the photo folder: ENOSPC",
  ])
  expect(await ready()).toContain("store: full: 3 requests were asked to come back\n")
  expect(await ready()).not.toMatch(/CANARY|p-/)
})

test("an outage that is ten minutes over stands no more, and the next one is told again", () => {
  let ms = 0
  const lines: string[] = []
  const outages = makeOutages(
    () => ms,
    (line) => void lines.push(line),
  )
  const full = storageFailure("full", "unchanged", "the disk is full")
  for (const error of [full, full, new Error("CANARY"), undefined, identityFailure("invalid", "CANARY")]) {
    outages.seen(error)
  }
  expect(outages.problems()).toEqual(["store: full: 2 requests were asked to come back"])
  ms = 600_001
  expect(outages.problems()).toEqual([])
  outages.seen(full)
  expect(lines).toHaveLength(2)
})

test("what ended a commit of names is told, not that there was nothing left to take back", () => {
  const database = new DatabaseSync(":memory:")
  const failing = () => {
    // SQLite takes all back by itself when the disk is full.
    database.exec("ROLLBACK")
    throw new Error("database or disk is full")
  }
  expect(() => whole(database, failing)).toThrow("database or disk is full")
})

// internal

const signIn = ({ app }: Awaited<ReturnType<typeof openApp>>) =>
  app.request("/api/session", {
    method: "POST",
    body: JSON.stringify({ account: "informant", passphrase: "open sesame" }),
    headers: { "content-type": "application/json" },
  })

const onePixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
