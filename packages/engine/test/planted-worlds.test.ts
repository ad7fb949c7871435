/**
 * Each line that a check can say has one world planted for it, broken in exactly that way. The lines are read
 * off the sources, so a new one without a planted world fails here.
 */
import { checks } from "@yingshao/core/checks"
import { breachesOf, type Checked } from "@yingshao/core/kernel/check"
import type { Ask, Rule } from "@yingshao/core/kernel/rule"
import { runRule } from "@yingshao/core/kernel/run-rule"
import type { StateOf, StreamKind } from "@yingshao/core/streams"
import { chainHash } from "@yingshao/ports/journal-chain"
import type { JournalRecord, Storage } from "@yingshao/ports/storage"
import { storageLimits } from "@yingshao/ports/storage-limits"
import { memoryStorage } from "@yingshao/storage-memory"
import { replaced } from "@yingshao/testkit/storage-injection"
import { beforeAll, describe, expect, test } from "vitest"
import * as z from "zod"
import {
  answer,
  fire,
  handOver,
  lamp,
  must,
  submit,
  verifyAll,
  walk,
} from "../../core/test/fixtures/steps.ts"
import { placeAt, staffedWorld } from "../../core/test/fixtures/world.ts"
import type { Catalogue } from "../src/catalogue.ts"
import { checkWorld } from "../src/check-world.ts"
import { leafOf } from "../src/entry.ts"
import { domainLines, engineLines, patternOf } from "./check-lines.ts"
import { as, openSmall, programme } from "./open-small.ts"
import { plantedInbox } from "./planted-inbox.ts"
import { type Any, ill, on, type Planted } from "./planting.ts"
import { account, smallCatalogue, streams } from "./small-world.ts"

// The domain's checks: sound states, one of them changed.

/** A paid-for fire of one informant, an open lamp that is handed over, a new report, a squad, an account. */
const soundWorld = () => {
  const world = staffedWorld()
  const set = (key: string, state: Any) => world.states.set(key, state)
  set("participant/zhang", { ...world.state("participant", "zhang"), status: "active" })
  const { report: first, incident: matter } = walk(world, "zhang", fire)
  verifyAll(world, first)
  const grading = { value: "minor", difficulty: "easy" }
  must(world, "GradeReport", "verifier-county", "verifier", { report: first, grading, reason: "评定" })
  must(world, "ApproveReward", "approver", "approver", { report: first, interest: "none" })
  const open = submit(world, "wang", placeAt(900))
  const task = answer(world, open, lamp)
  handOver(world, task)
  const order = world.orders.at(-1)?.id ?? ""
  const fresh = submit(world, "li", placeAt(2_000))
  const done = walk(world, "wang", lamp, placeAt(4_000))
  const member = { ...world.state("participant", "mei"), status: "enrolled", leader: "lead", consent: "1" }
  set("participant/mei", member)
  set("participant/lead", { ...world.state("participant", "lead"), status: "active", squad: ["mei"] })
  return { world, first, matter, open, task, order, fresh, done }
}
const sound = soundWorld()
const { first, matter, open, task, order, fresh, done } = sound

const look =
  (states: ReadonlyMap<string, unknown>) =>
  (ask: Ask): unknown => {
    if (ask.ask === "find") throw new Error("no check searches")
    const one = (id: string) => states.get(`${ask.kind}/${id}`) ?? sound.world.state(ask.kind, id)
    return ask.ask === "state" ? one(ask.id) : ask.ids.map(one)
  }

const checked = (kind: StreamKind, id: string, states: ReadonlyMap<string, unknown>): Checked => {
  const check = checks[kind] as (state: StateOf<StreamKind>, id: string) => Rule<Checked>
  const state = states.get(`${kind}/${id}`) ?? sound.world.state(kind, id)
  return runRule(check(state as never, id), look(states))
}

const plant = ({ kind, id, change, beside = {} }: Planted): Checked => {
  const states = new Map(sound.world.states)
  for (const [key, alter] of Object.entries({ [`${kind}/${id}`]: change, ...beside })) {
    const [of, name] = [key.slice(0, key.indexOf("/")) as StreamKind, key.slice(key.indexOf("/") + 1)]
    states.set(key, alter(structuredClone(sound.world.state(of, name))))
  }
  return checked(kind, id, states)
}

