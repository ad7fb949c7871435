/**
 * How a request ends badly: a status, a stable code and a sentence in both languages.
 *
 * What nobody expected is answered with a number under which the log has it, never with its text: a message
 * of the store or a stack would tell too much.
 */

import type { Refusal } from "@yingshao/core/kernel/refusal"
import { refusalText } from "@yingshao/core/refusal-messages"
import type { ContentfulStatusCode } from "hono/utils/http-status"
import { type Text, text } from "./language.ts"

export class WebFailure extends Error {
  readonly _tag = "WebFailure"
  readonly status: ContentfulStatusCode
  readonly code: string
  readonly say: Text
  readonly headers: Readonly<Record<string, string>>
  constructor(
    status: ContentfulStatusCode,
    code: string,
    say: Text,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(say.en)
    this.status = status
    this.code = code
    this.say = say
    this.headers = headers
  }
}

/** Not there, or not for this person: the same answer, so that nobody learns which ids exist (Z5). */
export const notFound = (): WebFailure =>
  new WebFailure(404, "not-found", text("没有这个页面或这件事。", "there is no such page or matter"))

export const signInFirst = (): WebFailure =>
  new WebFailure(401, "sign-in-first", text("请先登录。", "please sign in first"))

export const notYours = (): WebFailure =>
  new WebFailure(403, "not-permitted", refusalSentence({ code: "not-permitted", detail: {} }))

/** A refusal by the rules, as the HTTP answer to whoever asked. */
export const refusedAs = (refusal: Refusal): WebFailure =>
  new WebFailure(statusOf(refusal.code), refusal.code, refusalSentence(refusal))

/** 400 for what cannot be a command, 403 for who may not, 409 for whom somebody came before, 422 for the rest. */
export const statusOf = (code: string): 400 | 403 | 409 | 422 => {
  if (code === "bad-command") return 400
  if (code === "not-permitted") return 403
  if (code === "command-id-reused" || code === "already-claimed") return 409
  return 422
}

export const refusalSentence = (refusal: Refusal): Text =>
  text(refusalText(refusal, "zh"), refusalText(refusal, "en"))

/** The answer for anything thrown; `undefined` when it is a fault of ours that belongs in the log. */
export const expected = (error: unknown): WebFailure | undefined => {
  if (error instanceof WebFailure) return error
  const tag = typeof error === "object" && error !== null && "_tag" in error ? error._tag : undefined
  if (tag === "Moved") return movedOn()
  if (tag === "Busy" || tag === "IndexBuilding" || isOutage(error)) return comeBack()
  return undefined
}

/** Store, photos or identities could not do their work; nothing is wrong with what was asked. */
export const isOutage = (error: unknown): boolean => {
  if (typeof error !== "object" || error === null || !("_tag" in error)) return false
  if (error._tag !== "IdentityFailure")
    return error._tag === "StorageFailure" || error._tag === "PhotosFailure"
  return "reason" in error && (error.reason === "unavailable" || error.reason === "closed")
}

/** Somebody else decided meanwhile; nothing happened. */
export const movedOn = (): WebFailure =>
  new WebFailure(
    412,
    "moved-on",
    text(
      "这件事在您看过之后已有变动,没有办。请看过最新情况再办。",
      "the case has moved on since you looked; nothing was done, look again first",
    ),
  )

/** An outage: the same command id may be sent again, and nothing happens twice. */
export const comeBack = (): WebFailure =>
  new WebFailure(
    503,
    "come-back",
    text("系统正忙,请稍后用同一编号再试。", "the system is busy; send the same command id again in a moment"),
    { "Retry-After": "2" },
  )
