/**
 * `yingshao receipts list | retry | dismiss`: what partners said that could not be taken, and what becomes of it.
 *
 * Shown are key, partner, type, order, since when and why. The partner's own words are not: they may hold names.
 */
import { randomUUID } from "node:crypto"
import type { CommandInput } from "@yingshao/core/commands"
import { lacking } from "@yingshao/core/inbox/ladder"
import type { ParkedWhy, ReceiptState } from "@yingshao/core/inbox/parked-receipt"
import { refusalText } from "@yingshao/core/refusal-messages"
import { systemClock } from "@yingshao/engine/engine-clock"
import { localTime } from "../read/local-time.ts"
import { type ProgrammeOptions, withProgramme } from "../store/recorded-programme.ts"
import { type Text, text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"

export interface ReceiptsListOptions extends ProgrammeOptions {
  /** Receipts printed at most. */
  readonly limit: number
}

/** @returns 1 when some are parked. */
export const receiptsList = (options: ReceiptsListOptions, out: Output): Promise<number> =>
  withProgramme(options, async ({ yingshao, policy, record }) => {
    const { limit } = options
    const { rows, cursor } = await yingshao.queries.page({ index: "receipts", equals: "parked", limit })
    const shown = rows.flatMap(({ id, state }) => rowOf(id, state as ReceiptState))
    if (out.json) {
      const more = cursor !== undefined
      out.line(JSON.stringify({ programme: record.programme, rows: shown, more }, undefined, 2))
      return shown.length === 0 ? 0 : 1
    }
    for (const { key, source, type, ref, parkedAt, why, problem } of shown) {
      const when = localTime(parkedAt, policy.timeZone)
      out.paragraph(`${key} ${source} ${out.say(types[type])}`, "  ")
      out.paragraph(`  ${when} ${out.say(reasons[why])}${problem === undefined ? "" : ` ${problem}`}`, "  ")
      out.paragraph(`  ${out.say(text("派单", "order"))} ${ref}`, "  ")
    }
    if (cursor !== undefined) out.line(out.say(text("(还有,--limit 可加大)", "(there are more: --limit)")))
    out.line(out.say(text(`待处理回执 ${shown.length} 条`, `${shown.length} receipts are parked`)))
    return shown.length === 0 ? 0 : 1
  })

export interface ReceiptActOptions extends ProgrammeOptions {
  readonly key: string
  /** Handle of who decides. */
  readonly by: string
  readonly as: "duty-officer" | "programme-admin"
}

/** @returns 1 when it still cannot be taken, or is not parked. */
export const receiptsRetry = (options: ReceiptActOptions, out: Output): Promise<number> =>
  act(options, out, { type: "RetryReceipt" }, text("已入账", "taken"))

/** @returns 1 when it is not parked. */
export const receiptsDismiss = (
  options: ReceiptActOptions & { readonly why: string },
  out: Output,
): Promise<number> =>
  act(options, out, { type: "DismissReceipt", reason: options.why }, text("已注销", "dismissed"))

// internal

type Act = { readonly type: "RetryReceipt" } | { readonly type: "DismissReceipt"; readonly reason: string }

const act = (options: ReceiptActOptions, out: Output, what: Act, done: Text): Promise<number> =>
  withProgramme(
    options,
    async ({ yingshao }) => {
      const { key, by, as } = options
      const command = { ...what, id: `cli-${randomUUID()}`, by: { person: by, role: as }, receipt: key }
      const answer = await yingshao.handle(command as CommandInput)
      if (out.json) {
        out.line(JSON.stringify(answer.ok ? { key, ok: true } : { key, ok: false, refusal: answer.refusal }))
      } else if (answer.ok) out.paragraph(`${key} ${out.say(done)}`)
      else {
        const { refusal } = answer
        out.paragraph(out.say(text(refusalText(refusal, "zh"), refusalText(refusal, "en"))))
      }
      return answer.ok ? 0 : 1
    },
    systemClock,
  )

const rowOf = (key: string, state: ReceiptState) => {
  if (state.status === "none") return []
  const { source, type, ref } = state.receipt
  const { parkedAt, why } = state
  return [{ key, source, type, ref, parkedAt, why, problem: lacking(state.receipt) }]
}

const reasons: Readonly<Record<ParkedWhy, Text>> = {
  "unknown-order": text("没有这个派单", "no order has this id"),
  "not-addressed": text("该单位无权办理这个派单", "the partner is not appointed for this order"),
  incomplete: text("内容不全或不合格式:", "something is missing or does not fit:"),
}

const types = {
  received: text("签收", "received"),
  refused: text("退单", "refused"),
  transferred: text("转办", "transferred"),
  started: text("办理中", "started"),
  "extension-asked": text("延期", "extension asked"),
  result: text("办结", "result"),
  withdrawn: text("撤回", "withdrawn"),
} as const
