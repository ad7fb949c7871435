/**
 * Every page and the files they need, by path.
 */
import { Hono } from "hono"
import { setCookie } from "hono/cookie"
import type { VisitEnv } from "../session/visit.ts"
import { languageCookie } from "../web/language.ts"
import { home } from "./home.ts"
import { assets } from "./layout.ts"

export const pages = (): Hono<VisitEnv> =>
  new Hono<VisitEnv>()
    .get("/", async (c) => c.html(await home(c.var.visit)))
    .get("/language/:lang{zh|en}", (c) => {
      setCookie(c, languageCookie, c.req.param("lang"), { path: "/", sameSite: "Lax", maxAge: 31_536_000 })
      return c.redirect("/", 303)
    })
    .get("/static/:name", (c) => assets.serve(c))