const firstOwed = (more: object) => (state: Any) => {
  const at = state.obligations.findIndex((owed: Any) => owed.status === "open")
  return { ...state, obligations: state.obligations.with(at, { ...state.obligations[at], ...more }) }
}
const nothingOwed = (state: Any) => ({ ...state, obligations: [] })
const award = (more: object) => (state: Any) => ({ ...state, award: { ...state.award, ...more } })
const balances = (more: object) => (state: Any) => ({ ...state, balances: { ...state.balances, ...more } })
const lot = (expiresOn: string, points: number) => ({ expiresOn, points })
const hold = (id: string, points: number) => ({
  hold: id,
  item: "towel",
  since: "",
  parts: [lot("2027-01-01", points)],
})
const late = { due: "2026-12-01T00:00:00.000Z", extensions: 0 }
const someone = "nobody"

const planted: Readonly<Record<string, Planted>> = {
  ...plantedInbox(task, order),
  "incident/check-incident.ts F2 an obligation's owner is not an active unit": on(
    "incident",
    task,
    firstOwed({ owner: someone }),
  ),
  "incident/check-incident.ts F3 a due time moved later without an extension": on(
    "incident",
    task,
    firstOwed(late),
  ),
  "incident/check-incident.ts F1 a report of the incident belongs elsewhere": on("incident", task, ill({}), {
    [`report/${open}`]: ill({ incident: matter }),
  }),
  "incident/check-incident.ts F1 the incident has no report": on("incident", task, ill({ reports: [] })),
  "incident/check-incident.ts F1 an unhandled incident owes no handling": on("incident", task, nothingOwed),
  "incident/check-incident.ts F7 handled although a part is not": on(
    "incident",
    task,
    ill({ status: "handled", obligations: [] }),
  ),
  "incident/check-incident.ts F7 route, parts and status disagree": on("incident", task, ill({ parts: [] })),
  "incident/check-incident.ts L14 the holder is not among the reports": on("incident", task, (state) => ({
    ...state,
    claim: { ...state.claim, report: fresh },
  })),
  "incident/check-incident.ts L14 an earlier valid report does not hold the claim": on(
    "incident",
    task,
    (state) => ({
      ...state,
      reports: [
        { report: first, acceptedAt: "2026-01-01T00:00:00.000Z", eligible: "eligible" },
        ...state.reports,
      ],
    }),
  ),
  "ledger/check-ledger.ts L1 a balance is no whole amount in range": on(
    "account",
    "zhang",
    balances({ held: 0.5 }),
  ),
  "ledger/check-ledger.ts L4 a balance is negative": on("account", "zhang", balances({ fenReceivable: -1 })),
  "ledger/check-ledger.ts L20 the lots do not add up to the balance": on(
    "account",
    "zhang",
    balances({ spendable: 3 }),
  ),
  "ledger/check-ledger.ts L20 the lots are out of order or hold 0": on(
    "account",
    "zhang",
    ill({ lots: [lot("2027-02-01", 1), lot("2027-01-01", 1)] }),
  ),
  "ledger/check-ledger.ts L19 the holds do not add up to what is held": on(
    "account",
    "zhang",
    ill({ holds: [hold("h-1", 4)] }),
  ),
  "ledger/check-ledger.ts L19 an ended hold is open": on(
    "account",
    "zhang",
    ill({ holds: [hold("h-1", 4)], endedHolds: ["h-1"] }),
  ),
  "ledger/check-ledger.ts L18 points are owed and could be given back": on(
    "account",
    "zhang",
    balances({ spendable: 1, pointsReceivable: 1 }),
  ),
  "ledger/check-ledger.ts L3 the payables do not add up to the balance": on(
    "account",
    "zhang",
    balances({ payable: 7 }),
  ),
  "ledger/check-ledger.ts L21 more holds or payables are open than allowed": on(
    "account",
    "zhang",
    ill({ holds: Array.from({ length: 21 }, (_, at) => hold(`h-${at}`, 1)) }),
  ),
  "ledger/check-ledger.ts L4 less than nothing of the budget is committed": on(
    "budget",
    "2026",
    ill({ committedFen: -1 }),
  ),
  "ledger/check-ledger.ts L21 more is committed than any budget may hold": on(
    "budget",
    "2026",
    ill({ committedFen: 1_000_000_001 }),
  ),
  "ledger/check-ledger.ts L19 a number of units is negative": on("stock", "towel", ill({ units: -1 })),
  "ledger/check-ledger.ts L19 an unlisted thing has stock": on(
    "stock",
    "towel",
    ill({ units: 1, entry: undefined }),
  ),
  "participant/check-participant.ts S6 a member has no squad leader": on(
    "participant",
    "mei",
    ill({ leader: undefined }),
  ),
  "participant/check-participant.ts S6 the squad leader does not list the member": on(
    "participant",
    "mei",
    ill({}),
    { "participant/lead": ill({ squad: [] }) },
  ),
  "participant/check-participant.ts S6 the squad leader has left": on("participant", "mei", ill({}), {
    "participant/lead": ill({ status: "removed" }),
  }),
  "participant/check-participant.ts S6 a listed member has another squad leader": on(
    "participant",
    "lead",
    ill({ squad: ["zhang"] }),
  ),
  "participant/check-participant.ts S6 no consent text is on record": on(
    "participant",
    "mei",
    ill({ consent: undefined }),
  ),
  "participant/check-participant.ts S6 an ended credential is in use again": on(
    "participant",
    "zhang",
    ill({ credential: { number: "c-1" }, former: [{ number: "c-1" }] }),
  ),
  "report/check-report.ts F2 an obligation's owner is not an active unit": on(
    "report",
    open,
    firstOwed({ owner: someone }),
  ),
  "report/check-report.ts F3 a due time moved later without an extension": on(
    "report",
    open,
    firstOwed(late),
  ),
  "report/check-report.ts F1 a new report owes no answer": on("report", fresh, nothingOwed),
  "report/check-report.ts F1 an answered report still owes the answer": on(
    "report",
    open,
    firstOwed({ kind: "answer" }),
  ),
  "report/check-report.ts F1 an open report owes no follow-up": on("report", open, nothingOwed),
  "report/check-report.ts F1 a closed report still owes something": on(
    "report",
    open,
    ill({ status: "closed" }),
  ),
  "report/check-report.ts F1 its incident does not know the report": on(
    "report",
    open,
    ill({ incident: matter }),
  ),
  "report/check-report.ts L14 report and incident disagree about the first report": on(
    "report",
    open,
    ill({ rank: "later" }),
  ),
  "report/check-report.ts F5 closed without a reply": on("report", first, ill({ replies: 0 })),
  "report/check-report.ts S7 withheld although it may not be": on(
    "report",
    open,
    ill({ status: "withheld" }),
  ),
  "report/check-report.ts S7 a negative-listed report holds the claim": on(
    "report",
    open,
    ill({ negative: "not1" }),
  ),
  "report/check-report.ts F1 there is no reward file": on("report", open, ill({}), {
    [`reward/${open}`]: () => ({ status: "none" }),
  }),
  "report/check-report.ts S3 an ordinary report waits to be calmed": on(
    "report",
    open,
    ill({ calming: { by: "duty", reason: "" } }),
  ),
  "reward/check-reward.ts F1 the reward file has no settled report": on("reward", first, ill({}), {
    [`report/${first}`]: () => ({ status: "none" }),
  }),
  "reward/check-reward.ts S5 one level was verified twice": on("reward", first, (state) => ({
    ...state,
    steps: [...state.steps, state.steps[0]],
  })),
  "reward/check-reward.ts S5 one person verified two levels": on("reward", first, (state) => ({
    ...state,
    steps: [...state.steps, { ...state.steps[0], level: "province" }],
  })),
  "reward/check-reward.ts L12 a verifier has another part in the matter": on("reward", first, (state) => ({
    ...state,
    steps: [{ ...state.steps[0], by: "zhang" }],
  })),
  "reward/check-reward.ts L9 the shares do not add up to the award": on(
    "reward",
    first,
    award({ shares: [] }),
  ),
  "reward/check-reward.ts L11 cash without a confirmed emergency": on(
    "reward",
    first,
    ill({ highestConfirmedClass: "ordinary" }),
  ),
  "reward/check-reward.ts L11 cash for a report not found true": on(
    "reward",
    first,
    ill({ verdict: "partlyTrue" }),
  ),
  "reward/check-reward.ts L11 a negative-listed report was rewarded": on("reward", first, ill({}), {
    [`report/${first}`]: ill({ negative: "not1" }),
  }),
  "reward/check-reward.ts L12 the approver has another part in the matter": on(
    "reward",
    first,
    award({ by: "duty" }),
  ),
  "reward/check-reward.ts L18 more was recovered than awarded": on(
    "reward",
    first,
    ill({ recovered: 5_001 }),
  ),
  "reward/check-reward.ts L1 the amount is no safe integer": on("reward", first, award({ amount: 0.5 })),
  "reward/check-reward.ts L10 decided without an award on record": on(
    "reward",
    first,
    ill({ award: undefined }),
  ),
}

