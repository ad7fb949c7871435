/**
 * `yingshao policy timeline`: what holds from when to when.
 */
import { type TimelineRow, timelineRows } from "@yingshao/policy/compare/timeline-rows"
import { openSound } from "../policy/open-sound.ts"
import { text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"
import { table } from "../terminal/table.ts"

/** @returns 0. */
export const policyTimeline = async (
  file: string,
  { on, all }: { readonly on?: string; readonly all?: boolean },
  out: Output,
): Promise<number> => {
  const policy = openSound(file)
  const date = on ?? policy.versionStarts.at(-1) ?? policy.effectiveFrom
  const rows = timelineRows(policy.model, date)
  const versions = policy.resolved.versions.map(({ number, from }) => ({ number, from }))
  if (out.json) {
    out.line(
      JSON.stringify({ policy: policy.id, digest: policy.digest, on: date, versions, rows }, undefined, 2),
    )
    return 0
  }
  out.paragraph(
    out.say(
      text(
        `${policy.id}:${versions.length} 版,${versions.map((one) => `第 ${one.number} 版自 ${one.from}`).join(",")};下面是 ${date} 的情况`,
        `${policy.id}: ${versions.length} version(s), ${versions.map((one) => `v${one.number} from ${one.from}`).join(", ")}; as of ${date}`,
      ),
    ),
  )
  out.line()
  const shown = all === true ? rows : rows.filter(({ kind, until }) => kind === "parameter" || until !== "")
  out.lines(
    table(
      [
        { head: out.say(text("名称", "name")), wraps: true },
        { head: out.say(text("内容", "says")), align: "right" },
        { head: out.say(text("自", "from")) },
        { head: out.say(text("至", "until")) },
        { head: out.say(text("状态", "status")) },
      ],
      shown.map((row) => [
        row.name,
        row.kind === "table" ? out.say(text(`${row.says} 条规则`, `${row.says} rules`)) : row.says,
        row.from,
        row.until,
        [statusWords(row, out), row.inForce ? "" : out.say(text("不在有效期", "not in force"))]
          .filter(Boolean)
          .join(" "),
      ]),
      out.width,
    ),
  )
  return 0
}

// internal

const statuses = {
  given: text("原文", "given"),
  assumed: text("假设", "assumed"),
  open: text("待定", "open"),
  confirmed: text("已确认", "confirmed"),
}

const statusWords = ({ status }: TimelineRow, out: Output): string =>
  status === undefined ? "" : out.say(statuses[status])
