/** Where somebody may go, by the roles that he or she holds. */
import type { Role } from "@yingshao/core/kernel/roles"
import type { Visit } from "../session/visit.ts"
import { type Text, text } from "../web/language.ts"

export interface Way {
  readonly to: string
  readonly name: Text
  /** One line for the first page. */
  readonly about: Text
}

/** In the order in which a report goes. Empty for a visitor. */
export const waysOf = (visit: Visit): readonly Way[] =>
  visit.actor === undefined
    ? []
    : table.filter(({ roles }) => visit.roles.some(({ role }) => roles.includes(role)))

// internal

const desk: readonly Role[] = ["duty-officer", "programme-admin"]

const way = (roles: readonly Role[], to: string, name: Text, about: Text) => ({ roles, to, name, about })

const table: readonly (Way & { readonly roles: readonly Role[] })[] = [
  way(desk, "/board", text("应哨台", "Board"), text("按时限排好的待办", "what is owed, by deadline")),
  way(
    ["duty-officer"],
    "/hotline",
    text("热线登记", "Hotline"),
    text("替来电人登记信息", "enter a report for a caller"),
  ),
  way(desk, "/map", text("地图", "Map"), text("在办事件在哪里", "where open matters are")),
  way(
    ["department-officer"],
    "/orders",
    text("本单位交办", "Orders"),
    text("签收、退单、办结、申请延期", "receive, return, finish, ask for time"),
  ),
  way(["verifier"], "/verify", text("核实", "Verify"), text("逐级核实", "confirm, level by level")),
  way(["approver"], "/approve", text("审批", "Approve"), text("审批奖励", "approve rewards")),
  way(["payer"], "/pay", text("兑付", "Pay"), text("发放现金奖励", "pay out cash awards")),
  way(
    ["policy-officer", "programme-admin"],
    "/policy",
    text("规则", "Policy"),
    text("看规则、问决定、比草案、验性质", "read, explain, compare, test"),
  ),
  way(["reporter"], "/report", text("随手拍", "Report"), text("拍照、定位、上报", "photo, place, send")),
  way(
    ["reporter"],
    "/mine",
    text("我的上报", "My reports"),
    text("到哪一步、谁在办", "how far it is, who has it"),
  ),
  way(
    ["reporter"],
    "/awards",
    text("我的奖励", "My awards"),
    text("积分、现金和理由", "points, cash and why"),
  ),
]
