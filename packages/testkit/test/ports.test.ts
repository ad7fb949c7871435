import { afterPrefix, compareBytes } from "@yingshao/ports/byte-order"
import { contractProblem } from "@yingshao/ports/contract-version"
import { decodeCursor, encodeCursor } from "@yingshao/ports/index-cursor"
import { chainHash, firstHash } from "@yingshao/ports/journal-chain"
import { isStorageFailure } from "@yingshao/ports/storage"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"

const text = fc.string({ unit: "binary", maxLength: 8 })
const near = fc.constantFrom("", "a", "\ud7ff", "\ue000", "\uffff", "\u{10000}", "\u{10ffff}", "￥", "🚨")
const key = fc.oneof(
  text,
  fc.array(near, { maxLength: 3 }).map((parts) => parts.join("")),
)

describe("byte order", () => {
  it("is the order of UTF-8 bytes", () => {
    void fc.assert(
      fc.property(key, key, (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
      }),
    )
  })

  it("puts every text with a prefix, and only those, between the prefix and what comes after it", () => {
    void fc.assert(
      fc.property(key, key, (prefix, other) => {
        const end = afterPrefix(prefix)
        for (const one of [other, prefix + other]) {
          const between = compareBytes(one, prefix) >= 0 && (end === undefined || compareBytes(one, end) < 0)
          expect(between).toBe(one.startsWith(prefix))
        }
      }),
    )
  })
})

describe("the chain", () => {
  it("A3 hashes number, previous hash and leaf as the port says, for good", () => {
    expect(chainHash(1, firstHash, "0".repeat(64))).toBe(
      "4e3991573eeb28032432221fcc118b9da900ac61839d30722fa8a845a117465d",
    )
  })

  it("A3 differs when any part differs", () => {
    const leaf = "1".repeat(64)
    const hashes = [
      chainHash(1, firstHash, leaf),
      chainHash(11, firstHash, leaf),
      chainHash(1, leaf, leaf),
      chainHash(1, firstHash, firstHash),
    ]
    expect(new Set(hashes).size).toBe(4)
  })
})

describe("index cursors", () => {
  it("come back as they were packed", () => {
    const plain = key.filter((one) => !one.includes("\0"))
    void fc.assert(
      fc.property(plain, plain, plain, (range, stream, equals) => {
        expect(decodeCursor(encodeCursor({ range, stream, equals }))).toEqual({ range, stream, equals })
      }),
    )
  })

  it("refuse anything else as a tagged failure, whatever it is", () => {
    void fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String()), (cursor) => {
        try {
          decodeCursor(cursor)
        } catch (error) {
          expect(isStorageFailure(error)).toBe(true)
        }
      }),
    )
  })
})

describe("contract versions", () => {
  it("are named in the problem", () => {
    expect(contractProblem("notify/1", { contract: "notify/1", name: "wecom" })).toBeUndefined()
    expect(contractProblem("notify/1", { contract: "notify/2", name: "wecom" })).toBe(
      'adapter "wecom" speaks "notify/2", this release needs "notify/1"',
    )
    expect(contractProblem("store/1", {})).toBe(
      'an adapter without a name names no contract, this release needs "store/1"',
    )
  })
})
