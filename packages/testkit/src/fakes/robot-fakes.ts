/**
 * Strict fakes of the three group robots and of a receiver of Standard Webhooks.
 *
 * Each checks what its vendor checks, by code of its own and not by the adapters': path, key, signature, time
 * window, message type and the object that it names, bytes. What they do not do: they count no messages a
 * minute; `rate-limited` is a mood.
 */
import { createHmac } from "node:crypto"
import { type FakeAnswer, type FakeRequest, type FakeVendor, type Judged, json } from "./fake-server.ts"

/** What the fakes are opened with; tests give the same to the adapter. */
export interface FakeKeys {
  readonly token: string
  readonly secret: string
}

/** WeCom: the key in the query, one of two message types, 4,096 or 2,048 bytes. */
export const wecomFake = (keys: FakeKeys): FakeVendor => ({
  answers: {
    "rate-limited": json({ errcode: 45009, errmsg: "api freq out of limit" }),
    "error-body": json({ errcode: 40008, errmsg: "invalid message type" }),
    "unheard-code": json({ errcode: 987654, errmsg: "?" }),
    "wrong-key": json({ errcode: 93000, errmsg: "invalid webhook url" }),
  },
  judge: (request) => {
    if (request.path !== "/cgi-bin/webhook/send") return refused("path", json({}, 404))
    if (request.query.get("key") !== keys.token) {
      return refused("key", json({ errcode: 93000, errmsg: "invalid webhook url" }))
    }
    const message = parse(request.body)
    const type = message?.msgtype
    const limit = type === "markdown" ? 4_096 : 2_048
    if (type !== "markdown" && type !== "text") return refused("msgtype", json({ errcode: 40008 }))
    const text = textIn(message?.[type], "content")
    if (text === undefined || Buffer.byteLength(text) > limit) {
      return refused("content", json({ errcode: 40008 }))
    }
    return taken(undefined, text, json({ errcode: 0, errmsg: "ok" }))
  },
})

/** DingTalk: token, millisecond and signature in the query, within an hour. */
export const dingtalkFake = (keys: FakeKeys, now: () => number): FakeVendor => ({
  answers: {
    "rate-limited": json({ errcode: 130101, errmsg: "send too fast" }),
    "error-body": json({ errcode: 400013, errmsg: "group is disbanded" }),
    "unheard-code": json({ errcode: 987654, errmsg: "?" }),
    "wrong-key": json({ errcode: 310000, errmsg: "sign not match" }),
  },
  judge: (request) => {
    const wrong = json({ errcode: 310000, errmsg: "sign not match" })
    if (request.path !== "/robot/send") return refused("path", json({}, 404))
    if (request.query.get("access_token") !== keys.token) return refused("token", wrong)
    const timestamp = request.query.get("timestamp") ?? ""
    if (!/^\d{13}$/.test(timestamp) || Math.abs(now() - Number(timestamp)) > 3_600_000) {
      return refused("timestamp in milliseconds", wrong)
    }
    const sign = createHmac("sha256", keys.secret).update(`${timestamp}\n${keys.secret}`).digest("base64")
    if (request.query.get("sign") !== sign) return refused("signature", wrong)
    const message = parse(request.body)
    if (message?.msgtype !== "markdown" && message?.msgtype !== "text") {
      return refused("msgtype", json({ errcode: 40035, errmsg: "invalid message type" }))
    }
    const text = textIn(message[message.msgtype], message.msgtype === "markdown" ? "text" : "content")
    if (text === undefined || Buffer.byteLength(request.body) > 24_000) {
      return refused("content", json({ errcode: 40035, errmsg: "invalid content" }))
    }
    return taken(undefined, text, json({ errcode: 0, errmsg: "ok" }))
  },
})

