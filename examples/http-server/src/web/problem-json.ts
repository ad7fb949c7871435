/**
 * Failures as `application/problem+json` (RFC 9457), with the stable code and the sentence in both languages.
 */
import type { Context } from "hono"
import type { WebFailure } from "./failure.ts"

/**
 * @example { "type": "urn:yingshao:same-person", "status": 422, "code": "same-person", "title": …, "zh": …, "en": … }
 */
export const problemJson = (c: Context, { status, code, say, headers }: WebFailure): Response =>
  c.body(
    JSON.stringify({ type: `urn:yingshao:${code}`, title: say.en, status, code, zh: say.zh, en: say.en }),
    status,
    { ...headers, "Content-Type": "application/problem+json; charset=utf-8" },
  )
