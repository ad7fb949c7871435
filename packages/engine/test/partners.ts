/** A county whose `housing` unit is a partner system, named `water`; `gas` is one of another unit. */

import type { Order } from "@yingshao/ports/dispatcher"
import type { Storage } from "@yingshao/ports/storage"
import type { OpenOptions, Yingshao } from "../src/yingshao.ts"
import { idIn, lamp, must, openCounty, staffCounty, submission, wish } from "./county.ts"
import type { TestClock } from "./open-small.ts"

/** Where orders of the partner's unit go. */
export const routeTo = (dispatcher: string) => (unit: string) =>
  unit === "housing" ? { dispatcher, partner: "water" } : undefined

export const openPartnerCounty = async (
  storage: Storage,
  clock: TestClock,
  options: Partial<OpenOptions>,
): Promise<Yingshao> => {
  const county = await openCounty(storage, clock, options)
  await staffCounty(county, [])
  for (const [person, unit] of [
    ["water", "housing"],
    ["gas", "market-supervision"],
  ] as const) {
    const appointment = { person, role: "partner", scopes: [unit] }
    await must(county, `partner-${person}`, wish("AppointStaff", "admin", "programme-admin", appointment))
  }
  return county
}

/** From intake to an order in the outbox. */
export const handOverLamp = async (county: Yingshao, key: string) => {
  const report = idIn(await must(county, `${key}-submit`, submission("wang")), "report")
  const answered = await must(
    county,
    `${key}-answer`,
    wish("AnswerWhistle", "duty", "duty-officer", { report, facts: lamp }),
  )
  const incident = idIn(answered, "incident")
  const handed = await must(county, `${key}-hand`, wish("HandOver", "duty", "duty-officer", { incident }))
  return { report, incident, order: idIn(handed, "order") }
}

/** The report's end: reply, and a follow-up that is satisfied. */
export const answerAll = async (county: Yingshao, key: string, report: string): Promise<void> => {
  const text = "已修好,谢谢您的报告"
  await must(county, `${key}-reply`, wish("ReplyToReporters", "duty", "duty-officer", { report, text }))
  await must(
    county,
    `${key}-follow`,
    wish("RecordFollowUp", "duty", "duty-officer", { report, result: "satisfied" }),
  )
}

/** What a partner writes of an order, as our own form of a receipt. */
export const saying = (
  order: Pick<Order, "id">["id"],
  type: string,
  more: { readonly id?: string; readonly time?: string; readonly data?: object } = {},
) => {
  const { id = `${type}-1`, time = "2026-03-02T10:00:00+08:00", data = {} } = more
  return { id, type: `cn.yingshao.receipt.${type}.v1`, time, data: { ref: order, ...data } }
}

/** Kinds of the obligations that are open on an incident, sorted. */
export const owedIn = async (county: Yingshao, incident: string): Promise<readonly string[]> => {
  const { state } = await county.queries.state("incident", incident)
  const { obligations } = state as { readonly obligations: readonly { kind: string; status: string }[] }
  return obligations
    .filter(({ status }) => status === "open")
    .map(({ kind }) => kind)
    .sort()
}