describe("planted worlds for the domain's checks", () => {
  test("the world they are planted in is sound", () => {
    const kinds: readonly (readonly [StreamKind, string])[] = [
      ...[first, open, fresh, done.report].map((id) => ["report", id] as const),
      ...[matter, task, done.incident].map((id) => ["incident", id] as const),
      ["order", order],
      ["reward", first],
      ["reward", open],
      ["account", "zhang"],
      ["budget", "2026"],
      ["stock", "towel"],
      ...["zhang", "mei", "lead"].map((id) => ["participant", id] as const),
    ]
    for (const [kind, id] of kinds) expect(checked(kind, id, new Map()).breaches, `${kind}/${id}`).toEqual([])
  })

  test("every line of a domain check has one", () => {
    expect(Object.keys(planted).sort()).toEqual([...domainLines()].sort())
  })

  test.each(Object.entries(planted))("%s", (line, world) => {
    const [, id = "", sentence = ""] = /^\S+ (\S+) (.*)$/s.exec(line) ?? []
    const found = plant(world).breaches.map(({ promise, en }) => `${promise} ${en}`)
    expect(found).toContain(`${id} ${sentence}`)
  })
})

// The engine's checks: a small sound store whose answers lie.

type Lie = (inner: Storage) => Partial<Storage>
interface Store {
  readonly lie: Lie
  readonly catalogue?: Catalogue
}

