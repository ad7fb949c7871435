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
    ["verifier", "programme-admin"],
    "/claims",
    text("首报变更", "First reports"),
    text("两人撤销或另定首报", "a claim is revoked or given by two people"),
  ),
  way(
    ["programme-admin"],
    "/appeals",
    text("申诉复核", "Appeals"),
    text("复核不服的奖励决定", "a second look at a decision"),
  ),
  way(
    ["auditor", "programme-admin"],
    "/findings",
    text("事后认定", "Findings"),
    text("奖励发错了,两人认定、追回", "a wrong award is found and taken back"),
  ),
  way(
    ["captain", "programme-admin"],
    "/admissions",
    text("信息员准入", "Admissions"),
    text("推荐、审核、比选、发证", "recommend, review, compare, issue"),
  ),
  way(
    ["captain", "programme-admin"],
    "/roster",
    text("名册", "Roster"),
    text("提醒、暂停、恢复、清退", "remind, suspend, reinstate, remove"),
  ),
  way(
    ["duty-officer", "payer", "programme-admin"],
    "/redemptions",
    text("兑换发放", "Redemptions"),
    text("发放兑换的东西", "hand out what points were exchanged for"),
  ),
  way(
    desk,
    "/parked",
    text("对接回执", "Receipts"),
    text("收不进来的回执", "what partners said and nobody could take"),
  ),
  way(["programme-admin"], "/staff", text("岗位", "Staff"), text("任命和免去", "appoint and dismiss")),
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
  way(
    ["reporter"],
    "/notices",
    text("我的消息", "Notices"),
    text("最近告诉您的", "what you were told lately"),
  ),
  way(
    ["reporter"],
    "/redeem",
    text("积分兑换", "Use points"),
    text("用积分换东西", "exchange points for things"),
  ),
  way(
    ["reporter"],
    "/standing",
    text("我的身份", "My standing"),
    text("报名、退出、我的编号", "apply, leave, my number"),
  ),
]
