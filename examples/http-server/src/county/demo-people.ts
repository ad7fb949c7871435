/**
 * The people of the demonstration: fictional, one for each part that somebody plays.
 */
import type { Role } from "@yingshao/core/kernel/roles"
import type { Account } from "../session/accounts.ts"
import { text } from "../web/language.ts"

export interface DemoPerson extends Account {
  /** What the person is appointed to in a county that is opened empty. */
  readonly appointments: readonly { readonly role: Role; readonly scopes: readonly string[] }[]
}

/** By name, in the order in which a report passes through their hands. */
export const demoPeople: readonly DemoPerson[] = [
  { account: "informant", person: "p-informant", name: text("信息员", "informant"), appointments: [] },
  { account: "member", person: "p-member", name: text("队伍成员", "team member"), appointments: [] },
  {
    account: "duty",
    person: "p-duty",
    name: text("应哨专人", "duty officer"),
    appointments: [{ role: "duty-officer", scopes: ["duty-desk"] }],
  },
  {
    account: "department",
    person: "p-department",
    name: text("承办部门", "department"),
    appointments: [{ role: "department-officer", scopes: ["urban-management", "police", "community"] }],
  },
  {
    account: "village",
    person: "p-village",
    name: text("村级核实人", "verifier, village"),
    appointments: [{ role: "verifier", scopes: ["village"] }],
  },
  {
    account: "township",
    person: "p-township",
    name: text("乡级核实人", "verifier, township"),
    appointments: [{ role: "verifier", scopes: ["township"] }],
  },
  {
    account: "county",
    person: "p-county",
    name: text("县级核实人", "verifier, county"),
    appointments: [{ role: "verifier", scopes: ["county"] }],
  },
  {
    account: "approver",
    person: "p-approver",
    name: text("审批人", "approver"),
    appointments: [{ role: "approver", scopes: [] }],
  },
  {
    account: "payer",
    person: "p-payer",
    name: text("兑付人", "payer"),
    appointments: [{ role: "payer", scopes: [] }],
  },
  {
    account: "admin",
    person: "p-admin",
    name: text("社会工作部", "social-work department"),
    appointments: [{ role: "programme-admin", scopes: [] }],
  },
  {
    account: "policy",
    person: "p-policy",
    name: text("规则人员", "policy staff"),
    appointments: [{ role: "policy-officer", scopes: [] }],
  },
  {
    account: "deputy",
    person: "p-deputy",
    name: text("社会工作部副职", "social-work department, deputy"),
    appointments: [{ role: "programme-admin", scopes: [] }],
  },
  {
    account: "captain",
    person: "p-captain",
    name: text("队长", "captain"),
    appointments: [{ role: "captain", scopes: ["on-demand-delivery"] }],
  },
  {
    account: "auditor",
    person: "p-auditor",
    name: text("审计", "auditor"),
    appointments: [{ role: "auditor", scopes: [] }],
  },
]
