/**
 * The proof that states are folded anew under a working programme: every state of a store is of an older fold,
 * commands and readers go on while `refold` works, and nothing may be stale, lost or half indexed.
 *
 * A test runs it small; `node --conditions=@yingshao/source packages/engine/test/restate-script.ts` runs it
 * at a million.
 */
import type { Storage } from "@yingshao/ports/storage"
import type * as z from "zod"
import { canonical, sha256 } from "../src/canonical.ts"
import type { Catalogue } from "../src/catalogue.ts"
import { type CheckOptions, checkWorld } from "../src/check-world.ts"
import { encodeEntry } from "../src/entry.ts"
import { tagOf } from "../src/failures.ts"
import { makeQueries } from "../src/queries.ts"
import { makeRebuilder } from "../src/rebuild.ts"
import { refoldAll } from "../src/refold.ts"
import { as, openSmall, programme } from "./open-small.ts"
import { type AccountState, account, smallCatalogue } from "./small-world.ts"

/** The next release: accounts also know how often they were paid, and an index holds it. */
export interface CountedState extends AccountState {
  readonly payments: number
}

type AccountEvent = z.infer<typeof account.event>

export const nextRelease: Catalogue = {
  ...smallCatalogue,
  streams: {
    ...smallCatalogue.streams,
    account: {
      ...account,
      foldVersion: 2,
      initial: { ...account.initial, payments: 0 },
      evolve: (state: CountedState, event: AccountEvent): CountedState => ({
        ...account.evolve(state, event),
        payments: state.payments + (event.type === "Paid" ? 1 : 0),
      }),
      indexes: (state: CountedState, id: string) => [
        ...account.indexes(state, id),
        { index: "paid", equals: "times", range: String(state.payments).padStart(6, "0") },
      ],
      indexesSince: { paid: 2 },
    } as unknown as Catalogue["streams"][string],
  },
}

export interface LoadReport {
  readonly refolded: number
  readonly complete: boolean
  /** Commands accepted, and states read, while states were folded anew. */
  readonly commands: number
  readonly reads: number
  /** Queries that were told `IndexBuilding`, all of them before the end. */
  readonly told: number
  /** Sentences about what was wrong; none is right. */
  readonly faults: readonly string[]
}

/** Opens the programme under the older release and gives it so many accounts, each paid once. */
export const fillAccounts = async (storage: Storage, accounts: number): Promise<void> => {
  const { world } = await openSmall(storage)
  const rebuilder = makeRebuilder(world)
  const { number: first } = await storage.head(programme)
  for (let at = 0; at < accounts; ) {
    const commits: Promise<unknown>[] = []
    for (const end = Math.min(accounts, at + 500); at < end; at += 1) {
      commits.push(storage.commit(programme, await rebuilder.commitOf(paidOnce(first, at), [])))
    }
    await Promise.all(commits)
    rebuilder.committed()
  }
}

/**
 * Folds all of it anew while `workers` pay and read.
 *
 * @param turns rounds of each worker at most: they end soon after the last state is folded.
 */
