/**
 * What every notifier must do: the cases of `notify/1`.
 *
 * A case wires nothing: it gets a bench, says what the vendor is like, sends, and looks at what the adapter
 * answered and at what arrived. Laws and reasons are those of `@yingshao/ports/notifier`.
 */
import assert from "node:assert/strict"
import {
  isNotifyFailure,
  type Notice,
  type NotifyFailure,
  type NotifyReason,
  notifierContract,
} from "@yingshao/ports/notifier"
import type { FakeMood } from "../fakes/fake-server.ts"
import type { NotifyBench } from "../notify-contract.ts"

export interface NotifyCase {
  /** Stable, for skips and lists of known faults: `notify/redirect`. */
  readonly id: string
  /** What holds. */
  readonly name: string
  /** The mood that the fake must be able to play. */
  readonly needs?: FakeMood
  readonly run: (bench: NotifyBench) => Promise<void>
}

/** A notice with everything that a channel may show; lines hold what must not become markup. */
export const someNotice = (more: Partial<Notice> = {}): Notice => ({
  deliveryId: "d-0001",
  kind: "whistle",
  title: "新信息待应哨",
  lines: ["编号 R-0001", "类别 火情", "地点 涟江大道"],
  urgent: false,
  ...more,
})

export const notifyCaseList: readonly NotifyCase[] = [
  {
    id: "notify/contract",
    name: "names its contract, its channel and its audience",
    run: async ({ notifier }) => {
      assert.equal(notifier.contract, notifierContract)
      assert.match(notifier.name, /^[a-z][a-z0-9-]*$/)
      assert.ok(["one-person", "group"].includes(notifier.audience))
    },
  },
  {
    id: "notify/limits",
    name: "declares its vendor's limits in whole numbers of messages, or none",
    run: async ({ notifier }) => {
      for (const limit of Object.values(notifier.limits ?? {})) {
        assert.ok(Number.isInteger(limit) && limit >= 1 && limit <= 100_000, `${limit} is no limit`)
      }
    },
  },
  {
    id: "notify/accepted",
    name: "a notice that the vendor takes is one delivery and a receipt with its id",
    run: async (bench) => {
      const receipt = await send(bench, someNotice())
      assert.equal(receipt.deliveryId, "d-0001")
      assert.ok(["accepted", "delivered"].includes(receipt.grade))
      arrived(bench, 1)
      for (const text of ["新信息待应哨", "编号 R-0001", "类别 火情", "地点 涟江大道"]) {
        assert.ok(shown(bench).includes(text), `${text} is not in what arrived`)
      }
    },
  },
  {
    id: "notify/same-id-again",
    name: "O6 the same notice again has the same id and text",
    run: async (bench) => {
      await send(bench, someNotice())
      await send(bench, someNotice())
      arrived(bench, 2)
      const [first, second] = bench.deliveries
      assert.deepEqual(second, first)
    },
  },
  {
    id: "notify/link",
    name: "the link arrives whole",
    run: async (bench) => {
      await send(bench, someNotice({ link: "https://county.example/r/abc?x=1&y=2" }))
      arrived(bench, 1)
      assert.ok(shown(bench).includes("https://county.example/r/abc?x=1&y=2"))
    },
  },
  {
    id: "notify/mention",
    name: "a notice that calls people by name is taken",
    run: async (bench) => {
      await send(bench, someNotice({ urgent: true, mention: ["zhangsan"] }))
      arrived(bench, 1)
    },
  },
  {
    id: "notify/long-text",
    name: "a text of 60,000 Chinese characters is cut to what the vendor takes, keeps its link and says so",
    run: async (bench) => {
      const lines = Array.from({ length: 1_000 }, (_, at) => `第 ${at} 行 ${"惠".repeat(60)}`)
      await send(bench, someNotice({ lines, link: "https://county.example/r/abc" }))
      arrived(bench, 1)
      assert.ok(shown(bench).includes("https://county.example/r/abc"), "the link was cut")
      assert.ok(shown(bench).includes("第 0 行"), "the first line was cut")
      assert.ok(!shown(bench).includes("\uFFFD"), "a character was cut in two")
    },
  },
  {
    id: "notify/one-long-line",
    name: "one line of 60,000 emoji is cut between two characters",
    run: async (bench) => {
      await send(bench, someNotice({ lines: ["👨‍👩‍👧".repeat(20_000)] }))
      arrived(bench, 1)
      assert.ok(!shown(bench).includes("\uFFFD"), "a character was cut in two")
    },
  },
  {
    id: "notify/hostile-text",
    name: "quotes, tags, control characters and line breaks in a line change nothing but the text",
    run: async (bench) => {
      const hostile = '"}],"msgtype":"x\\" <at user_id="all"></at> \u0000\u001b[31m\r\nX-Header: 1\u2028'
      await send(bench, someNotice({ title: hostile, lines: [hostile, "末行"] }))
      arrived(bench, 1)
      assert.ok(!shown(bench).includes("\u0000"))
      assert.ok(shown(bench).includes("末行"))
    },
  },
  {
    id: "notify/side-by-side",
    name: "twenty notices side by side are twenty deliveries",
    run: async (bench) => {
      const notices = Array.from({ length: 20 }, (_, at) => someNotice({ deliveryId: `d-${at}` }))
      const receipts = await Promise.all(notices.map((notice) => send(bench, notice)))
      assert.deepEqual(
        receipts.map(({ deliveryId }) => deliveryId),
        notices.map(({ deliveryId }) => deliveryId),
      )
      arrived(bench, 20)
    },
  },
  {
    id: "notify/unknown-address",
    name: "an address that the channel does not know is `recipient`, and nothing is sent",
    run: async (bench) => {
      const to = { channel: bench.notifier.name, address: bench.unknownAddress }
      const failure = await failureOf(bench, bench.notifier.send(to, someNotice(), soon()))
      reasonIs(failure, "recipient")
      arrived(bench, 0)
    },
  },
  {
    id: "notify/prototype-address",
    name: "`__proto__` and `constructor` are addresses like any other that is not known",
    run: async (bench) => {
      for (const address of ["__proto__", "constructor"]) {
        const to = { channel: bench.notifier.name, address }
        reasonIs(await failureOf(bench, bench.notifier.send(to, someNotice(), soon())), "recipient")
      }
    },
  },
  failing(
    "error-body",
    "a success by status with an error in its body is no success",
    ["refused"],
    (failure) => assert.notEqual(failure.vendorCode, undefined, "the vendor's code is kept"),
  ),
  failing("unheard-code", "a code that stands in no table is refused, and kept", ["refused"], (failure) =>
    assert.notEqual(failure.vendorCode, undefined, "the vendor's code is kept"),
  ),
  failing("wrong-key", "a wrong key or signature stops the channel", ["credentials"]),
  failing("rate-limited", "too many messages says when to come back", ["rate-limited"], (failure) =>
    assert.ok((failure.retryAfterMs ?? 0) > 0, "retryAfterMs is missing"),
  ),
  failing("status-429", "a status of 429 with Retry-After is obeyed", ["rate-limited"], (failure) =>
    assert.equal(failure.retryAfterMs, 7_000),
  ),
  failing("login-page", "an HTML page with status 200 is no success", ["unknown-outcome"]),
  failing("server-error", "a gateway's 503 may have come after the vendor took it", [
    "unknown-outcome",
    "rate-limited",
  ]),
  failing("reset", "a connection that breaks after everything was sent is unknown", ["unknown-outcome"]),
  failing("endless", "an answer without end is stopped and unknown", ["unknown-outcome"]),
  {
    id: "notify/redirect",
    name: "a redirect is not followed, though its target would succeed",
    needs: "redirect",
    run: async (bench) => {
      bench.mood("redirect")
      const failure = await failureOf(bench, send(bench, someNotice()))
      assert.notEqual(failure.reason, "unknown-outcome")
      assert.equal(bench.redirected(), 0, "the redirect was followed")
      arrived(bench, 0)
    },
  },
  {
    id: "notify/hang",
    name: "a vendor that hangs is left when the caller stops waiting; the outcome is unknown",
    needs: "hang",
    run: async (bench) => {
      bench.mood("hang")
      const stop = new AbortController()
      const sending = bench.notifier.send(addressOf(bench), someNotice(), stop.signal)
      setTimeout(() => stop.abort(), 50)
      reasonIs(await failureOf(bench, sending), "unknown-outcome")
    },
  },
  {
    id: "notify/stopped-before",
    name: "a caller that has stopped already causes no delivery",
    run: async (bench) => {
      const failure = await failureOf(
        bench,
        bench.notifier.send(addressOf(bench), someNotice(), AbortSignal.abort()),
      )
      reasonIs(failure, "unreachable")
      arrived(bench, 0)
    },
  },
  {
    id: "notify/nobody-listens",
    name: "where nobody listens certainly nothing was sent",
    run: async (bench) => {
      const sending = bench.silent.send(addressOf(bench), someNotice(), soon())
      reasonIs(await failureOf(bench, sending), "unreachable")
    },
  },
  {
    id: "notify/after-a-failure",
    name: "after a failure the next notice is taken again",
    needs: "server-error",
    run: async (bench) => {
      bench.mood("server-error")
      await failureOf(bench, send(bench, someNotice()))
      bench.mood("well")
      await send(bench, someNotice())
      arrived(bench, 1)
    },
  },
]

