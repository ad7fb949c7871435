/**
 * The channels of a county from one JSON file: which robots, endpoints and mail server there are, and the plan.
 *
 * No secret stands in the file. Where one is needed the file says where it is: `env:NAME` for a variable of the
 * environment, `file:PATH` for a file whose first line it is. What is wrong is said with its place in the file,
 * never with the text that stands there.
 */
import { existsSync, readFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { channelPlan, defaultChannelPlan } from "@yingshao/core/notice/channel-plan"
import * as z from "zod"
import { shortText } from "../store/plain-file.ts"
import { CliFailure } from "../terminal/failure.ts"

/** Where a secret is. */
const secret = z
  .string()
  .regex(
    /^(env:[A-Za-z_][A-Za-z0-9_]{0,100}|file:[^\0]{1,500})$/,
    "a secret does not stand here: write env:NAME or file:PATH",
  )

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$/, "1 to 60 letters, digits, _ . -")
const origin = z.url({ protocol: /^https?$/ }).optional()

const file = z.strictObject({
  channels: z.strictObject({
    wecom: z.strictObject({ robots: z.record(name, z.strictObject({ key: secret })), origin }).optional(),
    dingtalk: z
      .strictObject({ robots: z.record(name, z.strictObject({ token: secret, secret })), origin })
      .optional(),
    feishu: z
      .strictObject({ robots: z.record(name, z.strictObject({ token: secret, secret })), origin })
      .optional(),
    webhook: z
      .strictObject({
        endpoints: z.record(name, z.strictObject({ url: z.url(), secrets: z.array(secret).min(1).max(5) })),
        audience: z.enum(["one-person", "group"]).optional(),
      })
      .optional(),
    smtp: z
      .strictObject({
        host: z.string().min(1).max(253),
        port: z.int().min(1).max(65_535),
        /** TLS from the first byte, as on port 465; else STARTTLS is demanded. */
        secure: z.boolean(),
        user: z.string().min(1).max(200),
        password: secret,
        from: z.string().min(3).max(200),
        messageIdDomain: z.string().min(3).max(253),
      })
      .optional(),
  }),
  /** Addresses that are not public and may be reached all the same, such as `10.1.0.0/16`. */
  privateRanges: z.array(z.string().max(60)).max(50).default([]),
  /** `http:` without TLS: for a closed network only. */
  plainHttp: z.boolean().default(false),
  plan: channelPlan.default(defaultChannelPlan),
})

export type ChannelsFile = z.output<typeof file>
export type ChannelName = keyof ChannelsFile["channels"]
export const channelNames: readonly ChannelName[] = ["wecom", "dingtalk", "feishu", "webhook", "smtp"]

/** @throws CliFailure, exit code 2, with the place of what is wrong. */
export const readChannelsFile = (path: string): ChannelsFile => {
  let given: unknown
  try {
    given = JSON.parse(shortText(path))
  } catch (error) {
    if (error instanceof CliFailure) throw error
    throw new CliFailure(2, `${path} 不是 JSON`, `${path} is no JSON`)
  }
  const parsed = file.safeParse(given)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const place = issue?.path.join(".") || "(top)"
  const why = issue?.code === "unrecognized_keys" ? `unknown: ${issue.keys.join(", ")}` : issue?.message
  throw new CliFailure(2, `${path}:${place} 不合要求(${why})`, `${path}: ${place}: ${why}`)
}

/**
 * The secret that a place of the file points to.
 *
 * @param base the file's own path: `file:` is read from beside it.
 * @throws CliFailure, exit code 2, when there is none.
 */
export const secretAt = (
  where: string,
  base: string,
  environment: Readonly<Record<string, string | undefined>>,
): string => {
  const [kind, rest] = [where.slice(0, where.indexOf(":")), where.slice(where.indexOf(":") + 1)]
  if (kind === "env") {
    const value = environment[rest]
    if (value !== undefined && value !== "") return value
    throw new CliFailure(2, `环境变量 ${rest} 没有设置`, `the environment variable ${rest} is not set`)
  }
  const path = resolve(dirname(base), rest)
  const first = existsSync(path) ? readFileSync(path, "utf8").split(/\r?\n/, 1)[0] : undefined
  if (first !== undefined && first !== "") return first
  throw new CliFailure(2, `密钥文件 ${rest} 没有或为空`, `the secret's file ${rest} is missing or empty`)
}
