/**
 * The compiled policies of one programme, and the book that rules read from.
 *
 * A policy that the programme adopted and that was not given at opening is revived from the canonical text
 * in its `PolicyAdopted` event, so that a restart strands no report. A book is made once for each version
 * of the programme's own stream.
 */
import type { Policy } from "@yingshao/core/decisions"
import { type Refused, refuse } from "@yingshao/core/kernel/refusal"
import { openingCommand } from "@yingshao/core/programme/authorize"
import { type Book, bookOf } from "@yingshao/core/programme/book"
import { type ProgrammeState, programmeStream } from "@yingshao/core/programme/programme"
import { CannotOpen } from "./failures.ts"
import type { StreamState } from "./state-cache.ts"
import { historyOf, type World } from "./stream-reader.ts"

/** The key of the programme's own stream. */
export const programmeKey = `programme/${programmeStream}`

export interface PolicyShelf {
  /** The book at a version of the programme's stream; at version 0 the book of the policy given at opening. */
  book(programme: StreamState): Promise<Book>
  /** The same, when it is at hand. Never waits. */
  bookNow(programme: StreamState): Book | undefined
  readonly policies: ReadonlyMap<string, Policy>
  /** Why a document may not be adopted, or `undefined`: a bad policy is refused whole, before any rule (C2). */
  check(type: string, payload: unknown): Refused | undefined
}

/** The commands that bring a policy along in the field `policy`. */
export const adoptingCommands: ReadonlySet<string> = new Set([openingCommand, "AdoptPolicy"])

/** @param first compiled policies at hand; the first one revives the others. */
export const makePolicyShelf = (world: World, first: readonly [Policy, ...Policy[]]): PolicyShelf => {
  const policies = new Map(first.map((policy) => [policy.digest, policy]))
  let known: { readonly version: number; readonly book: Book } | undefined

  const reviveMissing = async (programme: ProgrammeState): Promise<void> => {
    if (programme.policies.every(({ digest }) => policies.has(digest))) return
    for await (const { event } of historyOf(world, programmeKey)) {
      const adopted = event as {
        readonly type?: unknown
        readonly digest?: unknown
        readonly canonical?: unknown
      }
      if (adopted.type !== "PolicyAdopted" || typeof adopted.canonical !== "string") continue
      if (typeof adopted.digest !== "string" || policies.has(adopted.digest)) continue
      const revived = first[0].revive(adopted.canonical)
      if (revived.digest !== adopted.digest) {
        throw new CannotOpen({
          why: `the adopted policy ${adopted.digest} revives as ${revived.digest}: its text was changed`,
        })
      }
      policies.set(revived.digest, revived)
    }
  }

  const bookNow = (programme: StreamState): Book | undefined =>
    known?.version === programme.version ? known.book : undefined

  return {
    policies,
    bookNow,
    check(type, payload) {
      if (!adoptingCommands.has(type)) return undefined
      const { policy } = payload as {
        readonly policy: Readonly<Record<"digest" | "canonical" | "effectiveFrom", string>>
      }
      try {
        const { digest, effectiveFrom } = first[0].revive(policy.canonical)
        if (digest === policy.digest && effectiveFrom === policy.effectiveFrom) return undefined
      } catch {
        return refuse("bad-policy", { why: "does-not-compile" })
      }
      return refuse("bad-policy", { why: "digest-or-date-differs" })
    },
    async book(programme) {
      const ready = bookNow(programme)
      if (ready !== undefined) return ready
      const state = programme.version === 0 ? opening(first[0]) : (programme.state as ProgrammeState)
      await reviveMissing(state)
      const book = bookOf(state, policies)
      known = { version: programme.version, book }
      return book
    },
  }
}

// internal

/** Before anything was adopted: the zone and the numbers of the policy that is about to be. */
const opening = (policy: Policy): ProgrammeState =>
  ({
    policies: [{ digest: policy.digest, effectiveFrom: policy.effectiveFrom }],
    calendarYears: [],
    units: [],
  }) as unknown as ProgrammeState
