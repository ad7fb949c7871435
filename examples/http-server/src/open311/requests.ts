/**
 * Reports as service requests: taking them in, and showing those that came in this way.
 *
 * What couriers and residents report by the app is not shown here: time and place together would tell who
 * it was. Of what another system sent, everybody sees the kind, the hour and the neighbourhood; the system
 * itself, by its key, sees what it sent. Nobody's name, phone or words are shown to anybody (P4, P9).
 */
import { createHash } from "node:crypto"
import type { CommandInput } from "@yingshao/core/commands"
import { refusalText } from "@yingshao/core/refusal-messages"
import type { ReportState } from "@yingshao/core/report/report"
import type { Yingshao } from "@yingshao/engine"
import * as z from "zod"
import type { Record } from "./write-answer.ts"

/** An error of the standard: always in a list, with a status of HTTP. */
export class Open311Failure extends Error {
  readonly _tag = "Open311Failure"
  readonly status: 400 | 403 | 404 | 429 | 503
  constructor(status: Open311Failure["status"], description: string) {
    super(description)
    this.status = status
  }
}

/** Another system that may send requests. */
export interface Partner {
  /** The handle that is appointed as `partner`. */
  readonly person: string
}

/** What a form holds; empty fields count as left out. */
const degrees = (most: number) =>
  z
    .string()
    .regex(/^-?\d{1,3}(\.\d{1,15})?$/, "a decimal number")
    .transform(Number)
    .refine((value) => Math.abs(value) <= most, `between -${most} and ${most}`)
const short = (most: number) => z.string().max(most).optional()

const newRequest = z.object({
  service_code: z.string().min(1).max(64),
  lat: degrees(85).optional(),
  long: degrees(180).optional(),
  address_string: short(500),
  address_id: short(100),
  description: short(4_000),
  media_url: short(2_000),
  first_name: short(100),
  last_name: short(100),
  phone: short(60),
  email: short(200),
  device_id: short(200),
  account_id: short(200),
})

export interface Taken {
  readonly report: string
}

/**
 * Takes a request in as a report of the channel `partner`.
 *
 * A description that carries `[ref …]`, as many clients write it, makes the same request of the same system one
 * report, however often it is sent; so does `Idempotency-Key`.
 *
 * @param dry asks the rules and keeps nothing.
 */
export const takeRequest = async (
  engine: Yingshao,
  { person }: Partner,
  form: URLSearchParams,
  key: string | undefined,
  dry: boolean,
): Promise<Taken> => {
  const given = parsed(form)
  const place = placeOf(given)
  const id = commandId(given.description, key)
  const original = dry ? undefined : await keepWords(engine, person, id, given)
  const command: CommandInput = {
    type: "SubmitReport",
    id,
    by: { person, role: "partner" },
    channel: "partner",
    reporters: [person],
    place,
    category: given.service_code,
    ...(original === undefined ? {} : { original }),
  }
  if (dry) {
    const outcome = await engine.rules.preview(command)
    if (!outcome.ok) throw new Open311Failure(400, refusalText(outcome.refusal, "en"))
    return { report: "test" }
  }
  const answer = await engine.handle(command)
  if (!answer.ok) throw new Open311Failure(400, refusalText(answer.refusal, "en"))
  const stream = answer.events.find(({ stream: one }) => one.startsWith("report/"))?.stream ?? ""
  return { report: stream.slice("report/".length) }
}

export interface Filter {
  readonly codes: readonly string[] | undefined
  readonly status: readonly string[] | undefined
  /** ISO instants; the second is exclusive. */
  readonly from: string
  readonly below: string
}

/** Requests of a list: at most so many, newest first. */
export const mostRequests = 1_000

/** @param partners whose requests there are. @param hidden categories that nobody sees. */
export const listRequests = async (
  view: View,
  partners: readonly string[],
  filter: Filter,
): Promise<readonly Record[]> => {
  if (partners.length === 0 || filter.from >= filter.below) return []
  const found: Record[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await view.engine.queries.page({
      index: "reports/by",
      equals: partners,
      from: filter.from,
      below: filter.below,
      order: "descending",
      limit: 200,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const { id, state } of page.rows) {
      const shown = await shownRequest(view, id, state as ReportState)
      if (shown === undefined || !matches(shown, filter)) continue
      found.push(shown)
      if (found.length === mostRequests) return found
    }
    cursor = page.cursor
    if (cursor === undefined) return found
  }
}

export interface View {
  readonly engine: Yingshao
  /** Who asks with a key. */
  readonly asker: Partner | undefined
  readonly partners: readonly string[]
  readonly confidential: ReadonlySet<string>
  readonly label: (category: string) => string
}

/** One request by its number; `undefined` when there is none that this asker may see. */
export const oneRequest = async (view: View, id: string): Promise<Record | undefined> => {
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(id)) return undefined
  const { state } = await view.engine.queries.state("report", id)
  return shownRequest(view, id, state)
}

// internal

type Given = z.output<typeof newRequest>

const parsed = (form: URLSearchParams): Given => {
  const fields: { [name: string]: string } = Object.create(null)
  for (const [name, value] of form) {
    if (value.trim() === "" || !Object.hasOwn(newRequest.shape, name)) continue
    if (fields[name] !== undefined) throw new Open311Failure(400, `${name} is given twice`)
    fields[name] = value
  }
  const result = newRequest.safeParse({ ...fields })
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new Open311Failure(400, `${String(issue?.path[0] ?? "the form")}: ${issue?.message ?? "wrong"}`)
}

