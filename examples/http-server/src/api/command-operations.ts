/**
 * Every command of core as an operation: `POST /api/commands/{Type}` with the payload as the body.
 *
 * `Idempotency-Key` is the command's id: the same key with the same body gets the same answer, whatever
 * happened to the first one. The answer names what changed, and not how: events of others are not shown.
 */
import {
  type CommandInput,
  type CommandType,
  commands,
  commandTypes,
  definitionOf,
} from "@yingshao/core/commands"
import { type Role, role } from "@yingshao/core/kernel/roles"
import { instant } from "@yingshao/core/kernel/time"
import { parseStreamKey } from "@yingshao/core/streams"
import type { Answer, Seen } from "@yingshao/engine/handle"
import * as z from "zod"
import { notYours, refusedAs, WebFailure } from "../web/failure.ts"
import { text } from "../web/language.ts"
import { type Asked, type Caller, type Operation, operation } from "./operation.ts"
import { checkPhotos } from "./photo-operations.ts"
import { holdsAny } from "./rights.ts"

/** What a command's headers say. */
export const commandHeaders = z.object({
  "idempotency-key": z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,119}$/, "1 to 120 of A-Z, a-z, 0-9, . _ : and -")
    .describe("the command's id: the same on every retry, its own for each person"),
  "acting-role": role
    .exclude(["scheduler"])
    .optional()
    .describe("in which role; left out: the first of the command's roles that the person holds"),
  "if-match": z
    .string()
    .regex(/^"v\d{1,9}"$/, 'an ETag as a case gives it: "v12"')
    .optional()
    .describe(
      "the ETag of the case that one looked at; 412 when it has moved on since. A repeat gets its answer all the same",
    ),
})

const accepted = z.object({
  number: z.int().describe("place in the journal"),
  at: instant,
  changed: z.array(z.object({ kind: z.string(), id: z.string(), version: z.int() })),
})

const preview = z.object({
  ok: z.boolean(),
  code: z.string().optional().describe("why it would be refused"),
  zh: z.string().optional(),
  en: z.string().optional(),
})

export const commandOperations = (): readonly Operation[] =>
  commandTypes.flatMap((type) => [
    operation({
      id: type,
      method: "post",
      path: `/commands/${type}`,
      tag: "commands",
      summary: wordsOf(type),
      description: `May be given by: ${commands[type].roles.join(", ")}.`,
      access: "signed-in",
      headers: commandHeaders,
      body: commands[type].payload as z.ZodType,
      checkedByEngine: true,
      answer: accepted,
      run: (asked) => give(asked, type),
    }),
    operation({
      id: `preview${type}`,
      method: "post",
      path: `/previews/${type}`,
      tag: "previews",
      summary: `What would come of it: ${wordsOf(type).toLowerCase()}`,
      description: "Asks the rules and changes nothing.",
      access: "signed-in",
      headers: commandHeaders.pick({ "acting-role": true }),
      body: commands[type].payload as z.ZodType,
      checkedByEngine: true,
      answer: preview,
      run: async ({ engine, caller, body, c }) => {
        const by = {
          person: caller().person,
          role: await roleFor(caller(), type, c.req.header("acting-role"), body),
        }
        const outcome = await engine.rules.preview(input(type, "preview", by, body))
        if (outcome.ok) return { body: { ok: true } }
        const { code, say } = refusedAs(outcome.refusal)
        return { body: { ok: false, code, ...say } }
      },
    }),
  ])

/** The shortest way to report: `POST /api/reports`, answered with the address of the new report. */
export const submitOperation = (): Operation =>
  operation({
    id: "submit",
    method: "post",
    path: "/reports",
    tag: "reports",
    summary: "Report something: the command SubmitReport",
    access: "signed-in",
    headers: commandHeaders,
    body: commands.SubmitReport.payload as z.ZodType,
    checkedByEngine: true,
    status: 201,
    answer: accepted,
    answerHeaders: { Location: "address of the report" },
    run: async (asked) => {
      const reply = await give(asked, "SubmitReport")
      const { changed } = reply.body as z.output<typeof accepted>
      const report = changed.find(({ kind }) => kind === "report")
      return { ...reply, status: 201, headers: { Location: `/api/reports/${report?.id}` } }
    },
  })

