/**
 * What a page shows when a request ends badly: one sentence, and the way back.
 */
import { html } from "hono/html"
import type { Visit } from "../session/visit.ts"
import type { WebFailure } from "../web/failure.ts"
import { text } from "../web/language.ts"
import { layout } from "./layout.ts"

export const failurePage = (visit: Visit, failure: WebFailure) =>
  layout(
    visit,
    text("没有办成", "That did not work"),
    html`
      <p role="alert">${failure.say[visit.lang]}</p>
      <p><a href="${failure.status === 401 ? "/sign-in" : "/"}">${
        failure.status === 401
          ? text("登录", "Sign in")[visit.lang]
          : text("回首页", "Back to the start")[visit.lang]
      }</a></p>
    `,
  )
