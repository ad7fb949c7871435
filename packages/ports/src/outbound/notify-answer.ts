/**
 * From an HTTP answer, or from none, to what a notifier must throw: the part that is the same for every
 * channel.
 *
 * A channel first looks here for what no body can change (nobody answered, a redirect, a gateway's status),
 * then into the body, where the vendor's own code decides. What it does not do: it takes no answer for a
 * success.
 */
import { type NotifyFailure, type NotifyReason, notifyFailure } from "../notifier.ts"
import { isOutboundFailure, type OutboundAnswer, retryAfterMs } from "./outbound-http.ts"

/** Vendor codes of a channel with what they mean; a code that is not here is `refused`, and kept. */
export type CodeTable = Readonly<
  Record<string, { readonly reason: NotifyReason; readonly retryAfterMs?: number }>
>

/** What a notifier throws when `Outbound` rejected. Other errors are no failure of a channel and are thrown on. */
export const failureOfOutbound = (channel: string, error: unknown): NotifyFailure => {
  if (!isOutboundFailure(error)) throw error
  const text = `${channel}: ${error.message}`
  if (error.reason === "maybe-sent") return notifyFailure("unknown-outcome", text)
  return notifyFailure(error.reason === "not-sent" ? "unreachable" : "credentials", text)
}

/**
 * What the status alone decides, or `undefined` where the body must be read.
 *
 * 429 is `rate-limited`; 401, 403, 404 and 410 are `credentials`: key or address do not serve any more; a
 * redirect is `refused` and never followed; 5xx and 408 are `unknown-outcome`; other 4xx are `refused`.
 *
 * @param nowMs the sender's clock, for a Retry-After that is a date.
 */
export const failureOfStatus = (
  channel: string,
  answer: OutboundAnswer,
  nowMs: number,
): NotifyFailure | undefined => {
  const { status } = answer
  if (status >= 200 && status < 300) return undefined
  const failed = (reason: NotifyReason, waitMs?: number): NotifyFailure =>
    notifyFailure(reason, `${channel}: status ${status}`, {
      vendorCode: String(status),
      ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    })
  if (status === 429) return failed("rate-limited", retryAfterMs(answer.headers["retry-after"], nowMs))
  if (status >= 500 || status === 408) return failed("unknown-outcome")
  return failed([401, 403, 404, 410].includes(status) ? "credentials" : "refused")
}

/**
 * What the vendor's code in the body decides, or `undefined` when it is the code of success.
 *
 * @param field where the code stands, `errcode`. @param success its value when the message was taken.
 * @returns `unknown-outcome` for a body that is no JSON object with that field, such as a login page.
 */
export const failureOfCode = (
  channel: string,
  body: string,
  { field, success, codes }: { readonly field: string; readonly success: string; readonly codes: CodeTable },
): NotifyFailure | undefined => {
  const code = codeIn(body, field)
  if (code === undefined) return notifyFailure("unknown-outcome", `${channel}: the answer cannot be read`)
  if (code === success) return undefined
  const known = Object.hasOwn(codes, code) ? codes[code] : undefined
  return notifyFailure(known?.reason ?? "refused", `${channel}: code ${code}`, {
    vendorCode: code,
    ...(known?.retryAfterMs === undefined ? {} : { retryAfterMs: known.retryAfterMs }),
  })
}

// internal

const codeIn = (body: string, field: string): string | undefined => {
  let answer: unknown
  try {
    answer = JSON.parse(body)
  } catch {
    return undefined
  }
  if (typeof answer !== "object" || answer === null || !Object.hasOwn(answer, field)) return undefined
  const code = (answer as Readonly<Record<string, unknown>>)[field]
  return typeof code === "number" || typeof code === "string" ? String(code).slice(0, 40) : undefined
}
