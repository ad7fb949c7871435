/**
 * What must hold of a report beside its incident and its reward file.
 */

import { holderOf } from "../incident/incident.ts"
import { breachesOf, type Checked } from "../kernel/check.ts"
import { type Rule, read } from "../kernel/rule.ts"
import { openObligations } from "../obligation/obligation.ts"
import { programmeStream } from "../programme/programme.ts"
import type { ReportState } from "./report.ts"

export function* checkReport(state: ReportState, id: string): Rule<Checked> {
  if (state.status === "none") return { breaches: [], claims: [] }
  const programme = yield* read("programme", programmeStream)
  const active = new Set(
    programme.units.filter(({ status }) => status !== "dissolved").map((unit) => unit.id as string),
  )
  const open = openObligations(state.obligations)
  const owes = (kind: string): boolean => open.some((owed) => owed.kind === kind)
  const breaches = [
    ...breachesOf(
      [
        "F2",
        open.every(({ owner }) => active.has(owner)),
        "应办事项的责任单位不存在或已撤销",
        "an obligation's owner is not an active unit",
      ],
      [
        "F3",
        open.every((owed) => owed.extensions > 0 || owed.due <= owed.originalDue),
        "未延期的期限变晚了",
        "a due time moved later without an extension",
      ],
      ["F1", state.status !== "new" || owes("answer"), "新报没有应哨事项", "a new report owes no answer"],
      [
        "F1",
        state.status === "new" || !owes("answer"),
        "已应哨仍欠应哨",
        "an answered report still owes the answer",
      ],
      [
        "F1",
        state.status !== "open" || owes("followUp"),
        "办理中却不欠回访",
        "an open report owes no follow-up",
      ],
      [
        "F1",
        state.status !== "closed" || open.length === 0,
        "已办结仍有欠办事项",
        "a closed report still owes something",
      ],
    ),
  ]
  if (state.status === "new") return { breaches, claims: [] }
  const incident = state.incident === undefined ? undefined : yield* read("incident", state.incident)
  const reward = yield* read("reward", id)
  const listed =
    incident !== undefined &&
    incident.status !== "none" &&
    incident.reports.some(({ report }) => report === id)
  const holds = incident !== undefined && incident.status !== "none" && holderOf(incident.claim) === id
  return {
    breaches: [
      ...breaches,
      ...breachesOf(
        ["F1", listed, "事件里没有这件信息", "its incident does not know the report"],
        [
          "L14",
          (state.rank === "first") === holds,
          "首报与事件记录不一致",
          "report and incident disagree about the first report",
        ],
        ["F5", state.status !== "closed" || state.replies > 0, "没有回应就办结", "closed without a reply"],
        [
          "S7",
          state.status !== "withheld" || (state.negative !== "none" && state.facts.danger === "no"),
          "不符合压下不派的条件",
          "withheld although it may not be",
        ],
        [
          "S7",
          state.negative === "none" || !holds,
          "触碰负面清单却是首报",
          "a negative-listed report holds the claim",
        ],
        ["F1", reward.status !== "none", "没有奖励档案", "there is no reward file"],
        [
          "S3",
          state.class === "emergency" || state.calming === undefined,
          "普通信息有待确认的急转平",
          "an ordinary report waits to be calmed",
        ],
      ),
    ],
    claims: [],
  }
}
