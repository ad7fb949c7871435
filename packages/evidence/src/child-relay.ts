/**
 * One worker on a store that it shares: it delivers until it is killed, and writes a line for each message that its
 * channels accepted, at once and to the pipe, so that nothing that was accepted goes unseen.
 *
 * Arguments: file or URL, name of the worker, start of its clock in milliseconds, how many times faster it runs. Time
 * runs faster so that leases of killed workers end soon.
 */
import { writeSync } from "node:fs"
import { setTimeout as pause } from "node:timers/promises"
import { notifyFailure } from "@yingshao/ports/notifier"
import { loadedChannels, relayOfLoad, slowChannels } from "./relay-load.ts"
import { openRelayStore } from "./relay-store.ts"

const [place = "", worker = "", startMs = "0", faster = "1"] = process.argv.slice(2)
const clock = { now: () => Number(startMs) + (Date.now() - Number(startMs)) * Number(faster) }
const storage = await openRelayStore(place)
let sent = 0
const notifiers = loadedChannels(async (channel, { report, turn, poison }) => {
  await pause(slowChannels.has(channel) ? 100 : 1)
  if (poison || Math.random() < 0.05) throw notifyFailure("unreachable", "down")
  sent += 1
  const heapMb = sent % 50 === 0 ? Math.round(process.memoryUsage().heapUsed / 1e6) : 0
  writeSync(1, `${report} ${turn} ${heapMb}\n`)
})
const relay = relayOfLoad({ storage, notifiers, worker, places: 60, clock })
await relay.follow({
  signal: new AbortController().signal,
  pollMs: 50,
  onFailure: (error) => console.error(error),
})
