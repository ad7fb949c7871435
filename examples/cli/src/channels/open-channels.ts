/**
 * Makes the adapters of a channels file, each when it is asked for.
 */
import { dingtalkNotifier } from "@yingshao/notify-robots/dingtalk-robot"
import { feishuNotifier } from "@yingshao/notify-robots/feishu-robot"
import { wecomNotifier } from "@yingshao/notify-robots/wecom-robot"
import { smtpNotifier } from "@yingshao/notify-smtp"
import { webhookNotifier } from "@yingshao/notify-webhook"
import type { Notifier } from "@yingshao/ports/notifier"
import { outboundHttp } from "@yingshao/ports/outbound/outbound-http"
import { createTransport } from "nodemailer"
import { type ChannelName, type ChannelsFile, secretAt } from "./channels-file.ts"

/** A channel and the names that a message may be addressed to; `undefined` for mailboxes. */
export interface OpenedChannel {
  readonly notifier: Notifier
  readonly addresses: readonly string[] | undefined
}

export interface ChannelsGiven {
  readonly file: ChannelsFile
  /** Path of the file. */
  readonly base: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** `undefined` when the file has no such channel. @throws CliFailure when a secret is missing. */
export const openChannel = (given: ChannelsGiven, channel: ChannelName): OpenedChannel | undefined => {
  const { channels, privateRanges, plainHttp } = given.file
  const found = (where: string): string => secretAt(where, given.base, given.environment)
  const outbound = outboundHttp({ privateRanges, plainHttp: plainHttp ? "allowed" : "refused" })
  switch (channel) {
    case "wecom": {
      const one = channels.wecom
      if (one === undefined) return undefined
      const robots = mapped(one.robots, ({ key }) => ({ key: found(key) }))
      return { notifier: wecomNotifier({ robots, outbound, ...at(one.origin) }), addresses: names(robots) }
    }
    case "dingtalk":
    case "feishu": {
      const one = channels[channel]
      if (one === undefined) return undefined
      const robots = mapped(one.robots, ({ token, secret }) => ({
        token: found(token),
        secret: found(secret),
      }))
      const make = channel === "dingtalk" ? dingtalkNotifier : feishuNotifier
      return { notifier: make({ robots, outbound, ...at(one.origin) }), addresses: names(robots) }
    }
    case "webhook": {
      const one = channels.webhook
      if (one === undefined) return undefined
      const endpoints = mapped(one.endpoints, ({ url, secrets: [first = "", ...rest] }) => ({
        url,
        secrets: [found(first), ...rest.map(found)] as const,
      }))
      const audience = one.audience === undefined ? {} : { audience: one.audience }
      return { notifier: webhookNotifier({ endpoints, outbound, ...audience }), addresses: names(endpoints) }
    }
    case "smtp":
      return channels.smtp === undefined ? undefined : openMail(channels.smtp, found)
  }
}

// internal

type Mail = NonNullable<ChannelsFile["channels"]["smtp"]>

const openMail = (
  { host, port, secure, user, password, from, messageIdDomain }: Mail,
  found: (where: string) => string,
): OpenedChannel => {
  const transport = createTransport({
    host,
    port,
    secure,
    requireTLS: !secure,
    auth: { user, pass: found(password) },
    connectionTimeout: 10_000,
    socketTimeout: 20_000,
  })
  return { notifier: smtpNotifier({ transport, from, messageIdDomain }), addresses: undefined }
}

const at = (origin: string | undefined) => (origin === undefined ? {} : { origin })

const names = (all: object): readonly string[] => Object.keys(all)

const mapped = <A, B>(all: Readonly<Record<string, A>>, make: (one: A) => B): Readonly<Record<string, B>> =>
  Object.fromEntries(Object.entries(all).map(([key, one]) => [key, make(one)]))