const placeOf = ({ lat, long, address_string: words, address_id: place }: Given) => {
  if ((lat === undefined) !== (long === undefined)) throw new Open311Failure(400, "lat and long go together")
  const said = plain(words ?? place ?? "").slice(0, 200)
  if (lat === undefined && said === "") {
    throw new Open311Failure(400, "a location is needed: lat and long, address_string or address_id")
  }
  return {
    ...(lat === undefined || long === undefined
      ? {}
      : { coordinate: { lng: long, lat, crs: "wgs84" as const } }),
    ...(said === "" ? {} : { words: said }),
  }
}

/** One line, without the characters that a place may not hold. */
const plain = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, " ").trim()

/** Another system's own reference makes sending twice harmless. */
const commandId = (description: string | undefined, key: string | undefined): string => {
  const ref = key ?? /\[ref ([^\]]{1,200})\]/.exec(description ?? "")?.[1]
  return `open311:${ref === undefined ? crypto.randomUUID() : digest(ref).slice(0, 40)}`
}

/**
 * Words and names go to the identity port under one handle, where the host has one; an address in `media_url` is
 * kept as words and never called.
 */
const keepWords = async (
  engine: Yingshao,
  person: string,
  id: string,
  given: Given,
): Promise<string | undefined> => {
  const words = [given.description, given.media_url].filter((part) => part !== undefined).join("\n")
  const name = [given.last_name, given.first_name].filter((part) => part !== undefined).join(" ")
  const fields = { words, name, phone: given.phone ?? "", email: given.email ?? "" }
  const kept = Object.entries(fields).filter(([_, value]) => value !== "")
  if (engine.identity === undefined || kept.length === 0) return undefined
  const handle = `w-${digest(`${person}\n${id}`).slice(0, 32)}`
  await engine.identity.put(
    engine.programme,
    handle,
    Object.fromEntries(kept.map(([field, value]) => [field, cut(value)])),
  )
  return handle
}

/** The identity port takes 1,000 bytes a field. */
const cut = (text: string): string => {
  let kept = text
  while (Buffer.byteLength(kept) > 1_000) kept = kept.slice(0, -1)
  return kept
}

const shownRequest = async (view: View, id: string, state: ReportState): Promise<Record | undefined> => {
  if (state.status === "none" || state.channel !== "partner") return undefined
  const sender = state.reporters[0]?.person
  if (sender === undefined || !view.partners.includes(sender)) return undefined
  const category = state.status === "new" ? (state.claimedCategory ?? "other") : state.facts.category
  const own = view.asker?.person === sender
  if (view.confidential.has(category) && !own) return undefined
  const { coordinate, words } = state.place
  const agency = await agencyOf(view.engine, state)
  return {
    service_request_id: id,
    status: state.status === "closed" ? "closed" : "open",
    status_notes: null,
    service_name: view.label(category),
    service_code: category,
    description: view.label(category),
    agency_responsible: agency,
    service_notice: null,
    requested_datetime: own ? seconds(state.acceptedAt) : hour(state.acceptedAt),
    updated_datetime: own ? seconds(updatedAt(state)) : hour(updatedAt(state)),
    expected_datetime: own ? expected(state) : null,
    address: own && words !== undefined ? words : coordinate === undefined ? "-" : near(coordinate),
    address_id: null,
    zipcode: null,
    lat: coordinate === undefined ? null : own ? coordinate.lat : coarse(coordinate.lat),
    long: coordinate === undefined ? null : own ? coordinate.lng : coarse(coordinate.lng),
    media_url: null,
  }
}

const matches = (shown: Record, { codes, status }: Filter): boolean =>
  (codes === undefined || codes.includes(String(shown.service_code))) &&
  (status === undefined || status.includes(String(shown.status)))

const agencyOf = async (engine: Yingshao, state: ReportState): Promise<string | null> => {
  if (state.status === "none" || state.status === "new" || state.incident === undefined) return null
  const incident = (await engine.queries.state("incident", state.incident)).state
  if (incident.status === "none" || incident.route === undefined) return null
  const unit = incident.route.kind === "ordinary" ? incident.route.owner : incident.route.lead
  const { units } = (await engine.queries.state("programme", "programme")).state
  return units.find(({ id }) => id === unit)?.nameZh ?? unit
}

const updatedAt = (state: Exclude<ReportState, { status: "none" }>): string =>
  state.status === "new" ? state.acceptedAt : (state.lastReplyAt ?? state.acceptedAt)

/** When an answer is owed by. */
const expected = (state: Exclude<ReportState, { status: "none" }>): string | null => {
  const owed = state.obligations.filter(({ status }) => status === "open").map(({ due }) => due)
  const last = owed.sort().at(-1)
  return last === undefined ? null : seconds(last)
}

const seconds = (at: string): string => `${at.slice(0, 19)}Z`
const hour = (at: string): string => `${at.slice(0, 13)}:00:00Z`
/** To about a kilometre. */
const coarse = (degree: number): number => Math.round(degree * 100) / 100
const near = ({ lng, lat }: { readonly lng: number; readonly lat: number }): string =>
  `near ${coarse(lat)}, ${coarse(lng)}`

const digest = (text: string): string => createHash("sha256").update(text).digest("hex")