export const restateUnderLoad = async (
  storage: Storage,
  accounts: number,
  { workers, turns }: { readonly workers: number; readonly turns: number },
): Promise<LoadReport> => {
  const now = await openSmall(storage, { catalogue: nextRelease })
  const older = await openSmall(storage)
  const queries = makeQueries(now.world)
  const told = { reads: 0, commands: 0, building: 0 }
  const faults: string[] = []
  const issued = new Map<number, number>()
  const acknowledged = new Map<number, number>()
  let done = false

  const look = async (at: number): Promise<void> => {
    const least = 1 + (acknowledged.get(at) ?? 0)
    const { state } = await queries.state("account", `a-${at}`)
    const { balanceFen, payments } = state as unknown as CountedState
    told.reads += 1
    const most = 1 + (issued.get(at) ?? 0)
    if (payments < least || payments > most)
      faults.push(`a-${at}: read ${payments}, ${least} to ${most} were paid`)
    if (balanceFen !== payments) faults.push(`a-${at}: ${balanceFen} fen after ${payments} payments`)
  }
  const search = async (): Promise<void> => {
    try {
      await queries.page({ index: "paid", equals: "times", limit: 1 })
      if (!done) faults.push("a half built index was read")
    } catch (error) {
      if (tagOf(error) !== "IndexBuilding") throw error
      if (done) faults.push("a complete index is told to be building")
      told.building += 1
    }
  }
  const worker = async (one: number): Promise<void> => {
    for (let turn = 0; turn < turns && !(done && turn >= afterwards); turn += 1) {
      const at = (one * 7_919 + turn * 104_729) % accounts
      issued.set(at, (issued.get(at) ?? 0) + 1)
      const command = {
        type: "Pay",
        id: `w-${one}-${turn}`,
        by: as("ann"),
        account: `a-${at}`,
        amountFen: 1,
      } as const
      const answer = await now.handle(command)
      if (!answer.ok) faults.push(`a payment was refused: ${answer.refusal.code}`)
      acknowledged.set(at, (acknowledged.get(at) ?? 0) + 1)
      told.commands += 1
      await look(at)
      // Whoever reads under the older release folds for itself and leaves the newer document alone.
      await makeQueries(older.world).state("account", `a-${(at * 31) % accounts}`)
      if (turn % 16 === 0 && !done) await search()
    }
  }

  await search()
  const working = Array.from({ length: workers }, (_, one) => worker(one))
  const counts = await refoldAll(now.world, { onProgress: () => {} })
  done = true
  await Promise.all(working)
  await search()
  faults.push(...(await after(storage, accounts, acknowledged)))
  return { ...counts, commands: told.commands, reads: told.reads, told: told.building, faults }
}

// internal

/** Rounds that a worker goes through in any case. */
const afterwards = 20

const paidOnce = (first: number, at: number) => {
  const payload = { account: `a-${at}`, amountFen: 1 }
  const payloadText = canonical(payload)
  const entry = encodeEntry({
    id: `fill-${at}`,
    type: "Pay",
    by: as("ann") as never,
    at: "2026-03-02T01:00:01.000Z" as never,
    payloadText,
    events: [{ stream: `account/a-${at}`, version: 1, event: { type: "Paid", amountFen: 1 } }],
    refusal: undefined,
    claims: [],
    messages: [],
  })
  const payloadDigest = sha256(`yingshao/command/1\nPay\nreporter\n${payloadText}`)
  return { number: first + at + 1, commandId: `ann:fill-${at}`, payloadDigest, entry }
}

/** The whole world, every document and the new index, against what was acknowledged. */
const after = async (
  storage: Storage,
  accounts: number,
  acknowledged: ReadonlyMap<number, number>,
): Promise<readonly string[]> => {
  const options: CheckOptions = { catalogue: nextRelease }
  const { findings, counted } = await checkWorld(storage, programme, options)
  const faults = findings.map(({ invariant, where, en }) => `${invariant} ${where}: ${en}`)
  if (counted.olderFolds > 0) faults.push(`${counted.olderFolds} states are of the older fold`)
  let seen = 0
  for (let cursor: string | undefined; ; ) {
    const page = await storage.find(programme, {
      index: "paid",
      equals: ["times"],
      order: "ascending",
      limit: 1_000,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const { stream, range } of page.rows) {
      seen += 1
      const paid = 1 + (acknowledged.get(Number(stream.slice("account/a-".length))) ?? 0)
      if (Number(range) !== paid)
        faults.push(`${stream} is indexed under ${Number(range)} payments, ${paid} were acknowledged`)
    }
    cursor = page.cursor
    if (cursor === undefined) break
  }
  if (seen !== accounts) faults.push(`the index holds ${seen} of ${accounts} accounts`)
  return faults
}
