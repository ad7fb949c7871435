/**
 * A county with as many reports as wanted on any store, without deciding each of them.
 *
 * The county is set up and one report is taken in and answered through `handle`. What these two commands left
 * behind is the mould: every further report is the same two commits with other ids, people, places and times,
 * folded by core's own folds and appended through the Storage port, many at a time. Whether the result is a
 * sound world `checkWorld` says, at a small size, in the tests.
 *
 * 2,740 reports a day, so that 10⁶ are a year. Of twenty reports one stays unanswered. Each answered report is
 * an incident of its own, because nobody looked for candidates; places lie in an area of 20 by 20 km. Messages are
 * delivered as they come: a year of which nobody was told anything is no county's.
 */
import type { DatabaseSync } from "node:sqlite"
import type { CommandInput } from "@yingshao/core/commands"
import { cellWidthM } from "@yingshao/core/incident/candidates"
import { cellOf } from "@yingshao/core/place/grid"
import { sha256 } from "@yingshao/engine/canonical"
import { addressOf } from "@yingshao/engine/catalogue"
import { leafOf, type StoredEvent } from "@yingshao/engine/entry"
import { programmeCatalogue } from "@yingshao/engine/programme-catalogue"
import type { Append, Claim, Commit, OutboxMessage, Storage } from "@yingshao/ports/storage"
import { informants, openIntake, programme } from "./intake-county.ts"
import { filled, type Hole, type Mould, mouldOf } from "./mould.ts"

export const reportsPerDay = 2_740
export const category = "fraudLead"
/** Metres: the radius of `category` in the example policy. */
export const radiusM = 50

/** Where and when the report of a serial number was accepted; WGS-84 degrees. */
export const reportAt = (serial: number, of: number) => {
  const daysBack = Math.floor((of - 1) / reportsPerDay) - Math.floor(serial / reportsPerDay)
  const offsetMs = Math.floor(((serial % reportsPerDay) / reportsPerDay) * workMs)
  const spread = parseInt(sha256(`place ${serial}`).slice(0, 12), 16)
  return {
    shiftMs: offsetMs - daysBack * dayMs,
    lng: Number((106.6 + (spread % 200_003) / 1e6).toFixed(6)),
    lat: Number((26.1 + (Math.floor(spread / 200_003) % 180_001) / 1e6).toFixed(6)),
  }
}

/** One report in twenty waits. */
export const isAnswered = (serial: number): boolean => serial % 20 !== 19

/** Of a report, and of the incident that it opened. */
export const idOf = (serial: number, stream: string): string =>
  `${stream === "incident" ? "i" : "r"}-${sha256(`report ${serial}`).slice(0, 32)}`

/**
 * Sets up the county on an empty database and fills it.
 *
 * @param onBatch with the number of reports done.
 */
export const growCounty = async (
  database: DatabaseSync,
  storage: Storage,
  reports: number,
  onBatch: (done: number) => void = () => {},
): Promise<void> => {
  const moulds = await cutMoulds(database, storage)
  const pen = await penOn(storage, moulds, reports)
  for (let serial = 0; serial < reports; ) {
    const commits: Promise<unknown>[] = []
    for (const end = Math.min(reports, serial + 500); serial < end; serial += 1) {
      commits.push(...pen(serial))
    }
    await Promise.all(commits)
    await deliverAll(storage)
    onBatch(serial)
  }
}

/** Takes every message out as delivered, those that come due later too. */
export const deliverAll = async (storage: Storage): Promise<void> => {
  const [now, leaseUntil] = ["9998-01-01T00:00:00.000Z", "9999-01-01T00:00:00.000Z"]
  for (;;) {
    const leased = await storage.lease(programme, {
      topic: "notify",
      worker: "w",
      now,
      leaseUntil,
      limit: 1_000,
    })
    if (leased.length === 0) return
    await storage.settle(
      programme,
      leased.map(({ id, token }) => ({ kind: "delivered", id, token, at: now, receipt: "" })),
    )
  }
}

// internal

const dayMs = 86_400_000
/** Reports come within so long of each day, so that no instant leaves its civil date. */
const workMs = 8 * 3_600_000

const officer = "duty-1"