// internal

/** Long enough for a machine that is busy, short enough for a test that fails. */
const soon = (): AbortSignal => AbortSignal.timeout(20_000)

const addressOf = ({ notifier, address }: NotifyBench) => ({ channel: notifier.name, address })

const send = (bench: NotifyBench, notice: Notice) => bench.notifier.send(addressOf(bench), notice, soon())

/** Everything that arrived, as one text, without the escapes of JSON and Markdown. */
const shown = ({ deliveries }: NotifyBench): string =>
  deliveries.map(({ text }) => text.replaceAll("\\", "")).join("\n")

const arrived = ({ deliveries, problems }: NotifyBench, count: number): void => {
  assert.deepEqual(problems, [], "a strict vendor found fault with the request")
  assert.equal(deliveries.length, count, `${deliveries.length} deliveries, not ${count}`)
}

const reasonIs = (failure: NotifyFailure, reason: NotifyReason): void =>
  assert.equal(failure.reason, reason, `${failure.message}: ${failure.reason}, not ${reason}`)

/** The failure that a sending ends in; it shows no secret, no address and nothing of the notice. */
const failureOf = async (bench: NotifyBench, sending: Promise<unknown>): Promise<NotifyFailure> => {
  const error: unknown = await sending.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.ok(isNotifyFailure(error), `expected a notify failure, got ${String(error)}`)
  const told = JSON.stringify({ ...error, message: error.message })
  const notice = someNotice()
  for (const secret of [...bench.secrets, bench.address, notice.title, ...notice.lines]) {
    assert.ok(!told.includes(secret), "a failure shows a secret, an address or the notice")
  }
  return error
}

function failing(
  mood: FakeMood,
  name: string,
  reasons: readonly NotifyReason[],
  more: (failure: NotifyFailure) => void = () => {},
): NotifyCase {
  return {
    id: `notify/${mood}`,
    name,
    needs: mood,
    run: async (bench) => {
      bench.mood(mood)
      const failure = await failureOf(bench, send(bench, someNotice()))
      assert.ok(reasons.includes(failure.reason), `${failure.reason} instead of ${reasons.join(" or ")}`)
      more(failure)
      arrived(bench, 0)
    },
  }
}
