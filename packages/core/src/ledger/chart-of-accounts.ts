/**
 * The chart of accounts: every account that a posting may name, in both units, as data.
 *
 * Value starts at one source (`issued` points, the `budget` of a year) and is always somewhere: with a
 * person, or at one of the ends. So at every moment the source's outflow is the sum of all other value
 * accounts (L5). The memo pair beside them says what a person still has to give back; it holds no value
 * and is zero by itself.
 *
 * Accounts of one person or year carry a handle after a slash: `spendable/p-17`, `budget/2026`. The part
 * before it is the control account.
 */
export type Unit = "fen" | "points"

export interface AccountKind {
  readonly unit: Unit
  /** The control account: the name without a handle. */
  readonly control: string
  /** What stands after the slash; `undefined`: the account is one for all. */
  readonly per: "person" | "year" | undefined
  readonly role: "source" | "standing" | "end" | "memo"
  readonly nameZh: string
  readonly nameEn: string
}

export const chartOfAccounts: readonly AccountKind[] = [
  {
    unit: "points",
    control: "issued",
    per: undefined,
    role: "source",
    nameZh: "已发积分",
    nameEn: "points issued",
  },
  {
    unit: "points",
    control: "spendable",
    per: "person",
    role: "standing",
    nameZh: "可用积分",
    nameEn: "points that can be spent",
  },
  {
    unit: "points",
    control: "held",
    per: "person",
    role: "standing",
    nameZh: "冻结积分",
    nameEn: "points held for a redemption",
  },
  {
    unit: "points",
    control: "redeemed",
    per: undefined,
    role: "end",
    nameZh: "已兑换积分",
    nameEn: "points redeemed",
  },
  {
    unit: "points",
    control: "expired",
    per: undefined,
    role: "end",
    nameZh: "过期积分",
    nameEn: "points expired",
  },
  {
    unit: "points",
    control: "forfeited",
    per: undefined,
    role: "end",
    nameZh: "作废积分",
    nameEn: "points forfeited",
  },
  {
    unit: "points",
    control: "clawed-back",
    per: undefined,
    role: "end",
    nameZh: "追回积分",
    nameEn: "points clawed back",
  },
  {
    unit: "points",
    control: "receivable",
    per: "person",
    role: "memo",
    nameZh: "应退积分",
    nameEn: "points still to be given back",
  },
  {
    unit: "points",
    control: "receivable-contra",
    per: undefined,
    role: "memo",
    nameZh: "应退积分备查",
    nameEn: "counter-entry of points to be given back",
  },
  {
    unit: "fen",
    control: "budget",
    per: "year",
    role: "source",
    nameZh: "年度预算",
    nameEn: "budget of a year",
  },
  {
    unit: "fen",
    control: "payable",
    per: "person",
    role: "standing",
    nameZh: "应付奖金",
    nameEn: "cash awarded and not yet collected",
  },
  { unit: "fen", control: "paid", per: undefined, role: "end", nameZh: "已付奖金", nameEn: "cash paid" },
  {
    unit: "fen",
    control: "forfeited",
    per: undefined,
    role: "end",
    nameZh: "逾期未领奖金",
    nameEn: "cash not collected in time",
  },
  {
    unit: "fen",
    control: "clawed-back",
    per: undefined,
    role: "end",
    nameZh: "追回奖金",
    nameEn: "cash clawed back",
  },
  {
    unit: "fen",
    control: "receivable",
    per: "person",
    role: "memo",
    nameZh: "应退奖金",
    nameEn: "cash still to be given back",
  },
  {
    unit: "fen",
    control: "receivable-contra",
    per: undefined,
    role: "memo",
    nameZh: "应退奖金备查",
    nameEn: "counter-entry of cash to be given back",
  },
]

/** @example controlOf("spendable/p-17") // => "spendable" */
export const controlOf = (account: string): string => {
  const slash = account.indexOf("/")
  return slash < 0 ? account : account.slice(0, slash)
}

/** The kind of an account, or `undefined` when the chart has no such account in this unit. */
export const kindOf = (unit: Unit, account: string): AccountKind | undefined => {
  const control = controlOf(account)
  const kind = chartOfAccounts.find((one) => one.unit === unit && one.control === control)
  if (kind === undefined) return undefined
  const handle = account.slice(control.length + 1)
  const fits = kind.per === undefined ? account === control : handlePatterns[kind.per].test(handle)
  return fits ? kind : undefined
}

// internal

const handlePatterns = { person: /^[a-z0-9][a-z0-9-]{0,63}$/, year: /^\d{4}$/ } as const
