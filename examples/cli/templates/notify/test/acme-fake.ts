/**
 * A strict fake of Acme: it takes only what Acme would take, by code of its own and not by the adapter's.
 *
 * Write here what the vendor's documents say; the contract's cases send through it.
 */
import { type FakeVendor, json } from "@yingshao/testkit/fakes/fake-server"

export const acmeFake = (token: string): FakeVendor => ({
  answers: {
    "rate-limited": json({ code: 42 }),
    "error-body": json({ code: 40 }),
    "unheard-code": json({ code: 987_654 }),
    "wrong-key": json({ code: 41 }),
  },
  judge: (request) => {
    if (request.method !== "POST" || request.path !== "/messages") {
      return { kind: "refused", problem: "method or path", answer: json({}, 404) }
    }
    if (request.headers.authorization !== `Bearer ${token}`) {
      return { kind: "refused", problem: "token", answer: json({ code: 41 }) }
    }
    const { id, room, text } = JSON.parse(request.body) as Record<string, unknown>
    if (typeof id !== "string" || room !== "room-1" || typeof text !== "string") {
      return { kind: "refused", problem: "body", answer: json({ code: 40 }) }
    }
    if (Buffer.byteLength(text) > 4_000) {
      return { kind: "refused", problem: "longer than 4,000 bytes", answer: json({ code: 40 }) }
    }
    return { kind: "taken", delivery: { id, text }, answer: json({ code: 0 }) }
  },
})
