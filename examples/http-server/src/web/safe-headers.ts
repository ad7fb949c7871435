/**
 * Headers that every answer carries: nothing from other origins, no framing, no guessing of types.
 *
 * Scripts and styles come from our own files only, never from the page's text, so that a script in a
 * report stays text even where somebody forgot to escape it.
 */
import type { MiddlewareHandler } from "hono"
import { secureHeaders } from "hono/secure-headers"

/** @param https the server is reached over https: browsers are told to stay there. */
export const safeHeaders = (https: boolean): MiddlewareHandler => {
  const forPages = secureHeaders({ ...common(https), contentSecurityPolicy: pagePolicy })
  const forData = secureHeaders({ ...common(https), contentSecurityPolicy: dataPolicy })
  return (c, next) => (isData(c.req.path) ? forData : forPages)(c, next)
}

// internal

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

const common = (https: boolean): Parameters<typeof secureHeaders>[0] => ({
  permissionsPolicy: { camera: ["self"], geolocation: ["self"], microphone: [], payment: [] },
  referrerPolicy: "same-origin",
  crossOriginResourcePolicy: "same-origin",
  crossOriginOpenerPolicy: "same-origin",
  xFrameOptions: "DENY",
  strictTransportSecurity: https ? "max-age=31536000" : false,
})
