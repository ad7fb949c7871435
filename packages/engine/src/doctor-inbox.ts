/**
 * The doctor's look at what partners say: receipts that wait for a person, and partners whose receipts would.
 */
import type { ReceiptState } from "@yingshao/core/inbox/parked-receipt"
import type { ProgrammeState } from "@yingshao/core/programme/programme"
import { appointmentTo, type StaffState } from "@yingshao/core/programme/staff"
import type { Route } from "./deliver-order.ts"
import { type Finding, finding } from "./finding.ts"
import { needIndex } from "./index-building.ts"
import { addressed, stateOf, type World } from "./stream-reader.ts"

/** Says how many receipts are parked, since when, and why the oldest is. */
export const checkParked = async (world: World, findings: Finding[]): Promise<void> => {
  if (!Object.hasOwn(world.catalogue.streams, "receipt")) return
  await needIndex(world, "receipts")
  const limit = 1_000
  const request = { index: "receipts", equals: ["parked"], order: "ascending", limit } as const
  const { rows } = await world.storage.find(world.programme, request)
  const [oldest] = rows
  if (oldest === undefined) return
  const state = (await stateOf(world, oldest)) as ReceiptState
  const why = state.status === "none" ? "" : state.why
  const many = rows.length === limit ? `${limit} or more` : `${rows.length}`
  findings.push(
    finding(
      "I7",
      oldest.stream,
      `${many} receipts of partners are parked, the oldest since ${oldest.range} (${why}): retry or dismiss them`,
      `有 ${rows.length} 条对方回执待处理，最早的自 ${oldest.range} 起（${why}）：请重试或注销`,
    ),
  )
}

/** A unit whose orders go to a partner that is not appointed for it: whatever that partner says is parked. */
export const checkPartners = async (
  world: World,
  { units }: ProgrammeState,
  route: (unit: string) => Route | undefined,
  findings: Finding[],
): Promise<void> => {
  for (const { id, status } of units) {
    const partner = status === "active" ? route(id)?.partner : undefined
    if (partner === undefined) continue
    const scopes = await scopesOf(world, partner)
    if (scopes.includes(id)) continue
    findings.push(
      finding(
        "I7",
        `partner ${partner}`,
        `orders of ${id} go to it and it is not appointed as partner of ${id}: its receipts are parked`,
        `${id} 的派单发往该单位，但其未被任命为 ${id} 的协作方：其回执将无法入账`,
      ),
    )
  }
}

// internal

const scopesOf = async (world: World, partner: string): Promise<readonly string[]> => {
  const key = `staff/${partner}`
  // A partner's name that can be nobody's handle can be appointed to nothing.
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(partner)) return []
  const [row] = await world.storage.load(world.programme, [key])
  const { definition } = addressed(world.catalogue, key)
  const state = row === undefined ? definition.initial : await stateOf(world, row)
  return appointmentTo(state as StaffState, "partner")?.scopes ?? []
}
