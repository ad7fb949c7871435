/**
 * Prints each notice, for trying things out: every person and every group is one terminal.
 *
 * What it does not do: it hides nothing that the notice says, and it reaches nobody. No production.
 */
import { type Notifier, notifierContract } from "@yingshao/ports/notifier"
import { noticeText } from "@yingshao/ports/outbound/text-budget"

/**
 * A notifier that writes to a terminal or a file.
 *
 * @param write takes one text that ends in a line break; `process.stdout.write` of a host.
 * @example
 * consoleNotifier((text) => process.stdout.write(text))
 * // prints `[notice duty-desk] 新信息\n编号 12\n`
 */
export const consoleNotifier = (write: (text: string) => void): Notifier => ({
  contract: notifierContract,
  name: "console",
  audience: "group",
  async send(to, notice) {
    const text = noticeText(notice, { maxBytes: 4_096, flavour: "plain" })
    write(`[notice ${to.address}${notice.urgent ? " !" : ""}] ${text}\n`)
    return { deliveryId: notice.deliveryId, grade: "accepted" }
  },
  close: async () => {},
})
