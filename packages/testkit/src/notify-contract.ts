/**
 * The contract of the notifier port as named cases, for every channel, ours and others'.
 *
 * The caller hands in the test runner's `describe` and `it` and a bench: the adapter wired to a strict fake of
 * its vendor. Moods that a fake cannot play are said to be *not claimed*, a case that is left out needs a
 * reason and must exist. What it does not do: it reaches no real vendor and measures no time.
 *
 * @example
 * import { describe, it } from "vitest"
 * notifyContract({ name: "wecom", open: () => httpBench(wecomFake(keys), open) }, { describe, it })
 */
import type { Notifier } from "@yingshao/ports/notifier"
import { declareCases } from "./contract-cases.ts"
import type { FakeDelivery, FakeMood, FakeServer, FakeVendor } from "./fakes/fake-server.ts"
import { silentOrigin, startFakeServer } from "./fakes/fake-server.ts"
import { type NotifyCase, notifyCaseList } from "./notify-cases/notify-cases.ts"
import type { TestRunner } from "./storage-contract.ts"

/** An adapter, wired to something that plays its vendor. */
export interface NotifyBench {
  readonly notifier: Notifier
  /** An address that the adapter knows, and one that it does not. */
  readonly address: string
  readonly unknownAddress: string
  readonly mood: (mood: FakeMood) => void
  readonly deliveries: readonly FakeDelivery[]
  readonly problems: readonly string[]
  readonly redirected: () => number
  /** Keys and secrets of the adapter: no failure may show one. */
  readonly secrets: readonly string[]
  /** The same adapter wired to an address where nobody listens. */
  readonly silent: Notifier
  readonly close: () => Promise<void>
}

export interface NotifierUnderTest {
  readonly name: string
  readonly open: () => Promise<NotifyBench>
  /** Moods that the fake can play; all when missing. */
  readonly moods?: readonly FakeMood[]
  /** Cases left out, by id, each with its reason. */
  readonly skip?: Readonly<Record<string, string>>
}

/** Every case of the contract; ids are unique and stable. */
export const notifyCases: readonly NotifyCase[] = notifyCaseList

/**
 * Declares one test for each case.
 *
 * @throws Error for a skip that names no case or gives no reason.
 */
export const notifyContract = (channel: NotifierUnderTest, runner: TestRunner): void =>
  declareCases(
    {
      title: `notifier contract notify/1: ${channel.name}`,
      cases: notifyCases,
      skip: channel.skip ?? {},
      claims: ({ needs }) => needs === undefined || (channel.moods?.includes(needs) ?? true),
      run: (one) => runNotifyCase(channel, one),
    },
    runner,
  )

/** Runs one case on a bench opened for it. Rejects when the adapter breaks the contract. */
export const runNotifyCase = async (channel: NotifierUnderTest, one: NotifyCase): Promise<void> => {
  const bench = await channel.open()
  try {
    await one.run(bench)
  } finally {
    await bench.close()
  }
}

/**
 * A bench for an adapter that speaks HTTP.
 *
 * @param open makes the adapter for one origin; it must allow `http:` and 127.0.0.1.
 */
export const httpBench = async (
  vendor: FakeVendor,
  open: (origin: string) => Notifier,
  known: Pick<NotifyBench, "address" | "secrets">,
): Promise<NotifyBench> => {
  const server: FakeServer = await startFakeServer(vendor)
  const notifier = open(server.origin)
  const silent = open(await silentOrigin())
  return {
    ...known,
    notifier,
    silent,
    unknownAddress: "nobody-knows-this-one",
    mood: (mood) => server.mood(mood),
    deliveries: server.deliveries,
    problems: server.problems,
    redirected: server.redirected,
    close: async () => {
      await notifier.close()
      await silent.close()
      await server.close()
    },
  }
}
