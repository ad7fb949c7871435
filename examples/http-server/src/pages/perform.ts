/**
 * Gives the command of a form and answers with the next page, or with the sentence of the refusal.
 */
import type { CommandInput } from "@yingshao/core/commands"
import type { Refusal } from "@yingshao/core/kernel/refusal"
import type { Role } from "@yingshao/core/kernel/roles"
import type { Answer } from "@yingshao/engine/handle"
import type { Context } from "hono"
import { html } from "hono/html"
import { actAs, type Visit, type VisitEnv } from "../session/visit.ts"
import { refusalSentence, statusOf } from "../web/failure.ts"
import { text } from "../web/language.ts"
import { commandId } from "./form.ts"
import { layout } from "./layout.ts"

/** One command of a person in a role. */
export interface Wish {
  readonly type: CommandInput["type"]
  readonly as: Role
  readonly payload: object
  /** The id that the form carried. */
  readonly command: string
}

export const give = (visit: Visit, { type, as, payload, command }: Wish): Promise<Answer> =>
  visit.engine.handle({
    ...payload,
    type,
    id: commandId(command, [type, payload]),
    by: actAs(visit, as),
  } as CommandInput)

/**
 * Gives the command; then to `to`, which says what was done, or back with the refusal's sentence.
 *
 * @param to a path of ours; its page tells `done` (a key of `done.ts`).
 * @param back where the form stands.
 */
export const perform = async (
  c: Context<VisitEnv>,
  wish: Wish,
  to: string,
  done: string,
  back: string,
): Promise<Response> => {
  const answer = await give(c.var.visit, wish)
  return answer.ok ? onward(c, to, done) : refused(c, answer.refusal, back)
}

export const onward = (c: Context, to: string, done: string): Response =>
  c.redirect(`${to}${to.includes("?") ? "&" : "?"}done=${done}`, 303)

export const refused = async (c: Context<VisitEnv>, refusal: Refusal, back: string): Promise<Response> => {
  const { visit } = c.var
  const page = layout(
    visit,
    text("没有办成", "That did not work"),
    html`<p role="alert" class="problem">${refusalSentence(refusal)[visit.lang]}</p>
      <p><a class="button" href="${back}">${text("返回再试", "Back")[visit.lang]}</a></p>`,
  )
  return c.html(await page, statusOf(refusal.code))
}
