/**
 * The outbox of an import: brings each row to the state that the export tells, through leases like any relay,
 * at instants that no relay ever uses.
 *
 * A row that waited is given up with `heldNote`, without blocking those behind it, and redriven when the
 * programme is taken over: it then stands in its old place. What waits behind a given-up dispatch waits on.
 */
import type { OutboxRow, Settlement } from "@yingshao/ports/storage"
import { exportFault } from "./export-fault.ts"
import type { ExportMessage } from "./export-format.ts"
import { CannotImport } from "./failures.ts"
import type { World } from "./stream-reader.ts"

/** A message as the export tells it, and in which line. */
export interface ToldMessage extends ExportMessage {
  readonly line: number
}

/** Of a row that waits for somebody to say that the source sends nothing any more. */
export const heldNote = "held by an import"

/**
 * Settles rows that were just committed, as told.
 *
 * @param turn higher on every call of the import: leases of one that was killed are over.
 * @throws ExportFault when the rows cannot have come to be like this: one that was delivered stands behind a
 *   dispatch that was given up.
 */
export const settleAs = async (
  world: World,
  messages: readonly ToldMessage[],
  turn: number,
): Promise<void> => {
  const { storage, programme } = world
  const told = new Map(messages.map((message) => [message.id, message]))
  const now = new Date(firstFarMs + 2 * turn).toISOString()
  const leaseUntil = new Date(firstFarMs + 2 * turn + 1).toISOString()
  for (const topic of new Set(messages.map((message) => message.topic))) {
    for (;;) {
      const leased = await storage.lease(programme, {
        topic,
        worker: "import",
        now,
        leaseUntil,
        limit: 1_000,
      })
      if (leased.length === 0) break
      const settlements = leased.map(({ id, token }) => {
        const message = told.get(id)
        told.delete(id)
        if (message === undefined) throw new CannotImport({ programme, why: "another-journal" })
        return settlementOf(message, token)
      })
      await storage.settle(programme, settlements)
    }
  }
  await checkRest(world, [...told.values()])
}

/** How many rows are held. */
export const heldBy = async (world: World): Promise<number> => {
  let held = 0
  for await (const _ of heldRows(world)) held += 1
  return held
}

/** Lets every row that is held go at its own time. @returns 0: how many are held now. */
export const releaseHeld = async (world: World): Promise<number> => {
  for await (const { id, notBefore } of heldRows(world)) {
    await world.storage.redrive(world.programme, id, notBefore)
  }
  return 0
}

// internal

/** Instants at which the import leases: no message is due so late, no relay looks so far. */
const firstFarMs = Date.parse("9999-01-01T00:00:00.000Z")

const settlementOf = (message: ToldMessage, token: number): Settlement => {
  const { id, status, note, settledAt, notBefore, topic } = message
  if (status === "pending" || settledAt === undefined || (status === "dead" && note === heldNote)) {
    return { id, token, kind: "dead", at: settledAt ?? notBefore, blocking: false, note: heldNote }
  }
  return status === "delivered"
    ? { id, token, kind: "delivered", at: settledAt, receipt: note }
    : { id, token, kind: "dead", at: settledAt, blocking: topic === "dispatch", note }
}

/** What no lease gave was settled by an earlier call, or waits behind a dispatch that was given up. */
const checkRest = async (world: World, rest: readonly ToldMessage[]): Promise<void> => {
  const first = rest[0]
  const last = rest.at(-1)
  if (first === undefined || last === undefined) return
  const waiting = new Set<string>()
  for await (const row of rowsOf(world, "pending", first.number - 1)) {
    if (row.number > last.number) break
    waiting.add(row.id)
  }
  const wrong = rest.find(
    ({ id, status, note }) => status !== "pending" && note !== heldNote && waiting.has(id),
  )
  if (wrong === undefined) return
  throw exportFault({
    line: wrong.line,
    number: wrong.number,
    invariant: "O3",
    en: "the message is told as settled although it stands behind a dispatch that was given up",
    zh: "该消息排在已停投的派单之后，却记为已处理",
  })
}

async function* heldRows(world: World): AsyncGenerator<OutboxRow> {
  for await (const row of rowsOf(world, "dead", 0)) if (row.note === heldNote) yield row
}

async function* rowsOf(
  { storage, programme }: World,
  status: "pending" | "dead",
  behind: number,
): AsyncGenerator<OutboxRow> {
  const limit = 200
  for (let after = { number: behind, position: Number.MAX_SAFE_INTEGER }; ; ) {
    const page = await storage.outbox(programme, { status, after, limit })
    yield* page
    const last = page.at(-1)
    if (last === undefined || page.length < limit) return
    after = { number: last.number, position: last.position }
  }
}
