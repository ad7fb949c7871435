/** What a list reads: its own, and nothing of others. Rows that the store gave are counted, not time. */
import type { CommandInput } from "@yingshao/core/commands"
import type { Storage } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import { replaced } from "@yingshao/testkit/storage-injection"
import { expect, test } from "vitest"
import { openApp, signedIn, type TestApp } from "../open-app.ts"

/** Matters that are none of the department's. */
const others = 40

const counting = () => {
  const seen: string[] = []
  const storage: Storage = replaced(memoryStorage(), (good) => ({
    async find(programme, query) {
      const page = await good.find(programme, query)
      seen.push(...page.rows.map(({ stream }) => stream))
      return page
    },
  }))
  return { seen, storage }
}

const giver = ({ engine }: TestApp) => {
  let serial = 0
  return async (type: string, person: string, role: string, fields: object): Promise<string> => {
    serial += 1
    const command = { ...fields, type, id: `given-${serial}`, by: { person, role } } as CommandInput
    const answer = await engine.handle(command)
    if (!answer.ok) throw new Error(`${type}: ${JSON.stringify(answer.refusal)}`)
    const stream = answer.events.find((one) => /^(report|incident)\//.test(one.stream))?.stream ?? "/"
    return stream.slice(stream.indexOf("/") + 1)
  }
}

/** Everything below is of one county: `others` matters of the water bureau, one of the department. */
const opened = async () => {
  const { seen, storage } = counting()
  const county = await openApp({ storage })
  const give = giver(county)
  const handedOver = async (facts: object, route?: object): Promise<{ report: string; incident: string }> => {
    const report = await give("SubmitReport", "p-informant", "reporter", {
      channel: "app",
      reporters: ["p-informant"],
      photos: [county.photo],
      place: { words: "濛江街道环城路口" },
    })
    await give("AnswerWhistle", "p-duty", "duty-officer", { report, facts })
    const { state } = await county.engine.queries.state("report", report)
    const incident = state.status === "none" || state.status === "new" ? "" : `${state.incident}`
    await give("HandOver", "p-duty", "duty-officer", {
      incident,
      ...(route === undefined ? {} : { route, reason: "辖区" }),
    })
    return { report, incident }
  }
  const facts = { category: "environment", danger: "no", ongoing: "yes", affected: 3 }
  for (let at = 0; at < others; at += 1) await handedOver(facts, { kind: "ordinary", owner: "water" })
  const owed = await handedOver(facts)
  const route = { kind: "emergency", lead: "police", joint: ["community"] }
  const emergency = await handedOver({ ...facts, category: "fire", danger: "yes" }, route)
  for (const unit of ["police", "community"]) {
    await give("AcknowledgeOrder", "p-department", "department-officer", {
      incident: emergency.incident,
      unit,
    })
  }
  return { county, give, seen, owed, emergency }
}

test("a unit's orders and an approver's files are found without reading those of others", async () => {
  const { county, give, seen, owed, emergency } = await opened()
  const read = async (account: string, path: string) => {
    const browser = await signedIn(county, account)
    seen.length = 0
    const page = await (await browser.get(path)).text()
    return { page, seen: seen.filter((stream) => /^(report|incident|reward)\//.test(stream)) }
  }
  const orders = await read("department", "/orders")
  expect(orders.page).toContain(`/orders/${owed.incident}`)
  expect(orders.page).toContain("已签收,由别的单位牵头")
  // Of the emergency the police owes the handling; the community has received it and waits. Once each.
  expect(orders.page.split(`"/orders/${emergency.incident}"`)).toHaveLength(3)
  expect(new Set(orders.seen)).toEqual(
    new Set([`incident/${owed.incident}`, `incident/${emergency.incident}`]),
  )

  expect((await read("approver", "/approve")).seen).toEqual([])
  await give("VerifyReport", "p-village", "verifier", {
    report: owed.report,
    level: "village",
    verdict: "true",
    confirmedClass: "ordinary",
  })
  const approve = await read("approver", "/approve")
  expect(approve.page).toContain(`/approve/${owed.report}`)
  expect(approve.seen).toEqual([`reward/${owed.report}`])
  // The township waits for the village; the village still has all the others.
  const township = await read("township", "/verify")
  expect(township.page).toContain(`/verify/${owed.report}`)
  expect(township.seen).toEqual([`reward/${owed.report}`])
  expect(new Set((await read("village", "/verify")).seen).size).toBe(others + 2)
  expect(county.faults).toEqual([])
})
