/**
 * Before every handler: who is asking, and whether a change really comes from our own page.
 *
 * A change under a cookie must carry the token of the form; a browser that says that another site sent it
 * is refused at once. A program sends `Authorization: Bearer` instead of a cookie, which no other site can
 * make a browser do, and needs no token.
 */
import { getConnInfo } from "@hono/node-server/conninfo"
import type { Yingshao } from "@yingshao/engine"
import type { Context, MiddlewareHandler } from "hono"
import { getCookie, setCookie } from "hono/cookie"
import type { Caller } from "../api/operation.ts"
import type { PageInbox } from "../channels/page-inbox.ts"
import { shownOf } from "../pages/shown.ts"
import { WebFailure } from "../web/failure.ts"
import { languageOf, text } from "../web/language.ts"
import type { Accounts } from "./accounts.ts"
import { freshCookie, type Sessions } from "./sessions.ts"
import { type HeldRole, rolesOf, type Visit, type VisitEnv } from "./visit.ts"

export interface Desk {
  readonly engine: Yingshao
  readonly accounts: Accounts
  readonly sessions: Sessions
  /** Notices that the page tells; left out: none. */
  readonly inbox?: Pick<PageInbox, "page"> | undefined
  /** The server is reached over https. */
  readonly https: boolean
}

/** Puts the visit into `c.var.visit`; gives a visitor the cookie that forms need. */
export const identify =
  (desk: Desk): MiddlewareHandler<VisitEnv> =>
  async (c, next) => {
    const bearer = bearerOf(c)
    let cookie = getCookie(c, cookieName(desk))
    if (
      cookie === undefined &&
      bearer === undefined &&
      c.req.method === "GET" &&
      !c.req.path.startsWith("/api/")
    ) {
      cookie = freshCookie()
      giveCookie(c, desk, cookie)
    }
    const visit = await visitOf(desk, languageOf(c), bearer ?? cookie, cookie)
    c.set("visit", { ...visit, shown: shownOf(c) })
    await next()
  }

/** Refuses a change that did not come from one of our own forms or scripts. */
export const fromOurPages =
  (desk: Desk): MiddlewareHandler<VisitEnv> =>
  async (c, next) => {
    if (safeMethods.has(c.req.method) || bearerOf(c) !== undefined) return next()
    const site = c.req.header("sec-fetch-site")
    const origin = c.req.header("origin")
    const host = c.req.header("host")
    const elsewhere =
      (site !== undefined && site !== "same-origin" && site !== "none") ||
      (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host))
    const cookie = getCookie(c, cookieName(desk)) ?? ""
    // A program without a cookie brings nothing that another site could misuse; no form can send JSON.
    if (!elsewhere && cookie === "" && c.req.path.startsWith("/api/") && !isForm(c)) return next()
    if (elsewhere || !desk.sessions.isToken(cookie, await tokenOf(c))) throw stale()
    return next()
  }

/** Signs in: a new id, so that one which somebody planted before is worth nothing. */
export const giveCookie = (c: Context, desk: Desk, id: string): void =>
  setCookie(c, cookieName(desk), id, {
    httpOnly: true,
    sameSite: "Lax",
    path: "/",
    secure: desk.https,
  })

/** The id under which this request is signed in, or could be. */
export const sessionOf = (c: Context, desk: Desk): string | undefined =>
  bearerOf(c) ?? getCookie(c, cookieName(desk))

/** For the rate limit only; never logged. */
export const addressOf = (c: Context): string => {
  try {
    return getConnInfo(c).remote.address ?? "unknown"
  } catch {
    // A request that was made in this process.
    return "unknown"
  }
}

/** The token of a program, as it stands in the header. */
export const bearerOf = (c: Context): string | undefined =>
  /^Bearer ([A-Za-z0-9_-]{43})$/.exec(c.req.header("authorization") ?? "")?.[1]

/** Who asks the API; `undefined` when nobody is signed in. Roles are read when they are asked for. */
export const callerOf = (c: Context, desk: Desk): Caller | undefined => {
  const id = sessionOf(c, desk)
  const name = id === undefined ? undefined : desk.sessions.account(id)
  const account = name === undefined ? undefined : desk.accounts.of(name)
  if (account === undefined) return undefined
  let roles: Promise<readonly HeldRole[]> | undefined
  return {
    ...account,
    roles: () => {
      roles ??= rolesOf(desk.engine, account.person)
      return roles
    },
  }
}

// internal

const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"])

const cookieName = ({ https }: Desk): string => (https ? "__Host-ys-session" : "ys-session")

const visitOf = async (
  { engine, accounts, sessions, inbox }: Desk,
  lang: Visit["lang"],
  id: string | undefined,
  cookie: string | undefined,
): Promise<Visit> => {
  const name = id === undefined ? undefined : sessions.account(id)
  const actor = name === undefined ? undefined : accounts.of(name)
  const roles = actor === undefined ? [] : await rolesOf(engine, actor.person)
  return { actor, roles, lang, csrf: sessions.token(cookie ?? ""), engine, inbox }
}

/** Forms send it as a field, scripts as a header. */
const tokenOf = async (c: Context): Promise<string> => {
  const header = c.req.header("x-csrf-token")
  if (header !== undefined) return header
  if (!isForm(c)) return ""
  try {
    const field = (await c.req.formData()).get("csrf")
    return typeof field === "string" ? field : ""
  } catch {
    return ""
  }
}

/** What a form of another site can send without asking; no type at all is one of them. */
const isForm = (c: Context): boolean =>
  /^(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain|$)/i.test(
    c.req.header("content-type") ?? "",
  )

const stale = (): WebFailure =>
  new WebFailure(
    403,
    "form-stale",
    text("这个页面已过期,请刷新后再试。", "this page is out of date; reload it and try again"),
  )
