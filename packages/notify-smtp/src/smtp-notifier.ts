/**
 * Mail, through a transport of nodemailer that the host made: host, TLS and password stay with the host.
 *
 * Each notice has its own `Message-ID`, the same on every attempt, so that mailboxes fold duplicates. 4xx is
 * tried again; 5xx is the recipient's or ours; a connection that never stood is `unreachable`; one that broke
 * after the text had gone is `unknown-outcome`. What it does not do: it makes no HTML and attaches nothing.
 */
import {
  isNotifyFailure,
  type Notice,
  type Notifier,
  type NotifyFailure,
  notifierContract,
  notifyFailure,
} from "@yingshao/ports/notifier"
import { orStopped } from "@yingshao/ports/outbound/or-stopped"
import { noticeText } from "@yingshao/ports/outbound/text-budget"

/** What is used of a transport of nodemailer. */
export interface MailTransport {
  sendMail(mail: {
    readonly from: string
    readonly to: string
    readonly subject: string
    readonly text: string
    readonly messageId: string
    readonly headers: Readonly<Record<string, string>>
    readonly disableFileAccess: true
    readonly disableUrlAccess: true
  }): Promise<{ readonly rejected?: readonly unknown[]; readonly response?: string }>
  close(): void
}

export interface SmtpOptions {
  /** `nodemailer.createTransport({ host, port, secure, auth })`, with `socketTimeout` set. */
  readonly transport: MailTransport
  /** `应哨 <yingshao@county.example>`. */
  readonly from: string
  /** Right side of the `Message-ID`: a domain that the county owns. */
  readonly messageIdDomain: string
}

/**
 * A notifier over mail; the address of a notice is a mailbox. Nobody hears from mail whether it was read.
 *
 * @throws RangeError for a domain that cannot stand in a `Message-ID`.
 */
export const smtpNotifier = ({ transport, from, messageIdDomain }: SmtpOptions): Notifier => {
  if (!/^[a-z0-9][a-z0-9.-]{0,252}$/i.test(messageIdDomain)) {
    throw new RangeError("messageIdDomain is a domain name, such as county.example")
  }
  return {
    contract: notifierContract,
    name: "smtp",
    audience: "one-person",
    async send(to, notice, signal) {
      if (!mailbox.test(to.address)) throw notifyFailure("recipient", "smtp: this is no mailbox")
      if (signal.aborted) throw notifyFailure("unreachable", "smtp: stopped before it was sent")
      const sent = transport.sendMail({
        from,
        to: to.address,
        subject: oneLine(notice.title),
        text: noticeText(notice, { maxBytes: 50_000, flavour: "plain", title: "apart" }),
        messageId: `<${encodeURIComponent(notice.deliveryId)}@${messageIdDomain}>`,
        headers: headersOf(notice),
        disableFileAccess: true,
        disableUrlAccess: true,
      })
      await orStopped(sent, signal, stopped).catch((error: unknown) => {
        throw failureOfMail(error)
      })
      return { deliveryId: notice.deliveryId, grade: "accepted" }
    },
    async close() {
      transport.close()
    },
  }
}

// internal

const mailbox = /^[^\s@<>"(),:;]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/

const oneLine = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim()

const headersOf = ({ urgent }: Notice): Readonly<Record<string, string>> => ({
  "Auto-Submitted": "auto-generated",
  ...(urgent ? { Importance: "high" } : {}),
})

const stopped = () => notifyFailure("unknown-outcome", "smtp: nobody waits any more")

/** What nodemailer says of a failure. */
interface MailError {
  readonly responseCode?: number
  readonly command?: string
  readonly code?: string
  /** The system's own code, kept beside nodemailer's. */
  readonly originalCode?: string
  readonly timeoutType?: string
}

/** Failures that come before the first word of a message can have gone out. */
const beforeTheText: ReadonlySet<string | undefined> = new Set([
  "EDNS",
  "ETLS",
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "CONNECT_TIMEOUT",
  "GREETING_TIMEOUT",
  "UPGRADE_TIMEOUT",
])

const failureOfMail = (error: unknown): NotifyFailure => {
  if (isNotifyFailure(error)) return error
  const { responseCode, command = "", code, originalCode, timeoutType } = (error ?? {}) as MailError
  const fail = (reason: NotifyFailure["reason"]): NotifyFailure =>
    notifyFailure(reason, `smtp: ${responseCode ?? originalCode ?? code ?? "failed"}`, {
      ...(responseCode === undefined ? {} : { vendorCode: String(responseCode) }),
    })
  if (code === "EAUTH" || code === "ENOAUTH") return fail("credentials")
  if (responseCode === undefined) {
    const early = [code, originalCode, timeoutType].some((one) => beforeTheText.has(one))
    return fail(early ? "unreachable" : "unknown-outcome")
  }
  if (responseCode < 500) return fail("unreachable")
  return fail(command === "RCPT TO" ? "recipient" : "refused")
}
