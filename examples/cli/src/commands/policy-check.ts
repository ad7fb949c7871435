/**
 * `yingshao policy check`: what is wrong with a policy document, each finding with its place and in both
 * languages.
 */

import { policyText } from "../store/policy-file.ts"
import { text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"

/** @returns 0 clean (notes alone count as clean), 1 errors or warnings; unreadable files throw with exit code 2. */
export const policyCheck = async (file: string, out: Output): Promise<number> => {
  const source = policyText(file)
  const { readPolicy } = await import("@yingshao/policy")
  const read = readPolicy(source, file)
  const grave = read.findings.filter(({ severity }) => severity !== "note")
  if (out.json) {
    const { ok, findings } = read
    const policy = read.ok ? { id: read.policy.id, digest: read.policy.digest } : undefined
    out.line(JSON.stringify({ ok: ok && grave.length === 0, loads: ok, policy, findings }, undefined, 2))
    return grave.length === 0 ? 0 : 1
  }
  const severities = {
    error: text("错误", "error"),
    warning: text("警告", "warning"),
    note: text("提示", "note"),
  }
  for (const { code, severity, line, column, zh, en, suggestion } of read.findings) {
    out.paragraph(
      `${file}:${line}:${column} ${code} ${severities[severity].zh} ${severities[severity].en}`,
      "  ",
    )
    out.paragraph(`  ${zh}`, "  ")
    out.paragraph(`  ${en}`, "  ")
    if (suggestion !== undefined) {
      out.paragraph(`  → ${suggestion.zh}`, "    ")
      out.paragraph(`  → ${suggestion.en}`, "    ")
    }
  }
  const notes = read.findings.length - grave.length
  if (read.ok && grave.length === 0) {
    const { id, effectiveFrom, digest } = read.policy
    out.paragraph(
      out.say(
        text(
          `${file} 可用:${id},${effectiveFrom} 起,摘要 ${digest.slice(0, 12)},提示 ${notes} 条`,
          `${file} is good: ${id}, from ${effectiveFrom}, digest ${digest.slice(0, 12)}, ${notes} notes`,
        ),
      ),
    )
    return 0
  }
  out.paragraph(
    out.say(
      text(
        `${file}:${grave.length} 处要改${read.ok ? "(可以采用)" : "(不能采用,原来的规则继续有效)"},提示 ${notes} 条`,
        `${file}: ${grave.length} to mend${read.ok ? " (it loads)" : " (it does not load; the old policy stays)"}, ${notes} notes`,
      ),
    ),
  )
  return 1
}
