/**
 * The inbox: what partners answer, from any transport, into the programme.
 *
 * A receipt becomes one command whose id follows from its source and its own id: it enters in the commit of
 * its effect, once, however often it comes (I7). Only fields that the ladder knows are kept; a field that
 * does not fit is no reason to lose the receipt: it is parked with what is wrong with it. The same id with
 * other words is parked as well.
 *
 * What it does not do: it checks no signature. `source` is whom the transport has authenticated.
 */
import { lacking, type Receipt, receipt } from "@yingshao/core/inbox/ladder"
import { schedulerActor } from "@yingshao/core/kernel/roles"
import { instant } from "@yingshao/core/kernel/time"
import type { PartnerReceipt } from "@yingshao/ports/dispatcher"
import { canonical, sha256 } from "./canonical.ts"
import type { StoredEvent } from "./entry.ts"
import { Defect } from "./failures.ts"
import type { Answer, Handler } from "./handle.ts"

/** What became of a receipt; the same again when it comes again. `receipt` is its key. */
export type Received =
  /** `effect`: `acknowledged`, `handled`, `older`, …; see `core/inbox/order`. */
  | { readonly kind: "taken"; readonly receipt: string; readonly effect: string }
  /**
   * Kept for its order or for a person. A partner may hear the `problem`, which lies in its own words, and never
   * `why`: another's order is a missing one (Z5).
   */
  | { readonly kind: "parked"; readonly receipt: string; readonly why: string; readonly problem?: string }
  /** Parked earlier, under a command id that is not kept any more. */
  | { readonly kind: "known"; readonly receipt: string }

export interface Inbox {
  /**
   * Takes one receipt in. Resolves after the commit.
   *
   * @throws Busy, Defect, Unreadable, or the store's `StorageFailure`: then it must come again.
   * @example await yingshao.receive({ id: "1", source: "water", type: "received", ref: order, time, data: {} })
   *   // => { kind: "taken", receipt: "5f0c…", effect: "acknowledged" }
   */
  receive(given: PartnerReceipt): Promise<Received>
}

export const makeInbox = (handler: Pick<Handler, "issue">): Inbox => ({
  async receive(given) {
    const facts = factsOf(given)
    const key = keyOf([facts.source, facts.id])
    const answer = await issue(handler, key, facts)
    if (answer.ok) return received(key, answer.events)
    if (answer.refusal.code !== "command-id-reused") return failed()
    const other = keyOf([facts.source, facts.id, canonical(facts)])
    const parked = await issue(handler, other, {
      ...facts,
      problem: "its id was used for other words already",
    })
    return parked.ok ? received(other, parked.events) : failed()
  },
})

/** The key of a receipt: under it the stream `receipt/{key}` stands where it was parked. */
export const receiptKeyOf = (source: string, id: string): string => keyOf([source, id])

// internal

const command = "TakeReceipt"

const keyOf = (parts: readonly string[]): string =>
  sha256(`yingshao/receipt/1\n${parts.join("\n")}`).slice(0, 40)

const issue = (handler: Pick<Handler, "issue">, key: string, facts: Receipt): Promise<Answer> =>
  handler.issue({ type: command, id: `receipt-${key}`, by: schedulerActor }, { key, receipt: facts })

const failed = (): never => {
  throw new Defect({ invariant: "I7", command })
}

const received = (key: string, events: readonly StoredEvent[]): Received => {
  for (const { event } of events) {
    const { type, effect, why, receipt: kept } = event as { readonly [field: string]: unknown }
    if (type === "ReceiptTaken") return { kind: "taken", receipt: key, effect: String(effect) }
    if (type === "ReceiptParked") {
      const problem = lacking(kept as Receipt)
      return { kind: "parked", receipt: key, why: String(why), ...(problem === undefined ? {} : { problem }) }
    }
  }
  return { kind: "known", receipt: key }
}

/** The fields that the ladder knows, each as it fits, and the first thing that does not. */
const factsOf = (given: PartnerReceipt): Receipt => {
  const problems: string[] = []
  const text = (field: string, value: unknown, mostChars: number): string | undefined => {
    if (value === undefined || value === null) return undefined
    if (typeof value !== "string") return wrong(`\`${field}\` is no text`)
    const whole = value.toWellFormed().trim()
    if (whole.length <= mostChars) return whole === "" ? undefined : whole
    wrong(`\`${field}\` is longer than ${mostChars} characters`)
    return whole.slice(0, mostChars).toWellFormed()
  }
  const name = (field: string, value: string): string => {
    if (/^[A-Za-z0-9._:-]{1,100}$/.test(value)) return value
    wrong(`\`${field}\` is not 1 to 100 letters, digits, . _ : and -`)
    return sha256(value).slice(0, 40)
  }
  const whole = (field: string, value: unknown, least: number, most: number): number | undefined => {
    if (value === undefined || value === null) return undefined
    if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most)
      return value as number
    return wrong(`\`${field}\` is no whole number from ${least} to ${most}`)
  }
  const wrong = (problem: string): undefined => {
    problems.push(problem)
    return undefined
  }
  const { data } = given
  const time = instant.safeParse(given.time)
  if (!time.success) wrong("`time` is no instant")
  const optional = {
    partnerRef: text("partnerRef", given.partnerRef, 200),
    reason: text("data.reason", data.reason, 500),
    result: text("data.result", data.result, 1_000),
    to: text("data.to", data.to, 100),
    minutes: whole("data.minutes", data.minutes, 1, 525_600),
    residentsBenefited: whole("data.residentsBenefited", data.residentsBenefited, 0, 1_000_000),
  }
  const facts = {
    id: name("id", given.id),
    source: name("source", given.source),
    type: given.type,
    ref: name("data.ref", given.ref),
    time: time.success ? time.data : unknownTime,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  }
  return receipt.parse(problems[0] === undefined ? facts : { ...facts, problem: problems[0] })
}

const unknownTime = "1970-01-01T00:00:00.000Z"