/** Quotes, as the draft of the header's standard writes them, are taken off. */
export const keyOf = (header: string | undefined): string => {
  const key = (header ?? "").replace(/^"(.*)"$/, "$1")
  if (commandHeaders.shape["idempotency-key"].safeParse(key).success) return key
  throw new WebFailure(
    400,
    "idempotency-key-needed",
    text(
      "请求头 Idempotency-Key 要有 1 至 120 个字符(A-Z a-z 0-9 . _ : -),重试时不变。",
      "the header Idempotency-Key is needed: 1 to 120 of A-Z, a-z, 0-9, . _ : and -, the same on every retry",
    ),
  )
}

// internal

const give = async ({ engine, caller, body, c }: Asked<unknown, unknown, unknown>, type: CommandType) => {
  const asker = caller()
  await checkPhotos(engine, body)
  const by = { person: asker.person, role: await roleFor(asker, type, c.req.header("acting-role"), body) }
  const seen = seenBy(type, body, c.req.header("if-match"))
  const answer = await engine.handle(input(type, keyOf(c.req.header("idempotency-key")), by, body), seen)
  return { body: shown(answer, asker, body) }
}

const input = (type: CommandType, id: string, by: CommandInput["by"], body: unknown): CommandInput =>
  ({ ...(body as object), type, id, by }) as CommandInput

/** Kinds of cases that are given out with an ETag. */
const cases: ReadonlySet<string> = new Set(["report", "incident", "reward"])

/** Which case the asker looked at, and its version then; a body that is wrong is the engine's to refuse. */
const seenBy = (type: CommandType, body: unknown, header: string | undefined): Seen | undefined => {
  if (header === undefined || header === "*") return undefined
  const { payload, queue } = definitionOf(type)
  const parsed = payload.safeParse(body)
  if (!parsed.success) return undefined
  const stream = queue(parsed.data)
  const version = /^"v(\d{1,9})"$/.exec(header)?.[1]
  if (version !== undefined && cases.has(parseStreamKey(stream)?.kind ?? "")) {
    return { stream, version: Number(version) }
  }
  throw new WebFailure(
    400,
    "if-match-wrong",
    text(
      '请求头 If-Match 是信息、事件或奖励的 ETag,例如 "v12",只用于办理这些事的命令。',
      'the header If-Match is the ETag of a report, incident or reward, such as "v12", for commands about one',
    ),
  )
}

/** The engine looks again whether the person holds it. */
const roleFor = async (
  caller: Caller,
  type: CommandType,
  asked: string | undefined,
  body: unknown,
): Promise<Role> => {
  if (asked !== undefined) {
    const parsed = commandHeaders.shape["acting-role"].safeParse(asked)
    if (!parsed.success || parsed.data === undefined) throw notYours()
    return parsed.data
  }
  const may: readonly Role[] = commands[type].roles
  // Everybody is a reporter, and by the app also those who have another role report as one.
  if ((may.length === 1 && may[0] === "reporter") || byApp(type, body)) return "reporter"
  const held = await caller.roles()
  const found = may.find((one) => one !== "reporter" && holdsAny(held, [one]))
  if (found !== undefined) return found
  if (may.includes("reporter")) return "reporter"
  throw notYours()
}

const byApp = (type: CommandType, body: unknown): boolean =>
  type === "SubmitReport" &&
  typeof body === "object" &&
  body !== null &&
  "channel" in body &&
  body.channel === "app"

/** What changed, without the persons whom the asker did not name. */
const shown = (answer: Answer, caller: Caller, body: unknown): z.output<typeof accepted> => {
  if (!answer.ok) throw refusedAs(answer.refusal)
  const named = JSON.stringify(body)
  const latest = new Map<string, number>()
  for (const { stream, version } of answer.events) latest.set(stream, version)
  const changed = [...latest].flatMap(([stream, version]) => {
    const address = parseStreamKey(stream)
    if (address === undefined) return []
    const { kind, id } = address
    const known = !personal.has(kind) || id === caller.person || named.includes(`"${id}"`)
    return known ? [{ kind, id, version }] : []
  })
  return { number: answer.number, at: answer.at, changed }
}

/** Streams whose id is a person's handle. */
const personal: ReadonlySet<string> = new Set(["participant", "staff", "account"])

/** @example wordsOf("AnswerWhistle") // => "Answer whistle" */
const wordsOf = (type: string): string => {
  const words = type.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return words
}
