/**
 * What people call the keys of core that no policy names. Categories, classes, tiers and obligations have
 * their names in the policy document.
 */
import { type Text, text } from "./language.ts"

export const reportStatusWords: Readonly<Record<string, Text>> = {
  new: text("待应哨", "not answered"),
  open: text("办理中", "open"),
  withheld: text("压下不派", "withheld"),
  closed: text("已归档", "closed"),
}

export const rewardStatusWords: Readonly<Record<string, Text>> = {
  verifying: text("核实中", "being verified"),
  declined: text("不奖励", "no reward"),
  approved: text("待领取", "to be collected"),
  credited: text("积分已记", "points credited"),
  paid: text("现金已付", "cash paid"),
  forfeited: text("逾期未领", "forfeited"),
}

export const roleWords: Readonly<Record<string, Text>> = {
  reporter: text("报送人", "reporter"),
  "squad-leader": text("分队长", "squad leader"),
  captain: text("队长", "captain"),
  "duty-officer": text("应哨专人", "duty officer"),
  "department-officer": text("部门经办", "department officer"),
  verifier: text("核实人", "verifier"),
  approver: text("审批人", "approver"),
  payer: text("发放人", "payer"),
  "programme-admin": text("社工部", "programme admin"),
  "policy-officer": text("规则员", "policy officer"),
  auditor: text("审计员", "auditor"),
  partner: text("对接系统", "partner"),
  scheduler: text("系统", "the system"),
}

/** Minutes for people: days, hours and minutes, at most two of them. */
export const spanText = (minutes: number): Text => {
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60]
  if (days > 0)
    return text(
      `${days} 天${hours > 0 ? ` ${hours} 小时` : ""}`,
      `${days} d${hours > 0 ? ` ${hours} h` : ""}`,
    )
  if (hours > 0)
    return text(
      `${hours} 小时${rest > 0 ? ` ${rest} 分` : ""}`,
      `${hours} h${rest > 0 ? ` ${rest} min` : ""}`,
    )
  return text(`${rest} 分`, `${rest} min`)
}

/** Fen as yuan. @example yuanText(12050) // => "120.50" */
export const yuanText = (fen: number): string => {
  const sign = fen < 0 ? "-" : ""
  const whole = Math.floor(Math.abs(fen) / 100)
  const rest = Math.abs(fen) % 100
  const grouped = String(whole).replace(/\B(?=(\d{3})+$)/g, ",")
  return `${sign}${grouped}${rest === 0 ? "" : `.${String(rest).padStart(2, "0")}`}`
}
