import { openSqliteStorage } from "@yingshao/storage-sqlite"
import { expect, test } from "vitest"
import { receiptsDismiss, receiptsList, receiptsRetry } from "../src/commands/receipts.ts"
import { recordDay } from "../src/store/days.ts"
import { captured } from "./captured-output.ts"
import { openedCounty } from "./opened-county.ts"
import { ownFolder } from "./run-cli.ts"

const inFolder = ownFolder()
const programme = "990101"

test("I7 parked receipts: listed in 80 columns and both languages without their words, retried, dismissed", async () => {
  const database = inFolder("receipts.db")
  const storage = await openSqliteStorage(database)
  const yingshao = await openedCounty(storage, programme)
  const time = "2026-03-03T04:00:00.000Z"
  const canary = "张三13800138000"
  for (const [id, type, data] of [
    ["1", "result", { result: canary }],
    ["2", "refused", {}],
  ] as const) {
    await yingshao.receive({ id, source: "water", type, ref: "o-none", time, data })
  }
  await recordDay(storage, { programme, kind: "county", date: "2026-03-03", source: "1", reports: 0 })
  await yingshao.close()

  for (const [language, said] of [
    ["zh", /办结.*没有这个派单.*退单.*`data.reason` is missing.*待处理回执 2 条/s],
    ["en", /result.*no order has this id.*refused.*2 receipts are parked/s],
  ] as const) {
    const out = captured(language)
    expect(await receiptsList({ database, limit: 20 }, out)).toBe(1)
    expect(out.tooWide()).toEqual([])
    expect(out.written.join("\n")).toMatch(said)
    expect(out.written.join("\n")).not.toContain(canary)
  }
  const keys = async (): Promise<readonly string[]> => {
    const out = captured("en", true)
    await receiptsList({ database, limit: 20 }, out)
    return (out.parsed() as { rows: readonly { key: string }[] }).rows.map(({ key }) => key)
  }
  const [key = ""] = await keys()
  const by = { by: "p-admin", as: "programme-admin" } as const
  const again = captured("en")
  expect(await receiptsRetry({ database, key, ...by }, again)).toBe(1)
  expect(again.written.join(" ")).toMatch(/still cannot be taken: unknown-order/)
  expect(await receiptsRetry({ database, key, by: "nobody", as: "duty-officer" }, captured("zh"))).toBe(1)
  expect(await receiptsDismiss({ database, key, ...by, why: "试发" }, captured("zh"))).toBe(0)
  expect(await keys()).toHaveLength(1)
})
