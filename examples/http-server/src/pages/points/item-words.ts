/** What a thing of the catalogue is called, and what a hold on it costs. */
import type { AccountState } from "@yingshao/core/ledger/account"
import type { Visit } from "../../session/visit.ts"

export const itemName = async ({ engine, lang }: Visit, item: string): Promise<string> => {
  const { entry } = (await engine.queries.state("stock", item)).state
  if (entry === undefined) return item
  return lang === "zh" ? entry.nameZh : entry.nameEn
}

/** Points that a hold keeps aside. */
export const pointsOf = (parts: AccountState["holds"][number]["parts"]): number =>
  parts.reduce((sum, { points }) => sum + points, 0)
