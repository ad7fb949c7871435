/** Acme keeps the contract `notify/1`. */
import { describe, it } from "node:test"
import { outboundHttp } from "@yingshao/ports/outbound/outbound-http"
import { httpBench, notifyContract } from "@yingshao/testkit/notify-contract"
import { acmeNotifier } from "../src/acme-notifier.ts"
import { acmeFake } from "./acme-fake.ts"

const token = "token-of-the-test"
const address = "duty-desk-room"
// The fake listens on this machine and speaks no TLS; outside of tests leave `outbound` out.
const outbound = outboundHttp({ plainHttp: "allowed", privateRanges: ["127.0.0.1"] })

notifyContract(
  {
    name: "acme",
    open: () =>
      httpBench(
        acmeFake(token),
        (origin) => acmeNotifier({ token, rooms: { [address]: "room-1" }, origin, outbound }),
        { address, secrets: [token] },
      ),
  },
  { describe, it },
)
