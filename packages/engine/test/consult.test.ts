import { lookAround } from "@yingshao/core/incident/candidates"
import { memoryStorage } from "@yingshao/storage-memory"
import { describe, expect, test } from "vitest"
import type { Yingshao } from "../src/yingshao.ts"
import { idIn, must, officers, openCounty, submission, wish } from "./county.ts"
import { programme, testClock } from "./open-small.ts"

const storage = memoryStorage()
const county = await openCounty(storage, testClock())
await must(
  county,
  "appoint",
  wish("AppointStaff", "admin", "programme-admin", {
    person: "duty",
    role: "duty-officer",
    scopes: ["duty-desk"],
  }),
)
const head = async () => (await storage.head(programme)).number
const submit = async (id: string): Promise<string> =>
  idIn(await must(county, id, submission("zhang")), "report")

const answer = (report: string) => ({
  type: "AnswerWhistle" as const,
  id: "any",
  by: { person: "duty", role: "duty-officer" as const },
  report,
  facts: { category: "fire", danger: "yes" as const, ongoing: "yes" as const, affected: 3 },
})

describe("asking the rules", () => {
  test("C4 a preview tells what the command then does, and commits nothing", async () => {
    const report = await submit("r1")
    const before = await head()
    const told = await county.rules.preview(answer(report))
    expect(await head()).toBe(before)
    const done = await county.handle({ ...answer(report), id: "answer-r1" })
    if (!told.ok || !done.ok) throw new Error("refused")
    const types = (events: readonly { readonly type: string }[]) => events.map(({ type }) => type)
    expect(types(told.events.map(({ event }) => event))).toEqual(
      types(done.events.map(({ event }) => event as { type: string })),
    )
  })

  test("Z1 a preview asks for permission, and a bad command is told so", async () => {
    const report = await submit("r2")
    const wrong = { ...answer(report), by: { person: "zhang", role: "duty-officer" as const } }
    expect(await county.rules.preview(wrong)).toMatchObject({ ok: false, refusal: { code: "not-permitted" } })
    const bad = { ...answer(report), facts: {} } as never
    expect(await county.rules.preview(bad)).toMatchObject({ ok: false, refusal: { code: "bad-command" } })
  })

  test("L14 what is nearby is found by the rule that will decide", async () => {
    const [first, second] = [await submit("r3"), await submit("r4")]
    await county.handle({ ...answer(first), id: "answer-r3" })
    const state = (await county.queries.state("report", second)).state
    if (state.status === "none") throw new Error("no report")
    const by = { person: "duty", role: "duty-officer" } as Parameters<Yingshao["rules"]["consult"]>[0]
    const around = await county.rules.consult(by, (context) => lookAround(context, state, "fire"))
    expect(around.candidates[0]?.distanceM).toBe(0)
  })

  test("C2 the book is the one in force", async () => {
    const book = await county.rules.book()
    expect(book.units.map(({ id }) => id)).toEqual(expect.arrayContaining([officers.officer[0]]))
    expect(book.policyOn(await county.today()).categories).toContain("fire")
  })
})
