import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Notice, notice } from "../../src/kernel/message.ts"
import { noticeKinds } from "../../src/notice/notice-kinds.ts"
import { digestTextOf, noticeTextOf } from "../../src/notice/notice-text.ts"

const words = { language: "zh", timeZone: "Asia/Shanghai" } as const
const made = (given: Partial<Notice>): Notice =>
  ({
    kind: "whistle",
    to: { kind: "unit", unit: "desk" },
    urgent: true,
    orderingKey: "report/r-1",
    data: { report: "r-1" },
    ...given,
  }) as Notice

describe("the text of a notice", () => {
  test("title, number, what is owed and until when, in local time", () => {
    expect(noticeTextOf(made({}), words)).toEqual({ title: "【紧急】新信息待应哨", lines: ["信息 r-1"] })
    const overdue = made({
      kind: "escalation",
      data: {
        incident: "i-1",
        obligation: "handle",
        owner: "u-road",
        due: "2026-03-02T15:00:00.000Z",
        level: 2,
      },
    })
    expect(
      noticeTextOf(overdue, { ...words, label: (key) => (key === "handle" ? "处置" : key) }).lines,
    ).toEqual(["事件 i-1", "应办 处置", "承办 u-road", "时限 2026-03-02 23:00", "催办级别 2"])
  })

  test("P2: facts that nobody allowed are not told, whatever a rule put into a notice", () => {
    const canary = "canary-13800138000"
    for (const kind of Object.keys(noticeKinds)) {
      for (const to of [
        { kind: "unit", unit: "desk" },
        { kind: "person", person: "p-1" },
      ] as const) {
        const told = noticeTextOf(
          made({
            kind,
            to: to as Notice["to"],
            orderingKey: canary,
            data: {
              reporter: canary,
              phone: canary,
              lng: canary,
              place: canary,
              photo: canary,
              amount: canary,
            },
          }),
          words,
        )
        expect(JSON.stringify(told)).not.toContain(canary)
      }
    }
  })

  test("the words of a reply are for the person alone", () => {
    const reply = made({ kind: "reply", urgent: false, data: { report: "r-1", text: "路灯已修好" } })
    expect(noticeTextOf(reply, words).lines).toEqual(["信息 r-1"])
    const person = { kind: "person", person: "p-1" } as Notice["to"]
    expect(noticeTextOf({ ...reply, to: person }, words).lines).toEqual(["信息 r-1", "路灯已修好"])
  })

  test("any notice has a title, and its text is the same every time", () => {
    fc.assert(
      fc.property(fc.string(), fc.boolean(), (kind, urgent) => {
        const one = made({ kind, urgent })
        expect(noticeTextOf(one, words).title.length).toBeGreaterThan(0)
        expect(noticeTextOf(one, words)).toEqual(noticeTextOf(structuredClone(one), words))
      }),
    )
    expect(notice.safeParse(made({})).success).toBe(true)
  })

  test("a digest has a line for each, and says how many", () => {
    const texts = ["a", "b"].map((title) => ({ title, lines: [`fact of ${title}`, "more"] }))
    expect(digestTextOf(texts, "en")).toEqual({ title: "2 notices", lines: ["a fact of a", "b fact of b"] })
  })
})
