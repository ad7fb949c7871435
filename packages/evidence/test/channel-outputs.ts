/**
 * Every adapter of a channel, with what it would send caught at its last step: the request, the mail, the file,
 * the message on the wire. What an adapter is addressed to is not part of it.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { folderDispatcher } from "@yingshao/dispatch-folder"
import { httpDispatcher } from "@yingshao/dispatch-http"
import { type NatsDispatcherOptions, natsDispatcher } from "@yingshao/dispatch-nats"
import { open311Dispatcher } from "@yingshao/dispatch-open311"
import { consoleNotifier } from "@yingshao/notify-console"
import { dingtalkNotifier } from "@yingshao/notify-robots/dingtalk-robot"
import { feishuNotifier } from "@yingshao/notify-robots/feishu-robot"
import { wecomNotifier } from "@yingshao/notify-robots/wecom-robot"
import { smtpNotifier } from "@yingshao/notify-smtp"
import { webhookNotifier } from "@yingshao/notify-webhook"
import type { Dispatcher } from "@yingshao/ports/dispatcher"
import type { Notifier } from "@yingshao/ports/notifier"
import type { Outbound } from "@yingshao/ports/outbound/outbound-http"

export interface ChannelOutputs {
  /** All robots, endpoints and partners are called `there`; a mailbox is `there@county.example`. */
  readonly notifiers: readonly Notifier[]
  readonly dispatchers: readonly Dispatcher[]
  /** Everything that left so far, by adapter. */
  left(): ReadonlyMap<string, readonly string[]>
  close(): void
}

export const channelOutputs = (): ChannelOutputs => {
  const all = new Map<string, string[]>()
  const say = (adapter: string, text: string): void => {
    all.set(adapter, [...(all.get(adapter) ?? []), text])
  }
  const outboundOf =
    (adapter: string): Outbound =>
    async ({ method, url, headers, body }) => {
      say(adapter, [method, decodeURIComponent(url), JSON.stringify(headers), text(body)].join("\n"))
      return { status: 200, headers: { "content-type": "application/json" }, body: answerOf(adapter, method) }
    }
  const secrets = [`whsec_${Buffer.alloc(32, 7).toString("base64")}`] as const
  const url = "https://there.example"
  const source = "https://yingshao.county.example/990101"
  const root = mkdtempSync(join(tmpdir(), "yingshao-canary-"))
  const robot = { there: { token: "token", secret: "secret", key: "key" } }
  const partners = { there: { url, secrets } }
  const client = {
    publish: async (subject: string, payload: string | Uint8Array, options: object) => {
      say("nats", [subject, text(payload), JSON.stringify(options)].join("\n"))
      return { duplicate: false, stream: "s", seq: 1 }
    },
  } as unknown as NatsDispatcherOptions["client"]
  return {
    notifiers: [
      consoleNotifier((line) => say("console", line)),
      wecomNotifier({ robots: robot, outbound: outboundOf("wecom") }),
      dingtalkNotifier({ robots: robot, outbound: outboundOf("dingtalk") }),
      feishuNotifier({ robots: robot, outbound: outboundOf("feishu") }),
      webhookNotifier({ endpoints: partners, audience: "one-person", outbound: outboundOf("webhook") }),
      smtpNotifier({
        from: "应哨 <yingshao@county.example>",
        messageIdDomain: "county.example",
        transport: {
          sendMail: async (mail) => {
            say("smtp", JSON.stringify(mail))
            return { rejected: [], response: "250 ok" }
          },
          close: () => {},
        },
      }),
    ],
    dispatchers: [
      httpDispatcher({ partners, source, outbound: outboundOf("http") }),
      open311Dispatcher({
        partners: { there: { url, serviceCodes: { otherwise: "1" } } },
        outbound: outboundOf("open311"),
      }),
      natsDispatcher({ client, partners: { there: {} }, source }),
      folderDispatcher({ root, partners: { there: {} }, source }),
    ],
    left: () => {
      const files = readdirSync(root, { recursive: true, withFileTypes: true, encoding: "utf8" })
      const written = files
        .filter((one) => one.isFile())
        .map((one) => `${one.name}\n${readFileSync(join(one.parentPath, one.name), "utf8")}`)
      return new Map([...all, ["drop-folder", written]])
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  }
}

// internal

const text = (body: string | Uint8Array | undefined): string =>
  typeof body === "string"
    ? decodeURIComponent(body.replace(/%(?![0-9A-Fa-f]{2})/g, "%25").replace(/\+/g, " "))
    : Buffer.from(body ?? "").toString("utf8")

const answerOf = (adapter: string, method: string): string => {
  if (adapter !== "open311") return '{"errcode":0,"code":0,"partnerRef":"p-1"}'
  return method === "GET" ? "[]" : '[{"service_request_id":"s-1"}]'
}
