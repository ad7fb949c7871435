/**
 * JSON texts of an export, bounded before they are parsed: bytes, depth, no `__proto__`, one text for one value.
 *
 * It shares no code with `canonical.ts`, so that a fault there does not hide itself.
 */

export type Bounded =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly en: string; readonly zh: string }

/** An object from its canonical text, or what is wrong with the text. Never throws. */
export const parseBounded = (
  text: string,
  limits: { readonly lineBytes: number; readonly depth: number },
): Bounded => {
  if (text.length > limits.lineBytes) return no("it is too long", "过长")
  if (isDeeper(text, limits.depth))
    return no(`it is nested deeper than ${limits.depth}`, `嵌套超过 ${limits.depth} 层`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return no("it is no JSON", "不是 JSON")
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return no("it is no JSON object", "不是 JSON 对象")
  }
  if (hasForbiddenKey(value)) return no("the key __proto__ is not allowed", "不允许键 __proto__")
  if (canonicalText(value) !== text) {
    return no("it is not in canonical form", "不是规范格式")
  }
  return { ok: true, value: value as Readonly<Record<string, unknown>> }
}

/** The canonical text of a parsed value: keys in the order of UTF-16 units, no white space. */
export const canonicalText = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null"
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([key, one]) => `${JSON.stringify(key)}:${canonicalText(one)}`).join(",")}}`
}

// internal

const no = (en: string, zh: string): Bounded => ({ ok: false, en, zh })

/** Counts brackets outside of strings; does not care whether the text is JSON. */
const isDeeper = (text: string, most: number): boolean => {
  let depth = 0
  let quoted = false
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (quoted) {
      if (unit === 0x5c) at += 1
      else if (unit === 0x22) quoted = false
    } else if (unit === 0x22) quoted = true
    else if (unit === 0x5b || unit === 0x7b) {
      depth += 1
      if (depth > most) return true
    } else if (unit === 0x5d || unit === 0x7d) depth -= 1
  }
  return false
}

const hasForbiddenKey = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.some(hasForbiddenKey)
  if (typeof value !== "object" || value === null) return false
  return Object.entries(value).some(([key, one]) => key === "__proto__" || hasForbiddenKey(one))
}
