/**
 * The short version of `npm run evidence -- write-faults`: a few points of one command and of what the relay
 * does. The list of all kinds of command must be complete.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { commandTypes } from "@yingshao/core/commands"
import { type PreparedCall, storeCalls } from "@yingshao/evidence/store-calls"
import { whyNoTrace } from "@yingshao/evidence/system-calls"
import { tour } from "@yingshao/evidence/tour"
import { evenly, faultsAt, writeFaults } from "@yingshao/evidence/write-faults"
import type { Commit } from "@yingshao/ports/storage"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const reason = whyNoTrace()
if (reason !== undefined) console.warn(`faults at system calls: skipped, ${reason}`)

let folder = ""
let calls: readonly PreparedCall[] = []
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "yingshao-faults-"))
  calls = await storeCalls(folder, await tour())
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true }))

it("every kind of command is in the tour, and what the relay and closing do", () => {
  const kinds = calls.map(({ kind }) => kind)
  expect(commandTypes.filter((type) => !kinds.includes(type))).toEqual([])
  expect(kinds.filter((kind) => kind.startsWith("("))).toEqual([
    "(lease)",
    "(settle)",
    "(close)",
    "(redrive)",
  ])
})

it("an even choice has the last point, and all of them when there are few", () => {
  expect(evenly(3)(9)).toEqual([3, 6, 9])
  expect(evenly(4)(3)).toEqual([1, 2, 3])
  expect(evenly(2)(0)).toEqual([])
})

// strace is not on every machine, and not permitted on every one; the reason stands in the name.
describe.skipIf(reason !== undefined)(
  `a fault at a write${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  () => {
    for (const fault of writeFaults.filter(({ lasts }) => lasts === "once")) {
      it(`I1 I6 O1 ${fault.name}: whole or absent, typed, and one effect when sent again`, async () => {
        const call = calls.find(({ kind }) => kind === "SubmitReport")
        if (call === undefined) throw new Error("no report in the tour")
        const { tried, endings, problems } = await faultsAt(folder, call, fault, evenly(2))
        expect(problems).toEqual([])
        expect(tried).toBeGreaterThan(1)
        expect([...endings.keys()].filter((ending) => ending.startsWith("done"))).toEqual([])
      }, 120_000)
    }

    it("and a command that is split over two commits is seen half done", async () => {
      const whole = calls.find(({ kind }) => kind === "SubmitReport")
      const [given] = whole?.calls ?? []
      if (whole === undefined || given === undefined) throw new Error("no report in the tour")
      const [name, commit] = given.given as readonly [string, Commit]
      const half = { ...commit, commandId: "half of it", outbox: [], tallies: [] }
      const rest = { ...commit, appends: [], guards: [], claims: [] }
      const split = [half, rest].map((one) => ({ method: "commit" as const, given: [name, one] }))
      const [killed] = writeFaults
      if (killed === undefined) throw new Error("no fault")
      const { problems } = await faultsAt(
        folder,
        { ...whole, calls: split },
        { ...killed, calls: ["fsync"] },
        evenly(2),
      )
      expect(problems.join()).toMatch(/half done/)
    }, 120_000)
  },
)
