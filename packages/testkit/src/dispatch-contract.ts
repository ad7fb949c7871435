/**
 * The contract of the dispatcher port as named cases, for every transport, ours and others'.
 *
 * The caller hands in the test runner's `describe` and `it` and a bench: the adapter wired to a strict fake of
 * a partner. What a bench does not offer (moods of a server, receipts that are fetched) is said to be *not
 * claimed*; a case that is left out needs a reason and must exist. What it does not do: it measures no time.
 *
 * @example
 * import { describe, it } from "vitest"
 * dispatchContract({ name: "http", open }, { describe, it })
 */
import type { Dispatcher, PartnerReceipt } from "@yingshao/ports/dispatcher"
import { declareCases } from "./contract-cases.ts"
import { type DispatchCase, dispatchCaseList } from "./dispatch-cases/dispatch-cases.ts"
import type { FakeDelivery, FakeMood } from "./fakes/fake-server.ts"
import type { TestRunner } from "./storage-contract.ts"

/** An adapter, wired to something that plays a partner. */
export interface DispatchBench {
  readonly dispatcher: Dispatcher
  /** A partner that the adapter knows. */
  readonly partner: string
  readonly mood: (mood: FakeMood) => void
  /** What the partner got: the envelope of each order, in order, also the same one again. */
  readonly deliveries: () => Promise<readonly FakeDelivery[]>
  readonly problems: () => readonly string[]
  readonly redirected: () => number
  /** Keys and secrets of the adapter: no refusal may show one. */
  readonly secrets: readonly string[]
  /** Puts a receipt where the adapter fetches receipts; missing where they are pushed. */
  readonly leaveReceipt?: (receipt: PartnerReceipt) => Promise<void>
  /** The same adapter wired to nobody. */
  readonly silent: Dispatcher
  readonly close: () => Promise<void>
}

export interface DispatcherUnderTest {
  readonly name: string
  readonly open: () => Promise<DispatchBench>
  /** Moods that the fake can play; all when missing. */
  readonly moods?: readonly FakeMood[]
  /** How receipts come: `fetched` by the adapter, or `pushed` to the host. */
  readonly receipts: "fetched" | "pushed"
  /** Cases left out, by id, each with its reason. */
  readonly skip?: Readonly<Record<string, string>>
}

/** Every case of the contract; ids are unique and stable. */
export const dispatchCases: readonly DispatchCase[] = dispatchCaseList

/**
 * Declares one test for each case.
 *
 * @throws Error for a skip that names no case or gives no reason.
 */
export const dispatchContract = (transport: DispatcherUnderTest, runner: TestRunner): void =>
  declareCases(
    {
      title: `dispatcher contract dispatch/1: ${transport.name}`,
      cases: dispatchCases,
      skip: transport.skip ?? {},
      claims: (one) => claims(transport, one),
      run: (one) => runDispatchCase(transport, one),
    },
    runner,
  )

/** Runs one case on a bench opened for it. Rejects when the adapter breaks the contract. */
export const runDispatchCase = async (transport: DispatcherUnderTest, one: DispatchCase): Promise<void> => {
  const bench = await transport.open()
  try {
    await one.run(bench)
  } finally {
    await bench.close()
  }
}

// internal

const claims = (transport: DispatcherUnderTest, { needs }: DispatchCase): boolean => {
  if (needs === undefined) return true
  if (needs === "fetched-receipts") return transport.receipts === "fetched"
  return transport.moods?.includes(needs) ?? true
}
