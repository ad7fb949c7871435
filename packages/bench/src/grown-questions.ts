/**
 * The questions that a county asks all day, put to a grown one: the duty board's first page, the leaderboard,
 * one register.
 *
 * There is no stored leaderboard: it is the page of active informants with what each reported. A register is
 * the newest page of what one informant reported.
 */
import { openYingshao } from "@yingshao/engine"
import { openSqliteStorage } from "@yingshao/storage-sqlite"
import { informants, policy, programme } from "./intake-county.ts"

export interface Questions {
  readonly ask: Readonly<
    Record<"duty board, first page" | "leaderboard" | "one register", () => Promise<unknown>>
  >
  close(): Promise<void>
}

/** @throws Error when one of them has no answer. */
export const questions = async (file: string): Promise<Questions> => {
  const storage = await openSqliteStorage(file)
  const county = await openYingshao({ programme, policy, storage })
  const { queries } = county
  const pages = {
    "duty board, first page": { index: "reports/status", equals: "new", limit: 20 },
    leaderboard: { index: "participant/status", equals: "active", limit: 50 },
    "one register": { index: "reports/by", equals: informants[0] ?? "", order: "descending", limit: 20 },
  } as const
  for (const [name, page] of Object.entries(pages)) {
    if ((await queries.page(page)).rows.length === 0) throw new Error(`${name} is empty`)
  }
  const ask = Object.fromEntries(
    Object.entries(pages).map(([name, page]) => [name, () => queries.page(page)]),
  )
  return { ask: ask as unknown as Questions["ask"], close: () => county.close() }
}
