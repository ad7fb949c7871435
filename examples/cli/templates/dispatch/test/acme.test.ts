/** Acme keeps the contract `dispatch/1`. */
import { describe, it } from "node:test"
import { outboundHttp } from "@yingshao/ports/outbound/outbound-http"
import { dispatchContract } from "@yingshao/testkit/dispatch-contract"
import { silentOrigin, startFakeServer } from "@yingshao/testkit/fakes/fake-server"
import { acmeDispatcher } from "../src/acme-dispatcher.ts"
import { acmeFake } from "./acme-fake.ts"

const token = "token-of-the-test"
// The fake listens on this machine and speaks no TLS; outside of tests leave `outbound` out.
const outbound = outboundHttp({ plainHttp: "allowed", privateRanges: ["127.0.0.1"] })
const open = (url: string) =>
  acmeDispatcher({
    source: "https://yingshao.county.example/522731",
    partners: { water: { url, token } },
    outbound,
  })

dispatchContract(
  {
    name: "acme",
    receipts: "pushed",
    open: async () => {
      const server = await startFakeServer(acmeFake(token))
      return {
        dispatcher: open(server.origin),
        silent: open(await silentOrigin()),
        partner: "water",
        mood: server.mood,
        deliveries: async () => server.deliveries,
        problems: () => server.problems,
        redirected: server.redirected,
        secrets: [token],
        close: server.close,
      }
    },
  },
  { describe, it },
)
