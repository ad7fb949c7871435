/**
 * Fetches receipts from where adapters can look (a folder, a table, a stream) into the inbox.
 *
 * A receipt is acknowledged there after its commit, so a crash between the two brings it once more, and the
 * inbox knows it. One that cannot be taken now holds up no other; a place that is down holds up neither
 * sending nor other partners.
 */
import type { Dispatcher, PartnerReceipt } from "@yingshao/ports/dispatcher"
import { tagOf } from "./failures.ts"

/**
 * Looks once at every dispatcher, side by side.
 *
 * @param limit receipts taken from each. @returns how many were taken.
 */
export const takeReceipts = async (
  dispatchers: Iterable<Dispatcher>,
  receive: (receipt: PartnerReceipt) => Promise<unknown>,
  limit: number,
): Promise<number> => {
  const taken = await Promise.all([...dispatchers].map((one) => takeFrom(one, receive, limit).catch(() => 0)))
  return taken.reduce((sum, one) => sum + one, 0)
}

// internal

const takeFrom = async (
  dispatcher: Dispatcher,
  receive: (receipt: PartnerReceipt) => Promise<unknown>,
  limit: number,
): Promise<number> => {
  let taken = 0
  for (const receipt of await dispatcher.receipts(limit)) {
    try {
      await receive(receipt)
    } catch (error) {
      // It comes again. A store that is down is down for all of them.
      if (tagOf(error) === "StorageFailure") return taken
      continue
    }
    await dispatcher.acknowledge([receipt.id])
    taken += 1
  }
  return taken
}
