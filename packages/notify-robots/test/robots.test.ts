/** The three robots against strict fakes of their vendors: the contract, and signatures known beforehand. */
import { outboundHttp } from "@yingshao/ports/outbound/outbound-http"
import { dingtalkFake, feishuFake, wecomFake } from "@yingshao/testkit/fakes/robot-fakes"
import { httpBench, notifyContract } from "@yingshao/testkit/notify-contract"
import { describe, expect, it } from "vitest"
import { dingtalkNotifier, dingtalkSignature } from "../src/dingtalk-robot.ts"
import { feishuNotifier, feishuSignature } from "../src/feishu-robot.ts"
import { wecomNotifier } from "../src/wecom-robot.ts"
import { signatureVectors } from "./signature-vectors.ts"

const keys = { token: "tok-3f9a1c", secret: "SEC5c1e7d90a2" }
const now = () => Date.UTC(2026, 2, 3, 4, 5, 6, 789)
const outbound = outboundHttp({ plainHttp: "allowed", privateRanges: ["127.0.0.1"] })
const known = { address: "duty-desk-room", secrets: [keys.token, keys.secret] }
const robots = { [known.address]: { ...keys, key: keys.token } }

notifyContract(
  {
    name: "wecom",
    open: () =>
      httpBench(wecomFake(keys), (origin) => wecomNotifier({ robots, origin, outbound, now }), known),
  },
  { describe, it },
)

notifyContract(
  {
    name: "dingtalk",
    open: () =>
      httpBench(
        dingtalkFake(keys, now),
        (origin) => dingtalkNotifier({ robots, origin, outbound, now }),
        known,
      ),
  },
  { describe, it },
)

notifyContract(
  {
    name: "feishu",
    open: () =>
      httpBench(feishuFake(keys, now), (origin) => feishuNotifier({ robots, origin, outbound, now }), known),
  },
  { describe, it },
)

describe("signatures", () => {
  it("equal those that Python made, by script `test/make-signature-vectors.py`", () => {
    for (const { secret, atMs, dingtalk, feishu } of signatureVectors) {
      expect(dingtalkSignature(secret, atMs)).toBe(dingtalk)
      expect(feishuSignature(secret, Math.floor(atMs / 1_000))).toBe(feishu)
    }
    expect(signatureVectors).toHaveLength(12)
  })
})
