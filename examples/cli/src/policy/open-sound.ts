/**
 * A policy document that loads, from Markdown or from its canonical JSON.
 */
import { type CompiledPolicy, openPolicy } from "@yingshao/policy"
import { revive } from "@yingshao/policy/policy"
import { policyText } from "../store/policy-file.ts"
import { CliFailure } from "../terminal/failure.ts"

/**
 * @param file `*.policy.md`, or `*.json` with the canonical JSON that `policy print --canonical` wrote.
 * @throws CliFailure, exit code 2 when it cannot be read, 1 when it does not load.
 */
export const openSound = (file: string): CompiledPolicy => {
  const source = policyText(file)
  if (file.endsWith(".json")) return fromJson(file, source)
  const { policy, loads, findings } = openPolicy(source, file)
  if (policy !== undefined && loads) return policy
  const first = findings.find(({ severity }) => severity === "error")
  const at = first === undefined ? file : `${first.file}:${first.line}:${first.column}`
  throw new CliFailure(
    1,
    `规则文件不能用:${at} ${first?.code ?? ""} ${first?.zh ?? ""}`,
    `the policy does not load: ${at} ${first?.code ?? ""} ${first?.en ?? ""}`,
  )
}

// internal

const fromJson = (file: string, source: string): CompiledPolicy => {
  try {
    return revive(source)
  } catch (error) {
    const why = error instanceof Error ? error.message : ""
    throw new CliFailure(1, `${file} 不是规则的规范 JSON:${why}`, `${file} is no canonical policy: ${why}`)
  }
}
