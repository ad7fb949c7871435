/**
 * Files that never change while the server runs: read once, served from memory under their content's hash.
 *
 * Only what was found at the start is served, so no name in a request ever becomes a path.
 */
import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { extname, join } from "node:path"
import type { Context } from "hono"
import { notFound } from "./failure.ts"

export interface StaticFiles {
  /** The address of a file, with its hash. @throws when there is no such file: a mistake in a page. */
  url(name: string): string
  serve(c: Context): Response
}

/** @param folder every file directly in it, by name. @param base the path under which they are served. */
export const staticFiles = (folder: string, base: string): StaticFiles => {
  const files = new Map(
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && extname(entry.name) in types)
      .map(({ name }) => {
        const body = new Uint8Array(readFileSync(join(folder, name)))
        return [name, { body, type: types[extname(name)] ?? "", hash: hashOf(body) }] as const
      }),
  )
  return {
    url(name) {
      const file = files.get(name)
      if (file === undefined) throw new Error(`there is no static file ${name}`)
      return `${base}/${name}?v=${file.hash}`
    },
    serve(c) {
      const file = files.get(c.req.param("name") ?? "")
      if (file === undefined) throw notFound()
      const current = c.req.query("v") === file.hash
      return c.body(file.body, 200, {
        "Content-Type": file.type,
        "Cache-Control": current ? "public, max-age=31536000, immutable" : "no-cache",
      })
    },
  }
}

// internal

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".webmanifest": "application/manifest+json",
}

const hashOf = (body: Uint8Array): string => createHash("sha256").update(body).digest("hex").slice(0, 12)
