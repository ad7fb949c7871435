/** An emergency escalates on “not answered”, never on “sent”; planted schedulers that look at what was sent are seen. */
import { channelPlan } from "@yingshao/core/notice/channel-plan"
import { notifyFailure } from "@yingshao/ports/notifier"
import { memoryStorage } from "@yingshao/storage-memory"
import { describe, expect, test } from "vitest"
import { catchNotices } from "../src/in-process.ts"
import { escalations as escalationTimer, programmeTimers } from "../src/programme-timers.ts"
import type { TimerSource } from "../src/scheduler.ts"
import { fire, idIn, must, openCounty, staffCounty, submission, wish } from "./county.ts"
import { testClock } from "./open-small.ts"

type Channels = "work" | "are down"

/** A wrong scheduler: passes an overdue obligation over when so many alarms were sent. */
type Fault = (sent: number) => boolean

const planted = (fault: Fault, sent: () => number): readonly TimerSource[] =>
  programmeTimers.map((timer) =>
    timer === escalationTimer
      ? { ...timer, commands: (due, now) => (fault(sent()) ? [] : timer.commands(due, now)) }
      : timer,
  )

/** A report that was just accepted, in a county whose two channels take everything or nothing. */
const reported = async (channels: Channels, fault: Fault = () => false) => {
  const clock = testClock()
  const made = (name: string) =>
    catchNotices(name, () => {
      if (channels === "are down") throw notifyFailure("refused", "x")
    })
  const [app, sms] = [made("app"), made("sms")]
  const addresses = ["app", "sms"].map((channel) => ({ channel, address: channel }))
  const whistles = () =>
    [app, sms].map(({ caught }) => caught.filter(({ notice }) => notice.kind === "whistle").length)
  const county = await openCounty(memoryStorage(), clock, {
    notifiers: [app, sms],
    plan: channelPlan.parse({}),
    recipients: async () => [{ person: "desk", addresses }],
    timers: planted(fault, () => whistles().reduce((sum, one) => sum + one, 0)),
  })
  await staffCounty(county, [])
  const report = idIn(await must(county, "submit", submission("ann")), "report")
  await county.relay.drain()
  const answer = () =>
    must(county, "answer", wish("AnswerWhistle", "duty", "duty-officer", { report, facts: fire }))
  const escalations = async (): Promise<readonly string[]> => {
    const due = (await county.scheduler.nextDueAt()) ?? ""
    clock.set(Date.parse(due) + 1)
    await county.scheduler.runDue()
    const kinds: string[] = []
    for await (const { events } of county.queries.story("report", report)) {
      for (const { event } of events) if (event.type === "ObligationEscalated") kinds.push(event.kind)
    }
    return kinds
  }
  return { whistles, answer, escalations }
}

describe("an emergency", () => {
  test("F4: that was sent over both channels and not answered is escalated", async () => {
    const { whistles, escalations } = await reported("work")
    expect(whistles()).toEqual([1, 1])
    expect(await escalations()).toEqual(["answer"])
  })

  test("F4: that nobody could send is escalated all the same", async () => {
    const { whistles, escalations } = await reported("are down")
    expect(whistles()).toEqual([0, 0])
    expect(await escalations()).toEqual(["answer"])
  })

  test("F4: that was answered is not escalated for its answer, whether or not it was sent", async () => {
    for (const channels of ["work", "are down"] as const) {
      const { answer, escalations } = await reported(channels)
      await answer()
      expect(await escalations()).not.toContain("answer")
    }
  })

  test.each<readonly [string, Channels, Fault]>([
    ["takes sent for answered", "work", (sent) => sent > 0],
    ["follows up only what was sent", "are down", (sent) => sent === 0],
  ])("F4: a planted scheduler that %s is seen", async (_, channels, fault) => {
    const { escalations } = await reported(channels, fault)
    expect(await escalations()).not.toContain("answer")
  })
})