interface MouldedCommit {
  readonly entry: Mould
  readonly payload: Mould
  readonly type: string
  readonly role: string
  readonly by: string
  readonly messages: readonly Mould[]
  /** Of the example, in their order. */
  readonly messageIds: readonly string[]
}

/** The two commands of the first report, as the store shows them. */
const cutMoulds = async (database: DatabaseSync, storage: Storage): Promise<readonly MouldedCommit[]> => {
  const county = await openIntake(database)
  const { lng, lat } = { lng: 106.654321, lat: 26.123456 }
  await county.give({
    type: "AppointStaff",
    id: "officer",
    by: { person: "admin-1", role: "programme-admin" },
    person: officer,
    role: "duty-officer",
    scopes: ["duty-desk"],
  })
  const person = informants[0] ?? ""
  await county.give({
    type: "SubmitReport",
    id: "mould-submit",
    by: { person, role: "reporter" },
    channel: "app",
    reporters: [person],
    place: { coordinate: { lng, lat, crs: "wgs84" } },
    photos: ["f".repeat(64)],
  })
  const head = await storage.head(programme)
  const [submitted] = await storage.journal(programme, { after: head.number - 1, limit: 1 })
  const report = /"stream":"report\/([^"]+)"/.exec(submitted?.entry ?? "")?.[1] ?? ""
  await county.give({
    type: "AnswerWhistle",
    id: "mould-answer",
    by: { person: officer, role: "duty-officer" },
    report,
    facts: { category, danger: "no", ongoing: "no", affected: 1 },
    incident: { how: "apart" },
  } as CommandInput)
  const records = await storage.journal(programme, { after: head.number - 1, limit: 2 })
  const incident = /"stream":"incident\/([^"]+)"/.exec(records[1]?.entry ?? "")?.[1] ?? "none"
  const rows = await storage.outbox(programme, {
    status: "pending",
    after: { number: head.number - 1, position: Number.MAX_SAFE_INTEGER },
    limit: 100,
  })
  const values: readonly (readonly [string, RegExp])[] = [
    ["version", /"stream":"(?:participant|place)\/[^"]+","version":\d+/],
    ["report", new RegExp(report)],
    ["incident", new RegExp(incident)],
    ["command", /mould-(?:submit|answer)/],
    ["message", /m-[0-9a-f]{32}/],
    ["instant", /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/],
    ["date", /2026-03-\d\d/],
    ["cell", new RegExp(cellOf({ lng, lat }, cellWidthM(radiusM)))],
    ["lng", new RegExp(`${lng}`)],
    ["lat", new RegExp(`${lat}`)],
    ["photo", /f{64}/],
    ["person", new RegExp(person)],
  ]
  return records.map(({ number, entry }) => {
    const { command } = JSON.parse(entry) as { command: Record<"type" | "role" | "by", string> }
    const payload = /"payload":(.*),"role":"[a-z-]+","type":"[A-Za-z]+"\},"events":/.exec(entry)?.[1] ?? ""
    return {
      ...command,
      entry: mouldOf(entry, values),
      payload: mouldOf(payload, values),
      messageIds: rows.filter((row) => row.number === number).map(({ id }) => id),
      messages: rows
        .filter((row) => row.number === number)
        .map(({ id, topic, orderingKey, notBefore, body }) =>
          mouldOf(JSON.stringify({ id, topic, orderingKey, notBefore, body }), values),
        ),
    }
  })
}

interface Stands {
  readonly version: number
  readonly state: unknown
}

/** Writes the commits of one report; states of streams that go on are kept beside. */
const penOn = async (storage: Storage, moulds: readonly MouldedCommit[], reports: number) => {
  const states = new Map<string, Stands>()
  for (const prefix of ["participant/", "place/"]) {
    for (const { stream, version, document } of await storage.streams(programme, {
      prefix,
      after: undefined,
      limit: 1_000,
    })) {
      states.set(stream, { version, state: JSON.parse(document) })
    }
  }
  return (serial: number): readonly Promise<unknown>[] => {
    const steps = isAnswered(serial) ? moulds : moulds.slice(0, 1)
    const made = steps.map((mould, step) => append(storage, states, mould, valuesOf(serial, step, reports)))
    for (const stream of ["report", "incident", "reward"]) states.delete(`${stream}/${idOf(serial, stream)}`)
    return made
  }
}