let storage: Storage
beforeAll(async () => {
  storage = memoryStorage()
  const world = await openSmall(storage)
  for (let at = 1; at <= 5; at += 1) {
    await world.handle({ type: "Pay", id: `p-${at}`, by: as("ann"), account: `a-${at % 2}`, amountFen: at })
  }
  await world.handle({ type: "Grant", id: "g-1", by: as("ann"), report: "r-1", account: "a-1" })
})

const journalSays =
  (lie: (records: readonly JournalRecord[]) => readonly JournalRecord[]): Lie =>
  (inner) => ({ journal: async (name, page) => lie(await inner.journal(name, page)) })
const edit = (number: number, change: (record: JournalRecord) => JournalRecord) =>
  journalSays((records) => records.map((one) => (one.number === number ? change(one) : one)))
/** One entry and everything that is hashed over it, written anew. */
const forge = (number: number, change: (entry: string) => string): Lie =>
  journalSays((records) => {
    let previous = records[0]?.hash ?? ""
    return records.map((record) => {
      if (record.number < number) {
        previous = record.hash
        return record
      }
      const entry = record.number === number ? change(record.entry) : record.entry
      const leaf = leafOf(entry)
      previous = chainHash(record.number, previous, leaf)
      return { ...record, entry, leaf, hash: previous }
    })
  })
type Row = Awaited<ReturnType<Storage["streams"]>>[number]
const streamsSay =
  (lie: (row: Row) => Row): Lie =>
  (inner) => ({ streams: async (name, page) => (await inner.streams(name, page)).map(lie) })
const ofAccount = (lie: (row: Row) => Row) =>
  streamsSay((row) => (row.stream === "account/a-0" ? lie(row) : row))

