/**
 * What the simulated staff know: the states of the matters that are still open, kept by folding the events
 * that each answer brings, or read from the store where one is missing or something happened in between.
 *
 * Only so many are kept, those that were used last: the store knows the others.
 */
import type { IncidentState } from "@yingshao/core/incident/incident"
import type { AccountState } from "@yingshao/core/ledger/account"
import type { ReportState } from "@yingshao/core/report/report"
import type { RewardState } from "@yingshao/core/reward/reward"
import { parseStreamKey, type StateOf, type StreamEvent, streams } from "@yingshao/core/streams"
import type { Answer } from "@yingshao/engine/handle"
import type { Queries } from "@yingshao/engine/queries"

/** The kinds of streams that somebody does something about. */
const followed = ["report", "incident", "reward", "account"] as const
export type Followed = (typeof followed)[number]

export type LiveReport = Exclude<ReportState, { status: "none" }>
export type LiveIncident = Exclude<IncidentState, { status: "none" }>
export type LiveReward = Exclude<RewardState, { status: "none" }>

export interface Mirror {
  /** Folds what an answer brought; returns the streams that changed. */
  take(events: Extract<Answer, { ok: true }>["events"]): Promise<readonly string[]>
  /** Keeps a state that was read. */
  put(kind: Followed, id: string, version: number, state: unknown): void
  report(id: string): Promise<LiveReport | undefined>
  incident(id: string): Promise<LiveIncident | undefined>
  reward(id: string): Promise<LiveReward | undefined>
  account(person: string): Promise<AccountState>
  forget(kind: Followed, id: string): void
  size(): number
}

/** States kept at once. */
const mostKept = 4_000

export const makeMirror = (queries: Queries): Mirror => {
  const known = new Map<string, Kept>()

  const keep = (stream: string, kept: Kept): void => {
    known.delete(stream)
    known.set(stream, kept)
    if (known.size <= mostKept) return
    for (const oldest of known.keys()) {
      known.delete(oldest)
      return
    }
  }

  const read = async <K extends Followed>(kind: K, id: string): Promise<StateOf<K>> => {
    const kept = known.get(`${kind}/${id}`)
    if (kept !== undefined) {
      keep(`${kind}/${id}`, kept)
      return kept.state as StateOf<K>
    }
    const { version, state } = await queries.state(kind, id)
    if (version > 0) keep(`${kind}/${id}`, { version, state })
    return state
  }
  const live = async (kind: Exclude<Followed, "account">, id: string): Promise<unknown> => {
    const state = await read(kind, id)
    return state.status === "none" ? undefined : state
  }

  return {
    size: () => known.size,
    forget: (kind, id) => void known.delete(`${kind}/${id}`),
    put: (kind, id, version, state) => keep(`${kind}/${id}`, { version, state }),
    report: async (id) => (await live("report", id)) as LiveReport | undefined,
    incident: async (id) => (await live("incident", id)) as LiveIncident | undefined,
    reward: async (id) => (await live("reward", id)) as LiveReward | undefined,
    account: (person) => read("account", person),
    async take(events) {
      const changed = new Set<string>()
      for (const { stream, version, event } of events) {
        const address = parseStreamKey(stream)
        if (address === undefined || !isFollowed(address.kind)) continue
        changed.add(stream)
        const kept = known.get(stream)
        const before = version === 1 ? 0 : kept?.version
        if (before === version - 1) {
          const state = kept?.state ?? streams[address.kind].initial
          keep(stream, { version, state: evolved(address.kind, state, event) })
        } else if (kept === undefined || kept.version < version) {
          // The scheduler wrote in between, or nobody looked yet: the store knows.
          known.delete(stream)
          await read(address.kind, address.id)
        }
      }
      return [...changed]
    },
  }
}

// internal

interface Kept {
  readonly version: number
  readonly state: unknown
}

const isFollowed = (kind: string): kind is Followed => (followed as readonly string[]).includes(kind)

const evolved = (kind: Followed, state: unknown, event: unknown): unknown => {
  const { evolve } = streams[kind] as unknown as { evolve(state: unknown, event: StreamEvent): unknown }
  return evolve(state, event as StreamEvent)
}
