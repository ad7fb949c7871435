/**
 * Why the server did not start, for whoever started it: a sentence in both languages for what they can mend.
 */
import { PartnersUnread } from "../county/county-partners.ts"
import { PolicyUnread } from "../county/open-county.ts"

/** @returns `undefined` for a fault of ours, which shows where it was. */
export const startFailure = (error: unknown): string | undefined => {
  const record = typeof error === "object" && error !== null ? (error as Record<string, unknown>) : {}
  const { _tag: tag, message } = record
  if (tag === "StorageFailure" || tag === "CannotOpen") {
    return `打不开数据库 · the database does not open: ${message}`
  }
  if (tag === "CliFailure") {
    const { zh, en } = record.say as { readonly zh: string; readonly en: string }
    return `${zh} · ${en}`
  }
  if (tag === "IdentityFailure") {
    const zh = record.reason === "key-unavailable" ? "姓名库与密钥库不成对,什么都没有改动" : "打不开姓名库"
    return `${zh} · ${message}`
  }
  if (error instanceof PartnersUnread) {
    return `--partners 的文件不对 · the file of --partners is wrong: ${error.message}`
  }
  if (error instanceof PolicyUnread) return `规则文件不能用 · the policy does not load: ${error.message}`
  return ofTheSystem(record)
}

// internal

/** A socket and a file may fail with the same code: which it was is told by the call. */
const ofTheSystem = ({ code, syscall, message }: Readonly<Record<string, unknown>>): string | undefined => {
  if (typeof code !== "string" || typeof syscall !== "string") return undefined
  if (syscall === "listen" || syscall === "getaddrinfo") {
    return `这个地址不能用,请换 --port 或 --host · this address cannot be used, choose another --port or --host: ${message}`
  }
  const zh = fileCodes[code]
  return zh === undefined ? undefined : `${zh}: ${message}`
}

const fileCodes: Readonly<Record<string, string>> = {
  ENOENT: "没有这个文件或目录 · no such file or folder",
  EACCES: "没有权限 · not permitted",
  EPERM: "没有权限 · not permitted",
  EROFS: "只读,写不进去 · read-only, it cannot be written",
  ENOTDIR: "路径中间有一段不是目录 · a part of the path is no folder",
  EEXIST: "已有同名文件,不是目录 · a file of this name is in the way of a folder",
  EISDIR: "是目录,不是文件 · a folder, not a file",
  ENOSPC: "磁盘已满 · the disk is full",
}
