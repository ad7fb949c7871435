/**
 * Headers that every answer carries: nothing from other origins, no framing, no guessing of types.
 *
 * Scripts and styles come from our own files only, never from the page's text, so that a script in a
 * report stays text even where somebody forgot to escape it.
 *
 * Which headers these are says Hono's own middleware, once: they are the same for every page and for every
 * answer to a program, and setting each of them anew took more time than reading a report did.
 */
import type { HttpBindings } from "@hono/node-server"
import { Hono, type MiddlewareHandler } from "hono"
import { secureHeaders } from "hono/secure-headers"

/** @param https the server is reached over https: browsers are told to stay there. */
export const safeHeaders = (https: boolean): MiddlewareHandler => {
  const forPages = headersOf({ ...common(https), contentSecurityPolicy: pagePolicy })
  const forData = headersOf({ ...common(https), contentSecurityPolicy: dataPolicy })
  return async (c, next) => {
    const headers = await (isData(c.req.path) ? forData : forPages)
    const { outgoing } = (c.env ?? {}) as Partial<HttpBindings>
    outgoing?.setHeaders(headers)
    await next()
    // A request that was made in this process has no socket to write them to.
    if (outgoing === undefined) for (const [name, value] of headers) c.res.headers.set(name, value)
  }
}

// internal

type Settings = Parameters<typeof secureHeaders>[0]

const headersOf = async (settings: Settings): Promise<Map<string, string>> => {
  const app = new Hono().use(secureHeaders(settings)).all("*", (c) => c.body(null))
  return new Map((await app.request("/")).headers)
}

/** Answers for programs: shown in a window of their own, they may do nothing at all. */
const isData = (path: string): boolean => path.startsWith("/api/") || path.startsWith("/open311/")

const pagePolicy = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", "blob:"],
  connectSrc: ["'self'"],
  manifestSrc: ["'self'"],
  workerSrc: ["'self'"],
  formAction: ["'self'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
}

const dataPolicy = { defaultSrc: ["'none'"], frameAncestors: ["'none'"], sandbox: [] }

const common = (https: boolean): NonNullable<Settings> => ({
  permissionsPolicy: { camera: ["self"], geolocation: ["self"], microphone: [], payment: [] },
  referrerPolicy: "same-origin",
  crossOriginResourcePolicy: "same-origin",
  crossOriginOpenerPolicy: "same-origin",
  xFrameOptions: "DENY",
  strictTransportSecurity: https ? "max-age=31536000" : false,
})
