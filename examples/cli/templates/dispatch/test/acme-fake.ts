/**
 * A strict fake of Acme: it takes only what Acme would take, by code of its own and not by the adapter's.
 *
 * Write here what the partner's documents say; the contract's cases send through it.
 */
import { type FakeVendor, json } from "@yingshao/testkit/fakes/fake-server"
import { envelopeFault } from "@yingshao/testkit/fakes/partner-fake"

export const acmeFake = (token: string): FakeVendor => ({
  answers: {
    "rate-limited": { status: 429, headers: { "retry-after": "60" }, body: "" },
    "error-body": json({ error: "no such category" }, 422),
    "unheard-code": { status: 418, body: "" },
    "wrong-key": { status: 401, body: "" },
  },
  judge: (request) => {
    const id = /^\/orders\/([A-Za-z0-9_-]+)$/.exec(request.path)?.[1]
    if (request.method !== "PUT" || id === undefined) {
      return { kind: "refused", problem: "method or path", answer: json({}, 404) }
    }
    if (request.headers.authorization !== `Bearer ${token}`) {
      return { kind: "refused", problem: "token", answer: json({}, 401) }
    }
    const problem = envelopeFault(request.body)
    if (problem !== undefined) return { kind: "refused", problem, answer: json({}, 422) }
    return { kind: "taken", delivery: { id, text: request.body }, answer: json({ ok: true }) }
  },
})
