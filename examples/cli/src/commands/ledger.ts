/**
 * `yingshao ledger`: what every account holds, what moved on one, and whether the books balance.
 */
import type { CivilDate } from "@yingshao/core/kernel/time"
import { chartOfAccounts, kindOf, type Unit } from "@yingshao/core/ledger/chart-of-accounts"
import { type TrialBalance, trialBalance } from "@yingshao/core/ledger/trial-balance"
import { localTime } from "../read/local-time.ts"
import { type Posted, postingsOf } from "../read/postings.ts"
import { type ProgrammeOptions, type RecordedProgramme, withProgramme } from "../store/recorded-programme.ts"
import { CliFailure } from "../terminal/failure.ts"
import { type Text, text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"
import { table } from "../terminal/table.ts"
import { yuanText } from "../terminal/words.ts"

export interface LedgerOptions extends ProgrammeOptions {
  readonly account?: string | undefined
  /** The last civil date that counts. */
  readonly asOf?: string | undefined
}

export const ledger = (options: LedgerOptions, out: Output): Promise<number> =>
  withProgramme(options, async (programme) => {
    const all = await postingsOf(programme.yingshao.queries, programme.policy.timeZone)
    const { asOf } = options
    const postings = asOf === undefined ? all : all.filter(({ on }) => on <= (asOf as CivilDate))
    return options.account === undefined
      ? printBalances(out, programme, postings, asOf)
      : printRegister(out, programme, postings, options.account)
  })

// internal

const units = ["fen", "points"] as const
const unitWords: Readonly<Record<Unit, Text>> = {
  fen: text("现金(元)", "cash (yuan)"),
  points: text("积分(分)", "points"),
}

const amountText = (unit: Unit, amount: number): string =>
  unit === "fen" ? yuanText(amount) : String(amount)

const printBalances = (
  out: Output,
  { record }: RecordedProgramme,
  postings: readonly Posted[],
  asOf: string | undefined,
): number => {
  const balances = trialBalance(postings.map(({ posting }) => posting))
  const ok = units.every(
    (unit) => balances[unit].total === 0 && balances[unit].issued === balances[unit].accountedFor,
  )
  if (out.json) {
    const shown = Object.fromEntries(units.map((unit) => [unit, plain(balances[unit])]))
    out.line(
      JSON.stringify(
        { day: record, asOf: asOf ?? null, postings: postings.length, ok, ...shown },
        undefined,
        2,
      ),
    )
    return ok ? 0 : 1
  }
  const { say } = out
  const until = asOf === undefined ? text("", "") : text(`,截至 ${asOf}`, `, as of ${asOf}`)
  out.line(
    say(
      text(
        `项目 ${record.programme},${postings.length} 笔分录${until.zh}`,
        `Programme ${record.programme}, ${postings.length} postings${until.en}`,
      ),
    ),
  )
  for (const unit of units) {
    out.heading(unitWords[unit])
    printUnit(out, unit, balances[unit])
  }
  out.line()
  out.paragraph(
    say(
      ok
        ? text(
            "试算平衡:两种单位的合计都是 0,发出的都有去处。",
            "trial balance: both units add up to 0, and all that was issued is accounted for.",
          )
        : text("试算不平!请运行 yingshao doctor。", "the books do not balance: run yingshao doctor."),
    ),
  )
  return ok ? 0 : 1
}

const mostPersons = 12

const printUnit = (out: Output, unit: Unit, balance: TrialBalance): void => {
  const { say, language } = out
  const rows = chartOfAccounts
    .filter((kind) => kind.unit === unit)
    .map((kind) => [
      kind.control,
      language === "zh" ? kind.nameZh : kind.nameEn,
      amountText(unit, balance.controls.get(kind.control) ?? 0),
    ])
  const columns = [
    { head: say(text("科目", "account")) },
    { head: say(text("名称", "name")), wraps: true },
    { head: say(text("余额", "balance")), align: "right" as const },
  ]
  out.lines(
    table(columns, [...rows, ["", say(text("合计", "total")), amountText(unit, balance.total)]], out.width),
  )
  const persons = [...balance.accounts]
    .filter(([account, amount]) => amount !== 0 && kindOf(unit, account)?.per === "person")
    .sort(([, a], [, b]) => Math.abs(b) - Math.abs(a))
  if (persons.length === 0) return
  const shown = persons
    .slice(0, mostPersons)
    .map(([account, amount]) => `${account} ${amountText(unit, amount)}`)
  const more = persons.length - shown.length
  out.paragraph(
    say(
      text(
        `个人账户 ${persons.length} 个有余额:${shown.join("、")}${more > 0 ? ` 等(--json 可看全部)` : ""}`,
        `${persons.length} personal accounts hold something: ${shown.join(", ")}${more > 0 ? ` … (--json shows all)` : ""}`,
      ),
    ),
    "  ",
  )
}

const plain = ({ accounts, controls, total, issued, accountedFor }: TrialBalance) => ({
  total,
  issued,
  accountedFor,
  controls: Object.fromEntries(controls),
  accounts: Object.fromEntries(accounts),
})

const printRegister = (
  out: Output,
  { record, policy }: RecordedProgramme,
  postings: readonly Posted[],
  asked: string,
): number => {
  const account = accountOf(asked, postings)
  const registers = units.flatMap((unit) => {
    const lines = registerOf(unit, account, postings)
    return lines.length === 0 ? [] : [{ unit, lines }]
  })
  if (out.json) {
    out.line(JSON.stringify({ day: record, account, registers }, undefined, 2))
    return 0
  }
  const { say } = out
  out.line(
    say(
      text(`项目 ${record.programme},账户 ${account}`, `Programme ${record.programme}, account ${account}`),
    ),
  )
  for (const { unit, lines } of registers) {
    out.heading(unitWords[unit])
    out.lines(
      table(
        [
          { head: say(text("时间", "time")) },
          { head: say(text("事由", "reason")) },
          { head: say(text("凭据", "about")), wraps: true },
          { head: say(text("金额", "amount")), align: "right" },
          { head: say(text("余额", "balance")), align: "right" },
        ],
        lines.map(({ at, reason, ref, amount, balance }) => [
          localTime(at, policy.timeZone),
          say(reasonWords[reason] ?? text(reason, reason)),
          ref,
          amountText(unit, amount),
          amountText(unit, balance),
        ]),
        out.width,
      ),
    )
  }
  return 0
}

const reasonWords: Readonly<Record<string, Text>> = {
  grant: text("记积分", "grant"),
  award: text("发奖", "award"),
  payment: text("付款", "payment"),
  forfeiture: text("逾期", "forfeiture"),
  clawback: text("追回", "clawback"),
  settlement: text("退还", "settlement"),
  hold: text("冻结", "hold"),
  redemption: text("兑换", "redemption"),
  release: text("解冻", "release"),
  expiry: text("过期", "expiry"),
  reversal: text("冲正", "reversal"),
}

const registerOf = (unit: Unit, account: string, postings: readonly Posted[]) => {
  let balance = 0
  return postings.flatMap(({ at, posting }) => {
    const amount =
      posting.unit === unit ? posting.entries.find((entry) => entry.account === account)?.amount : undefined
    if (amount === undefined) return []
    balance += amount
    return [{ at, posting: posting.id, reason: posting.reason, ref: posting.ref, amount, balance }]
  })
}

/** The account asked for, or the only one that begins so. */
const accountOf = (asked: string, postings: readonly Posted[]): string => {
  const moved = new Set(postings.flatMap(({ posting }) => posting.entries.map(({ account }) => account)))
  if (moved.has(asked)) return asked
  const begun = [...moved].filter((account) => account.startsWith(asked) || account.endsWith(`/${asked}`))
  const [only] = begun
  if (only !== undefined && begun.length === 1) return only
  if (begun.length > 1) {
    const some = begun.sort().slice(0, 6).join(", ")
    throw new CliFailure(
      1,
      `“${asked}”可以是 ${begun.length} 个账户:${some}……`,
      `"${asked}" may be ${begun.length} accounts: ${some} …`,
    )
  }
  const kinds = [
    ...new Set(chartOfAccounts.map(({ control, per }) => (per === undefined ? control : `${control}/…`))),
  ].join(", ")
  throw new CliFailure(
    1,
    `账户 ${asked} 没有分录;科目有:${kinds}`,
    `nothing was posted to ${asked}; the accounts are ${kinds}`,
  )
}
