/**
 * Why a dispatcher did not take an order, as it may stand in the outbox for whoever looks after it.
 *
 * A port's refusal has no key, secret or text of the order in its message, and the conformance suite looks. An
 * adapter that forgot it must not expose anybody all the same: a message with a text of the order is left out, and
 * addresses and long numbers are taken out of any.
 */
import type { DispatchRefusal, Order } from "@yingshao/ports/dispatcher"

/**
 * @param dispatcher its name, with which most messages begin already.
 * @returns at most 200 characters, such as `open311: ask-a-person: tell the city of what was recalled: it has no way`.
 */
export const refusalReason = (dispatcher: string, refusal: DispatchRefusal, order: Order): string => {
  const note = `${dispatcher}: ${refusal.retry}`
  const start = `${dispatcher}: `
  const said = refusal.message.startsWith(start) ? refusal.message.slice(start.length) : refusal.message
  if (said.trim() === "" || textsOf(order.data).some((text) => said.includes(text))) return note
  return `${note}: ${said.replaceAll(/\w+:\/\/\S+/g, "(address)").replaceAll(/\d{6,}/g, "(number)")}`.slice(
    0,
    200,
  )
}

// internal

/** Codes, ids and times: words that a refusal may say, and that say nothing about anybody. */
const plainFields: ReadonlySet<string> = new Set(
  "crs scheme code level incident report order answerBy closeBy".split(" "),
)

/** One character stands in many a sentence. */
const shortestText = 2

const textsOf = (value: unknown): readonly string[] => {
  if (typeof value === "string") return value.length >= shortestText ? [value] : []
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([field, one]) => (plainFields.has(field) ? [] : textsOf(one)))
}
