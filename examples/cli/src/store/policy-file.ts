/**
 * The policy document that a day runs under.
 */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { Policy } from "@yingshao/core/decisions"
import type { Finding } from "@yingshao/policy"
import { CliFailure } from "../terminal/failure.ts"

/** The example that comes with the command. */
export const examplePolicy = fileURLToPath(new URL("../../../policies/huishui.policy.md", import.meta.url))

/** The text of a policy document. @throws CliFailure, exit code 2, when it cannot be read. */
export const policyText = (file: string): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file))
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : ""
    if (code === "ENOENT") throw new CliFailure(2, `没有这个文件:${file}`, `there is no file ${file}`)
    if (code === "EISDIR")
      throw new CliFailure(2, `${file} 是目录,不是文件`, `${file} is a directory, not a file`)
    if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") {
      throw new CliFailure(2, `${file} 不是 UTF-8 文本`, `${file} is no UTF-8 text`)
    }
    throw new CliFailure(2, `读不到文件 ${file}(${code})`, `the file ${file} cannot be read (${code})`)
  }
}

export interface LoadedPolicy {
  readonly policy: Policy
  readonly findings: readonly Finding[]
}

/** @throws CliFailure, exit code 2, when it cannot be read; exit code 1 when it has errors. */
export const loadPolicy = async (file: string): Promise<LoadedPolicy> => {
  const text = policyText(file)
  const { readPolicy } = await import("@yingshao/policy")
  const read = readPolicy(text, file)
  if (read.ok) return read
  const first = read.findings.find(({ severity }) => severity === "error")
  const at = first === undefined ? file : `${first.file}:${first.line}:${first.column}`
  throw new CliFailure(
    1,
    `规则文件不能用:${at} ${first?.code ?? ""} ${first?.zh ?? ""}(yingshao policy check ${file} 可看全部)`,
    `the policy does not load: ${at} ${first?.code ?? ""} ${first?.en ?? ""} (yingshao policy check ${file} shows all)`,
  )
}
