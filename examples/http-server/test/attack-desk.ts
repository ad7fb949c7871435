/**
 * What a stranger, a colleague or a partner might try, from outside.
 *
 * A row is an attack and the answer it gets. After each nothing may have been accepted, nothing unexpected may have
 * been thrown, and no answer may hold a trace of the machine.
 */
import { afterEach, beforeAll, expect, test } from "vitest"
import { openApp, passphrase, type TestApp } from "./open-app.ts"

export type Body = string | URLSearchParams | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>

/** Opened before the tests of a file. */
export let county: TestApp
const tokens = new Map<string, string>()
/** A report of the informant, answered, and handed to nobody yet. */
export let report = ""
export let incident = ""
/** Numbers of everything that was accepted. */
let before = 0
export const open311Key = "a key of another city"
export const canary = "<script>alert('CANARY')</script>"

interface Ask {
  readonly as?: string
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly body?: Body
}

export const ask = async ({ as, method, path, headers = {}, json, body }: Ask): Promise<Response> => {
  const sent = json === undefined ? body : JSON.stringify(json)
  return county.app.request(path, {
    method: method ?? (sent === undefined ? "GET" : "POST"),
    headers: {
      ...(as === undefined ? {} : { authorization: `Bearer ${await tokenOf(as)}` }),
      ...(json === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(sent === undefined ? {} : { body: sent, duplex: "half" }),
  } as RequestInit)
}

const tokenOf = async (account: string): Promise<string> => {
  const known = tokens.get(account)
  if (known !== undefined) return known
  const answer = await ask({ path: "/api/session", json: { account, passphrase } })
  const { token } = (await answer.json()) as { readonly token: string }
  tokens.set(account, token)
  return token
}

let serial = 0
export const give = (
  as: string,
  type: string,
  json: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> => {
  serial += 1
  return ask({
    as,
    path: `/api/commands/${type}`,
    json,
    headers: { "idempotency-key": `attack-${serial}`, ...headers },
  })
}

export const place = { coordinate: { lng: 106.66, lat: 26.13, crs: "wgs84" } }
export const submission = () => ({
  channel: "app",
  reporters: ["p-informant"],
  photos: [county.photo],
  place,
})
const head = async (): Promise<number> => {
  let last = before
  for await (const { number, refusal } of county.engine.journal({ after: before, follow: false })) {
    if (refusal === undefined) last = number
  }
  return last
}

/** What was accepted until now was meant to be. */
export const meant = async (): Promise<void> => {
  before = await head()
}

/** Opens the county before the tests of a file, and sees after each that nothing unexpected was thrown. */
export const openDesk = (): void => {
  beforeAll(openCounty)
  afterEach(() => {
    expect(county.faults).toEqual([])
  })
}

const openCounty = async (): Promise<void> => {
  county = await openApp({ open311Key })
  tokens.clear()
  before = 0
  const made = await give("informant", "SubmitReport", submission())
  report =
    ((await made.json()) as { changed: { kind: string; id: string }[] }).changed.find(
      ({ kind }) => kind === "report",
    )?.id ?? ""
  const facts = { category: "environment", danger: "no", ongoing: "yes", affected: 2 }
  const answered = await give("duty", "AnswerWhistle", { report, facts })
  incident =
    ((await answered.json()) as { changed: { kind: string; id: string }[] }).changed.find(
      ({ kind }) => kind === "incident",
    )?.id ?? ""
  await tokenOf("member")
  await meant()
}

type Row = readonly [name: string, expected: number | readonly number[], run: () => Promise<Response>]

/** Nothing is accepted, and the answer tells nothing of the machine. */
export const refuses = (rows: readonly Row[]) =>
  test.each(rows)("%s", async (_, expected, run) => {
    const answer = await run()
    const text = await answer.text()
    expect([answer.status, text.slice(0, 300)]).toEqual([
      typeof expected === "number" ? expected : expect.toBeOneOf([...expected]),
      expect.any(String),
    ])
    expect(text).not.toMatch(/node_modules|\.ts:\d|at async|SQLITE|StorageFailure|\/work\//)
    expect(text).not.toContain(canary)
    expect(await head()).toBe(before)
  })