function* holdsSomething(): Rule<Checked> {
  return { breaches: breachesOf(), claims: [{ key: "grant/r-1/fen", holder: "account/a-7" }] }
}
const checking: Catalogue = { ...smallCatalogue, checks: { account: holdsSomething } }
/** A catalogue that lets an event carry whatever stands in it. */
const lenient = {
  ...smallCatalogue,
  streams: { ...streams, account: { ...account, event: z.any() } },
} as unknown as Catalogue
const grant = 7
const manyClaims = JSON.stringify(
  Array.from({ length: 100_001 }, (_, at) => ({ holder: "account/a-1", key: `k/${at}`, kind: "take" })),
)

const lies: Readonly<Record<string, Store>> = {
  "check-journal.ts A3 the journal ends at …, its head says …": {
    lie: journalSays((all) => all.filter(({ number }) => number < 6)),
  },
  "check-journal.ts A3 the head's hash is not that of the last record": {
    lie: forge(4, (entry) => entry.replace('"amountFen":3', '"amountFen":4')),
  },
  "check-journal.ts A3 number … follows …": {
    lie: journalSays((all) => all.filter(({ number }) => number !== 4)),
  },
  "check-journal.ts A3 the leaf is not the hash of the entry": {
    lie: edit(4, (one) => ({ ...one, entry: `${one.entry} ` })),
  },
  "check-journal.ts A3 the hash does not continue the chain": {
    lie: edit(4, (one) => ({ ...one, hash: "0".repeat(64) })),
  },
  "check-journal.ts S11 …": { lie: forge(4, (entry) => entry.replace('"v":1}', '"v":9}')) },
  "check-journal.ts L2 …": {
    lie: forge(4, (entry) =>
      entry.replace(
        '"type":"Paid"',
        '"posting":{"unit":"fen","entries":[{"account":"a","amount":5},{"account":"b","amount":-4}]},"type":"Paid"',
      ),
    ),
    catalogue: lenient,
  },
  "check-journal.ts I3 the command id is not the one in the entry": {
    lie: edit(3, (one) => ({ ...one, commandId: "bob:p-2" })),
  },
  "check-journal.ts I2 the payload's digest is not that of the entry": {
    lie: edit(3, (one) => ({ ...one, payloadDigest: "0".repeat(64) })),
  },
  "check-journal.ts I1 its command id leads to …": { lie: () => ({ command: async () => undefined }) },
  "check-journal.ts I6 a refusal has effects, or an outcome has no reason": {
    lie: forge(4, (entry) => entry.replace('"outcome":"accepted"', '"outcome":"refused"')),
  },
  "check-journal.ts L7 too many claims to compare": {
    lie: forge(grant, (entry) => entry.replace(/"claims":\[[^\]]*\]/, `"claims":${manyClaims}`)),
  },
  "check-journal.ts O5 … messages were enqueued; … rows are pending, delivered or dead": {
    lie: (inner) => ({
      outbox: async (name, page) => (await inner.outbox(name, page)).filter(({ number }) => number !== 3),
    }),
  },
  "check-journal.ts L7 it was released and is held": {
    lie: forge(grant, (entry) => entry.replace('"kind":"take"', '"kind":"release"')),
  },
  "check-journal.ts L7 it was taken and is not held by who took it": {
    lie: () => ({ holder: async () => undefined }),
  },
  "check-journal.ts O5 … messages were enqueued; the outbox holds …": {
    lie: (inner) => ({ outboxCounts: async (name) => ({ ...(await inner.outboxCounts(name)), dead: 1 }) }),
  },
  "check-streams.ts S11 no kind of stream has this name": {
    lie: ofAccount((row) => ({ ...row, stream: "alien/1" })),
  },
  "check-streams.ts S10 its document is larger than a store may keep": {
    lie: ofAccount((row) => ({ ...row, document: row.document + " ".repeat(storageLimits.documentBytes) })),
  },
  "check-streams.ts S10 its document is not the fold of its events": {
    lie: ofAccount((row) => ({ ...row, document: row.document.replace('"balanceFen":6', '"balanceFen":7') })),
  },
  "check-streams.ts S10 …": {
    lie: (inner) => ({
      history: async (name, stream, page) => (await inner.history(name, stream, page)).slice(1),
    }),
  },
  "check-streams.ts S10 it stands at version … and its history at …": {
    lie: ofAccount((row) => ({ ...row, version: 3 })),
  },
  "check-indexes.ts S10 it is not found under the index …": {
    lie: (inner) => ({
      find: async (name, query) => {
        const page = await inner.find(name, query)
        return { ...page, rows: page.rows.filter(({ stream }) => stream !== "account/a-0") }
      },
    }),
  },
  "check-indexes.ts S10 it is still found under an old entry of …": {
    lie: (inner) => ({
      find: async (name, query) => {
        const page = await inner.find(name, query)
        const old = "000000000002/a-0"
        const [row] = await inner.streams(name, { prefix: "account/a-0", after: undefined, limit: 1 })
        const inRange = (query.from ?? "") <= old && old < (query.below ?? "~")
        if (query.index !== "balance" || !inRange || row === undefined) return page
        return { ...page, rows: [{ ...row, equals: "free", range: old }, ...page.rows] }
      },
    }),
  },
  "check-streams.ts S10 an entry of this index belongs to no stream": {
    lie: (inner) => ({
      find: async (name, query) => {
        const page = await inner.find(name, query)
        const [row] = await inner.streams(name, { prefix: "account/a-0", after: undefined, limit: 1 })
        if (query.index !== "balance" || query.from !== undefined || row === undefined) return page
        return {
          ...page,
          rows: [{ ...row, stream: "account/ghost", equals: "free", range: "1" }, ...page.rows],
        }
      },
    }),
  },
  "check-streams.ts L7 it is not held as … says": { lie: () => ({}), catalogue: checking },
  "check-streams.ts S10 its state cannot be checked: it or a neighbour is broken": {
    lie: (inner) => ({
      ...ofAccount((row) => ({ ...row, document: "nonsense" }))(inner),
      load: async (name, keys) =>
        (await inner.load(name, keys)).map((row) => row && { ...row, document: "nonsense" }),
    }),
    catalogue: checking,
  },
  "check-tallies.ts F9 it stands at …; the journal adds up to …": {
    lie: (inner) => ({
      tallies: async (name, page) =>
        (await inner.tallies(name, page)).map(({ key, value }) => ({ key, value: value + 1 })),
    }),
  },
  "check-world.ts S10 the histories of this kind are not the records of the journal": {
    lie: (inner) => ({
      history: async (name, stream, page) =>
        (await inner.history(name, stream, page)).map((one) =>
          one.number === 4 ? { ...one, entry: one.entry.replace('"id":"p-3"', '"id":"p-9"') } : one,
        ),
    }),
  },
  "check-world.ts S10 the journal holds … events of this kind and the streams …": {
    lie: (inner) => ({
      streams: async (name, page) =>
        (await inner.streams(name, page)).filter(({ stream }) => stream !== "account/a-0"),
    }),
  },
}

