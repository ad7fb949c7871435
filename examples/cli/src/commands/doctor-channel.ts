/**
 * `yingshao doctor --channel NAME`: is a channel set up as it must be? With `--live` it sends one real message.
 *
 * Without `--live` nothing is sent: the file is read, secrets are looked for, addresses are named. The message
 * says that it is a test, and nothing else. No key, token or address of a person is ever printed.
 */
import { randomBytes } from "node:crypto"
import { isNotifyFailure, type NotifyReason } from "@yingshao/ports/notifier"
import { type ChannelName, readChannelsFile } from "../channels/channels-file.ts"
import { type OpenedChannel, openChannel } from "../channels/open-channels.ts"
import { CliFailure } from "../terminal/failure.ts"
import { type Text, text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"

export interface DoctorChannelOptions {
  readonly channel: string
  /** Path of the channels file. */
  readonly channels: string
  /** Name of a robot or endpoint, or a mailbox. Left out: the only one there is. */
  readonly to?: string | undefined
  readonly live?: boolean | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** @returns 1 when the channel did not take the message. @throws CliFailure for what cannot be read or asked. */
export const doctorChannel = async (options: DoctorChannelOptions, out: Output): Promise<number> => {
  const file = readChannelsFile(options.channels)
  const named = Object.keys(file.channels)
  const opened = named.includes(options.channel)
    ? openChannel(
        { file, base: options.channels, environment: options.environment },
        options.channel as ChannelName,
      )
    : undefined
  if (opened === undefined) {
    const has = named.join(", ") || "—"
    throw new CliFailure(
      2,
      `${options.channels} 里没有渠道“${options.channel}”,有:${has}`,
      `${options.channels} has no channel "${options.channel}"; it has: ${has}`,
    )
  }
  try {
    return options.live === true ? await sendOne(opened, options, out) : told(opened, options, out)
  } finally {
    await opened.notifier.close()
  }
}

// internal

const told = (
  { notifier, addresses }: OpenedChannel,
  { channel }: DoctorChannelOptions,
  out: Output,
): number => {
  const { say } = out
  if (out.json) {
    out.line(
      JSON.stringify({
        channel,
        audience: notifier.audience,
        addresses: addresses ?? "mailboxes",
        sent: false,
      }),
    )
    return 0
  }
  const which = addresses?.join(", ") ?? say(text("任何邮箱", "any mailbox"))
  const room =
    notifier.audience === "group"
      ? text("群聊(视为公开)", "a group, a public room")
      : text("只有本人", "one person")
  out.paragraph(say(text(`渠道 ${channel} 配置可用。`, `The channel ${channel} is set up.`)))
  out.paragraph(say(text(`可发往:${which}`, `addresses: ${which}`)), "  ")
  out.paragraph(say(text(`谁能看到:${room.zh}`, `who reads it: ${room.en}`)), "  ")
  out.paragraph(
    say(text("没有发送;加 --live 发一条真消息。", "Nothing was sent; --live sends one real message.")),
  )
  return 0
}

const sendOne = async (
  opened: OpenedChannel,
  options: DoctorChannelOptions,
  out: Output,
): Promise<number> => {
  const { channel } = options
  const address = addressOf(opened, options)
  const notice = {
    deliveryId: `live-${randomBytes(12).toString("hex")}`,
    kind: "live-test",
    title: out.say(text("应哨:测试消息", "yingshao: a test message")),
    lines: [out.say(text("收到即表示这个渠道可用,不用处理。", "The channel works. Nothing is to be done."))],
    urgent: false,
  }
  const begin = performance.now()
  try {
    const { notifier } = opened
    const { grade, vendorId } = await notifier.send({ channel, address }, notice, AbortSignal.timeout(20_000))
    const tookMs = Math.round(performance.now() - begin)
    if (out.json) out.line(JSON.stringify({ channel, sent: true, grade, vendorId, tookMs }))
    else {
      out.paragraph(
        out.say(
          grade === "delivered"
            ? text(`已送达,用时 ${tookMs} 毫秒。`, `Delivered, in ${tookMs} ms.`)
            : text(
                `对方已接收,用时 ${tookMs} 毫秒。是否有人看到,请到收件处核对。`,
                `Accepted, in ${tookMs} ms. Whether anybody sees it, look where it arrives.`,
              ),
        ),
      )
    }
    return 0
  } catch (error) {
    const reason = isNotifyFailure(error) ? error.reason : "unknown-outcome"
    const code = isNotifyFailure(error) ? error.vendorCode : undefined
    if (out.json) out.line(JSON.stringify({ channel, sent: false, reason, vendorCode: code }))
    else {
      const { zh, en } = reasons[reason]
      const shown = code === undefined ? "" : ` (${code})`
      out.paragraph(out.say(text(`没有发出:${zh}${shown}`, `Not sent: ${en}${shown}`)))
    }
    return 1
  }
}

const addressOf = ({ addresses }: OpenedChannel, { channel, to }: DoctorChannelOptions): string => {
  if (to !== undefined && (addresses === undefined || addresses.includes(to))) return to
  if (to === undefined && addresses?.length === 1 && addresses[0] !== undefined) return addresses[0]
  const has = addresses?.join(", ")
  throw new CliFailure(
    2,
    has === undefined ? `${channel} 要用 --to 写明邮箱` : `${channel} 要用 --to 写明发往哪里,有:${has}`,
    has === undefined ? `${channel} needs --to with a mailbox` : `${channel} needs --to with one of: ${has}`,
  )
}

const reasons: Readonly<Record<NotifyReason, Text>> = {
  "rate-limited": text("对方要求放慢,稍后再试", "the vendor asks to slow down; try later"),
  refused: text("消息不合对方要求", "the vendor refuses the message"),
  credentials: text("密钥、签名或本机时钟有误", "the key, the signature or this machine's clock is wrong"),
  recipient: text("此处收不到", "it cannot be reached there"),
  unreachable: text("连不上,确定没有发出", "no connection; it certainly was not sent"),
  "unknown-outcome": text("不知是否送出,请到收件处核对", "it may have been sent; look where it arrives"),
}
