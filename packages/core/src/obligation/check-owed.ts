/**
 * What must hold of everything that is owed, whoever's state it stands in.
 */
import type { CheckLine } from "../kernel/check.ts"
import type { ProgrammeState } from "../programme/programme.ts"
import type { Obligation } from "./obligation.ts"

/** F2 and F3 of the open obligations of one state. */
export const owedLines = (open: readonly Obligation[], { units }: ProgrammeState): readonly CheckLine[] => {
  const active = new Set<string>(units.filter(({ status }) => status !== "dissolved").map(({ id }) => id))
  return [
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
  ]
}
