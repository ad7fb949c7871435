/**
 * A request's body as JSON, bounded before anything parses it: bytes, depth and number of values.
 *
 * A parser or a schema that recurses can be brought down by a text of brackets alone, so the text is
 * measured first, without recursion.
 */
import { declaredLength } from "../web/body-limit.ts"
import { WebFailure } from "../web/failure.ts"
import { arrived } from "../web/form-body.ts"
import { text } from "../web/language.ts"

export interface JsonLimits {
  readonly bytes: number
  readonly depth: number
  /** Values of any kind, containers included. */
  readonly values: number
}

/** The largest command adopts a policy; all others fit into much less. */
export const jsonLimits: JsonLimits = { bytes: 512_000, depth: 24, values: 10_000 }

/**
 * @throws WebFailure 413 for too many bytes, 415 for another type, 400 for what is no JSON, too deep or too
 *   much, or names `__proto__`.
 */
export const readJson = async (request: Request, limits: JsonLimits = jsonLimits): Promise<unknown> => {
  if (!/^application\/(json|merge-patch\+json)\s*(;|$)/i.test(request.headers.get("content-type") ?? "")) {
    throw new WebFailure(
      415,
      "not-json",
      text("请求体要用 application/json。", "the body must be application/json"),
    )
  }
  const bytes = await readBytes(request, limits.bytes)
  let body: string
  try {
    body = utf8.decode(bytes)
  } catch {
    throw bad("no UTF-8")
  }
  const excess = jsonExcess(body, limits)
  if (excess !== undefined) throw bad(excess)
  try {
    return JSON.parse(body) as unknown
  } catch {
    throw bad("no JSON")
  }
}

/** All bytes of a body; reading stops at the limit, or where the header says that the body ends. */
export const readBytes = async (request: Request, most: number): Promise<Uint8Array> => {
  const declared = declaredLength(request.headers)
  if (declared !== undefined) {
    if (declared > most) throw tooManyBytes(most)
    return new Uint8Array(await arrived(request.arrayBuffer()))
  }
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of request.body ?? []) {
    length += part.length
    if (length > most) throw tooManyBytes(most)
    parts.push(part)
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)
}

/**
 * What is too much in a JSON text, or `undefined`. Counts brackets, commas and keys outside of strings.
 *
 * @example jsonExcess("[[[[1]]]]", { bytes: 99, depth: 3, values: 99 }) // => "nested deeper than 3"
 */
export const jsonExcess = (body: string, limits: JsonLimits): string | undefined => {
  let depth = 0
  let values = 1
  for (let at = 0; at < body.length; at += 1) {
    const code = body.charCodeAt(at)
    if (code === quote) {
      const end = endOfString(body, at)
      if (isProto(body, at, end)) return "the key __proto__ is not allowed"
      at = end
    } else if (code === openBrace || code === openBracket) {
      depth += 1
      values += 1
      if (depth > limits.depth) return `nested deeper than ${limits.depth}`
    } else if (code === closeBrace || code === closeBracket) depth -= 1
    else if (code === comma) values += 1
    if (values > limits.values) return `more than ${limits.values} values`
  }
  return undefined
}

// internal

const utf8 = new TextDecoder("utf-8", { fatal: true })

const [quote, backslash, comma, openBrace, closeBrace, openBracket, closeBracket] = [
  34, 92, 44, 123, 125, 91, 93,
]

/** The place of the closing quote, or the end of the text. */
const endOfString = (body: string, start: number): number => {
  let at = start + 1
  for (; at < body.length; at += 1) {
    const code = body.charCodeAt(at)
    if (code === backslash) at += 1
    else if (code === quote) break
  }
  return at
}

/** Also when it is written with escapes. */
const isProto = (body: string, start: number, end: number): boolean => {
  const length = end - start
  if (length < 10 || length > 60) return false
  const raw = body.slice(start, end + 1)
  if (raw === '"__proto__"') return true
  if (!raw.includes("\\")) return false
  try {
    return JSON.parse(raw) === "__proto__"
  } catch {
    return false
  }
}

const bad = (why: string): WebFailure =>
  new WebFailure(400, "bad-json", text(`请求体不对:${why}。`, `the body is wrong: ${why}`))

const tooManyBytes = (most: number): WebFailure =>
  new WebFailure(
    413,
    "too-large",
    text(`请求体太大,最多 ${most} 字节。`, `the body is too large; at most ${most} bytes`),
  )