/** Feishu: second and signature in the body, within an hour, 20 KB. */
export const feishuFake = (keys: FakeKeys, now: () => number): FakeVendor => ({
  answers: {
    "rate-limited": json({ code: 9499, msg: "too many request" }, 400),
    "error-body": json({ code: 9499, msg: "Bad Request" }, 400),
    "unheard-code": json({ code: 987654, msg: "?" }),
    "wrong-key": json({ code: 19021, msg: "sign match fail or timestamp is not within one hour" }),
  },
  judge: (request) => {
    if (request.path !== `/open-apis/bot/v2/hook/${keys.token}`) return refused("path", json({}, 404))
    const message = parse(request.body)
    const wrong = json({ code: 19021, msg: "sign match fail or timestamp is not within one hour" })
    const timestamp = message?.timestamp
    if (typeof timestamp !== "string" || !/^\d{10}$/.test(timestamp)) {
      return refused("timestamp in seconds, as text", wrong)
    }
    if (Math.abs(now() / 1_000 - Number(timestamp)) > 3_600) return refused("timestamp", wrong)
    const sign = createHmac("sha256", `${timestamp}\n${keys.secret}`).digest("base64")
    if (message?.sign !== sign) return refused("signature", wrong)
    const text = message.msg_type === "text" ? textIn(message.content, "text") : undefined
    if (text === undefined || Buffer.byteLength(request.body) > 20_480) {
      return refused("msg_type or content", json({ code: 9499, msg: "Bad Request" }, 400))
    }
    return taken(undefined, text, json({ code: 0, msg: "success" }))
  },
})

/** A receiver of Standard Webhooks 1.0: three headers, five minutes, `whsec_` secrets. */
export const webhookFake = (keys: FakeKeys, now: () => number): FakeVendor => ({
  answers: {
    "rate-limited": { status: 429, headers: { "retry-after": "60" }, body: "" },
    "error-body": { status: 422, body: "" },
    "unheard-code": { status: 418, body: "" },
    "wrong-key": { status: 401, body: "" },
  },
  judge: (request) => {
    const problem = webhookFault(request, keys.secret, now())
    if (problem !== undefined) return refused(problem, { status: 401, body: "" })
    const message = parse(request.body)
    if (typeof message?.type !== "string" || typeof message.data !== "object") {
      return refused("type and data", { status: 422, body: "" })
    }
    return taken(request.headers["webhook-id"], JSON.stringify(message.data), { status: 204, body: "" })
  },
})

/** What is wrong with the signature of a webhook, by a reading of the specification of its own. */
export const webhookFault = (request: FakeRequest, secret: string, nowMs: number): string | undefined => {
  const id = request.headers["webhook-id"]
  const timestamp = request.headers["webhook-timestamp"]
  if (id === undefined || id === "") return "no message id"
  if (timestamp === undefined || !/^\d{10}$/.test(timestamp)) return "timestamp in seconds"
  if (Math.abs(nowMs / 1_000 - Number(timestamp)) > 300) return "timestamp outside of five minutes"
  const key = Buffer.from(secret.slice("whsec_".length), "base64")
  const wanted = createHmac("sha256", key).update(`${id}.${timestamp}.${request.body}`).digest("base64")
  const given = (request.headers["webhook-signature"] ?? "").split(" ")
  return given.includes(`v1,${wanted}`) ? undefined : "signature"
}

// internal

const taken = (id: string | undefined, text: string, answer: FakeAnswer): Judged => ({
  kind: "taken",
  delivery: { id, text },
  answer,
})

const refused = (problem: string, answer: FakeAnswer): Judged => ({ kind: "refused", problem, answer })

type Fields = Readonly<Record<string, unknown>>

const parse = (text: string): Fields | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null ? (value as Fields) : undefined
  } catch {
    return undefined
  }
}

const textIn = (value: unknown, field: string): string | undefined => {
  if (typeof value !== "object" || value === null) return undefined
  const text = (value as Fields)[field]
  return typeof text === "string" && text !== "" ? text : undefined
}