describe("planted worlds for the engine's checks", () => {
  const found = async ({ lie, catalogue = smallCatalogue }: Store) =>
    (await checkWorld(replaced(storage, lie), programme, { catalogue })).findings

  test("the store that lies is sound when it does not", async () => {
    expect(await found({ lie: () => ({}) })).toEqual([])
    expect(await found({ lie: () => ({}), catalogue: lenient })).toEqual([])
  })

  test("every line of an engine check has one", () => {
    expect(Object.keys(lies).sort()).toEqual([...engineLines()].sort())
  })

  test.each(Object.entries(lies))("%s", async (line, world) => {
    const [, id = "", sentence = ""] = /^\S+ (\S+) (.*)$/s.exec(line) ?? []
    // Where the words come from elsewhere, they are none of the sentences that stand in the sources.
    const others = Object.keys(lies).filter((one) => one.includes(` ${id} `) && !one.endsWith(" …"))
    const known = others.map((one) => patternOf(one.slice(one.indexOf(` ${id} `) + id.length + 2)))
    const said = (await found(world)).filter(({ invariant }) => invariant === id).map(({ en }) => en)
    const heard = sentence === "…" ? said.filter((one) => !known.some((pattern) => pattern.test(one))) : said
    expect(heard).toContainEqual(expect.stringMatching(patternOf(sentence)))
  })
})
