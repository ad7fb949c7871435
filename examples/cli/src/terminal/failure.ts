/**
 * How a command ends badly: a sentence with what and where in both languages, and an exit code.
 *
 * 1: it was read and the answer is no. 2: it could not be read or asked at all.
 */
import type { Text } from "./language.ts"

export class CliFailure extends Error {
  readonly _tag = "CliFailure"
  readonly exitCode: 1 | 2
  readonly say: Text
  constructor(exitCode: 1 | 2, zh: string, en: string) {
    super(en)
    this.exitCode = exitCode
    this.say = { zh, en }
  }
}

/** The sentence and exit code for anything thrown. Never a stack: what nobody expected says so and how to see more. */
export const failureOf = (error: unknown): CliFailure => {
  if (error instanceof CliFailure) return error
  const { _tag: tag, reason, message, code } = fields(error)
  if (tag === "StorageFailure") {
    const what = storageReasons[reason] ?? storageReasons.unavailable
    const exitCode = reason === "foreign-file" || reason === "newer-schema" || reason === "corrupt" ? 2 : 1
    return new CliFailure(exitCode, `数据库${what?.zh}:${message}`, `the database ${what?.en}: ${message}`)
  }
  if (tag === "CannotOpen")
    return new CliFailure(2, `打不开这个项目:${message}`, `the programme does not open: ${message}`)
  if (tag === "Unreadable") {
    return new CliFailure(
      2,
      `读不出:${message};归档文件若已移走,请放回原处,或用 --archives 指明目录`,
      `${message}; an archive that was moved away is put back, or its folder named with --archives`,
    )
  }
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG")
    return new CliFailure(1, `磁盘已满:${message}`, `the disk is full: ${message}`)
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
    return new CliFailure(2, `没有权限:${message}`, `not permitted: ${message}`)
  }
  return new CliFailure(
    1,
    `程序出错:${message}(设 YINGSHAO_DEBUG=1 可看详细位置)`,
    `something failed that should not: ${message} (set YINGSHAO_DEBUG=1 to see where)`,
  )
}

// internal

const storageReasons: Readonly<Record<string, Text>> = {
  full: {
    zh: "写不进去,磁盘已满;没有写入的部分不算数",
    en: "cannot be written: the disk is full; nothing was half applied",
  },
  busy: { zh: "正被别的程序占用", en: "is in use by another program" },
  "newer-schema": { zh: "来自更新的版本,请升级程序", en: "is from a newer version; update the program" },
  "foreign-file": { zh: "不是本程序的文件", en: "is not a file of this program" },
  corrupt: { zh: "已损坏", en: "is damaged" },
  invalid: { zh: "拒绝了这次写入", en: "refused what it was given" },
  closed: { zh: "已关闭", en: "is closed" },
  unavailable: { zh: "不能使用", en: "is not available" },
}

const fields = (error: unknown) => {
  const record = typeof error === "object" && error !== null ? (error as Record<string, unknown>) : {}
  const of = (key: string) => (typeof record[key] === "string" ? record[key] : "")
  return { _tag: of("_tag"), reason: of("reason"), message: of("message") || String(error), code: of("code") }
}
