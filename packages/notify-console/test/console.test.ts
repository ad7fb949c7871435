/** What the console shows. */
import { expect, it } from "vitest"
import { consoleNotifier } from "../src/console-notifier.ts"

it("prints whom, whether it is urgent, and the text, and lets nobody colour the terminal", async () => {
  const printed: string[] = []
  const notifier = consoleNotifier((text) => printed.push(text))
  const notice = {
    deliveryId: "d",
    kind: "whistle",
    title: "新信息",
    lines: ["编号 1\u001b[31m"],
    urgent: true,
  }
  const to = { channel: "console", address: "duty-desk" }
  const receipt = await notifier.send(to, notice, AbortSignal.timeout(1_000))
  expect(printed).toEqual(["[notice duty-desk !] 新信息\n编号 1 [31m\n"])
  expect(receipt).toEqual({ deliveryId: "d", grade: "accepted" })
})
