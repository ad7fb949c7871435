/**
 * Signing in and out, for people by a form and for programs by `POST /api/session`.
 *
 * Attempts are limited for each address and for each name. Whatever is wrong, name, passphrase or both, the
 * answer is one and the same.
 */
import { type Context, Hono } from "hono"
import { html } from "hono/html"
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible"
import * as z from "zod"
import { layout } from "../pages/layout.ts"
import { WebFailure } from "../web/failure.ts"
import { formOf } from "../web/form-body.ts"
import { text } from "../web/language.ts"
import type { Account } from "./accounts.ts"
import { addressOf, type Desk, giveCookie, sessionOf } from "./identify.ts"
import { freshCookie } from "./sessions.ts"
import type { Visit, VisitEnv } from "./visit.ts"

/** Attempts in a quarter of an hour. */
export const attemptsByAddress = 30
export const attemptsByName = 8

export const signIn = (desk: Desk, check: CheckSignIn): Hono<VisitEnv> => {
  return new Hono<VisitEnv>()
    .get("/sign-in", (c) => c.html(page(c.var.visit, undefined)))
    .post("/sign-in", async (c) => {
      const form = credentials.safeParse(Object.fromEntries((await formOf(c)).entries()))
      const account = form.success ? await check(c, form.data) : undefined
      if (account === undefined) return c.html(page(c.var.visit, wrong()), 401)
      giveCookie(c, desk, desk.sessions.start(account.account))
      return c.redirect("/", 303)
    })
    .post("/sign-out", (c) => {
      const id = sessionOf(c, desk)
      if (id !== undefined) desk.sessions.end(id)
      giveCookie(c, desk, freshCookie())
      return c.redirect("/", 303)
    })
}

/** What a form or a program sends. */
export const credentials = z.object({
  account: z.string().min(1).max(64),
  passphrase: z.string().min(1).max(200),
})

/** @returns the account, or `undefined`; after too many attempts a failure that says when to come back. */
export type CheckSignIn = (c: Context, given: z.output<typeof credentials>) => Promise<Account | undefined>

/** One for the whole server, so that form and API count together. */
export const limited = ({ accounts }: Desk): CheckSignIn => {
  const seconds = 15 * 60
  const byAddress = new RateLimiterMemory({ points: attemptsByAddress, duration: seconds })
  const byName = new RateLimiterMemory({ points: attemptsByName, duration: seconds })
  return async (c, given) => {
    const name = given.account.trim().toLowerCase()
    try {
      await byAddress.consume(addressOf(c))
      await byName.consume(name)
    } catch (limit) {
      throw limit instanceof RateLimiterRes ? tooOften(limit.msBeforeNext) : limit
    }
    const account = await accounts.check(name, given.passphrase)
    if (account !== undefined) await byName.delete(name)
    return account
  }
}

export const wrong = (): WebFailure =>
  new WebFailure(401, "sign-in-wrong", text("账号或口令不对。", "name or passphrase is wrong"))

// internal

const tooOften = (ms: number): WebFailure =>
  new WebFailure(
    429,
    "too-many-attempts",
    text("尝试次数过多,请稍后再试。", "too many attempts; please wait a while"),
    { "Retry-After": `${Math.ceil(ms / 1000)}` },
  )

const page = (visit: Visit, failure: WebFailure | undefined) =>
  layout(
    visit,
    text("登录", "Sign in"),
    html`
      ${failure === undefined ? "" : html`<p class="problem" role="alert">${failure.say[visit.lang]}</p>`}
      <form method="post" action="/sign-in" class="form">
        <input type="hidden" name="csrf" value="${visit.csrf}" />
        <label class="field"><span>${visit.lang === "zh" ? "账号" : "Name"}</span>
          <input name="account" autocomplete="username" required maxlength="64" autocapitalize="none" /></label>
        <label class="field"><span>${visit.lang === "zh" ? "口令" : "Passphrase"}</span>
          <input name="passphrase" type="password" autocomplete="current-password" required maxlength="200" /></label>
        <button class="button">${visit.lang === "zh" ? "登录" : "Sign in"}</button>
      </form>
      <p>${
        visit.lang === "zh"
          ? "这是演示登录:账号和口令印在启动服务器的窗口里。正式使用时由县里接入自己的登录方式。"
          : "This is a demonstration: names and passphrase stand in the window where the server was started. A county brings its own sign-in."
      }</p>
    `,
  )