interface Values {
  readonly shown: Readonly<Record<string, string>>
  readonly daysMs: number
  readonly shiftMs: number
}

const valuesOf = (serial: number, step: number, reports: number): Values => {
  const { shiftMs, lng, lat } = reportAt(serial, reports)
  const shown = {
    report: idOf(serial, "report"),
    incident: idOf(serial, "incident"),
    command: `grown-${step}-${serial}`,
    message: `m-${serial.toString(16).padStart(8, "0")}${step}`,
    cell: cellOf({ lng, lat }, cellWidthM(radiusM)),
    lng: `${lng}`,
    lat: `${lat}`,
    photo: idOf(serial, "photo").slice(2).repeat(2),
    person: informants[serial % informants.length] ?? "",
  }
  return { shown, shiftMs, daysMs: Math.floor(shiftMs / dayMs) * dayMs }
}

const append = (
  storage: Storage,
  states: Map<string, Stands>,
  mould: MouldedCommit,
  values: Values,
): Promise<unknown> => {
  const next = new Map<string, number>()
  const fill = (hole: Hole): string => {
    const { shown, shiftMs, daysMs } = values
    if (hole.name === "instant") return new Date(Date.parse(hole.was) + shiftMs).toISOString()
    if (hole.name === "date") return new Date(Date.parse(hole.was) + daysMs).toISOString().slice(0, 10)
    if (hole.name === "message")
      return shown.message + mould.messageIds.indexOf(hole.was).toString().padStart(23, "0")
    if (hole.name !== "version") return shown[hole.name] ?? ""
    const stream = hole.was.includes("participant/")
      ? `participant/${shown.person}`
      : `place/${category}--${shown.cell}`
    const version = (next.get(stream) ?? states.get(stream)?.version ?? 0) + 1
    next.set(stream, version)
    return `"stream":"${stream}","version":${version}`
  }
  const entry = filled(mould.entry, fill)
  const {
    command,
    events,
    claims = [],
  } = JSON.parse(entry) as {
    command: { id: string; by: string }
    events: readonly StoredEvent[]
    claims?: readonly Claim[]
  }
  const { type, role } = mould
  const commit: Commit = {
    commandId: `${command.by}:${command.id}`,
    payloadDigest: sha256(`yingshao/command/1\n${type}\n${role}\n${filled(mould.payload, fill)}`),
    entry,
    leaf: leafOf(entry),
    ...folded(states, events),
    guards: [],
    claims,
    outbox: mould.messages.map((message) => JSON.parse(filled(message, fill)) as OutboxMessage),
  }
  return storage.commit(programme, commit).then((result) => {
    if (result.kind !== "committed") throw new Error(`a grown commit was answered ${JSON.stringify(result)}`)
  })
}

const folded = (
  states: Map<string, Stands>,
  events: readonly StoredEvent[],
): Pick<Commit, "appends" | "tallies"> => {
  const before = new Map<string, number>()
  const tallies = new Map<string, number>()
  for (const { stream, version, event } of events) {
    const definition = addressOf(programmeCatalogue, stream)?.definition
    if (definition === undefined) throw new Error(`no kind of stream for ${stream}`)
    const now = states.get(stream) ?? { version: 0, state: definition.initial }
    if (!before.has(stream)) before.set(stream, now.version)
    states.set(stream, { version, state: definition.evolve(now.state, event) })
    for (const { key, by } of definition.tallies(event)) tallies.set(key, (tallies.get(key) ?? 0) + by)
  }
  const appends = [...before].map(([stream, expectedVersion]): Append => {
    const address = addressOf(programmeCatalogue, stream)
    const { version, state } = states.get(stream) as Stands
    const { foldVersion = 0 } = address?.definition ?? {}
    const indexes = address?.definition.indexes(state, address.id) ?? []
    return {
      stream,
      expectedVersion,
      events: version - expectedVersion,
      state: { foldVersion, document: JSON.stringify(state), indexes },
    }
  })
  return { appends, tallies: [...tallies].filter(([, by]) => by !== 0).map(([key, by]) => ({ key, by })) }
}
