/**
 * Photos: sent first, by themselves, and named by their hash in a report. And the check that a report names
 * none that was never sent.
 */
import { photoDigest, reportId } from "@yingshao/core/kernel/ids"
import { isReporter } from "@yingshao/core/report/report"
import type { Yingshao } from "@yingshao/engine"
import type { PhotoRefusal } from "@yingshao/ports/photos"
import * as z from "zod"
import { notFound, WebFailure } from "../web/failure.ts"
import { type Text, text } from "../web/language.ts"
import { type KnownPhotos, knownPhotos } from "./known-photos.ts"
import { type Operation, operation } from "./operation.ts"
import { readBytes } from "./read-json.ts"
import { fileRoles, holdsAny } from "./rights.ts"

const stored = z.object({
  hash: photoDigest,
  mediaType: z.enum(["image/jpeg", "image/webp"]),
  bytes: z.int(),
  widthPx: z.int(),
  heightPx: z.int(),
})

export const photoOperations = (): readonly Operation[] => [
  operation({
    id: "putPhoto",
    method: "post",
    path: "/photos",
    tag: "reports",
    summary: "Send a photo: JPEG, PNG or WebP, at most 20 MB and 50 million pixels",
    description: "It is encoded anew without metadata; the answer's hash is what a report names.",
    access: "signed-in",
    bodyType: "application/octet-stream",
    status: 201,
    answer: stored,
    run: async ({ engine, caller, c }) => {
      caller()
      const photos = storeOf(engine)
      const put = await photos.put(engine.programme, await readBytes(c.req.raw, mostPhotoBytes))
      if (put.kind === "refused") throw refusedPhoto(put.code)
      knownOf(engine)?.stored(put.photo.hash)
      return { status: 201, body: put.photo }
    },
  }),
  operation({
    id: "photo",
    method: "get",
    path: "/reports/{report}/photos/{hash}",
    tag: "reports",
    summary: "A photo of a report, for its reporters and for whoever sees files",
    access: "signed-in",
    params: z.strictObject({ report: reportId, hash: photoDigest }),
    answerType: "image/jpeg",
    run: async ({ engine, caller, path }) => {
      const { state } = await engine.queries.state("report", path.report)
      if (state.status === "none" || !state.photos.includes(path.hash)) throw notFound()
      const asker = caller()
      if (!isReporter(state, asker.person) && !holdsAny(await asker.roles(), fileRoles)) throw notFound()
      const bytes = await engine.photos?.get(engine.programme, path.hash)
      if (bytes === undefined) throw notFound()
      return { response: photoResponse(bytes) }
    },
  }),
]

/** @throws WebFailure 422 when a command names a photo that the store does not have. */
export const checkPhotos = async (engine: Yingshao, body: unknown): Promise<void> => {
  const named = typeof body === "object" && body !== null && "photos" in body ? body.photos : undefined
  // More than a command may name is refused by the engine, and not looked up here.
  if (!Array.isArray(named) || named.length > mostNamed) return
  const known = knownOf(engine)
  if (known === undefined) return
  for (const hash of named as readonly string[]) if (!(await known.isThere(hash))) throw unknownPhoto()
}

// internal

const known = new WeakMap<Yingshao, KnownPhotos>()

const knownOf = (engine: Yingshao): KnownPhotos | undefined => {
  if (engine.photos === undefined) return undefined
  const found = known.get(engine) ?? knownPhotos(engine.photos, engine.programme)
  known.set(engine, found)
  return found
}

const mostPhotoBytes = 20_000_000
const mostNamed = 9

/** Never guessed to be something else, never shown inside another site, never kept by a proxy. */
const photoResponse = (bytes: Uint8Array): Response =>
  new Response(new Uint8Array(bytes), {
    headers: {
      "Content-Type": "image/jpeg",
      "Content-Disposition": 'inline; filename="photo.jpg"',
      "Cache-Control": "private, max-age=86400, immutable",
    },
  })

const storeOf = (engine: Yingshao) => {
  if (engine.photos !== undefined) return engine.photos
  throw new WebFailure(501, "no-photos", text("这台服务器没有照片库。", "this server keeps no photos"))
}

const refusedPhoto = (code: PhotoRefusal): WebFailure =>
  new WebFailure(code === "too-large" ? 413 : 422, `photo-${code}`, refusals[code])

const refusals: Readonly<Record<PhotoRefusal, Text>> = {
  "too-large": text("照片太大,最多 20 MB。", "the photo is too large; at most 20 MB"),
  "too-many-pixels": text("照片像素太多,最多 5000 万。", "the photo has too many pixels; at most 50 million"),
  "not-a-picture": text(
    "这不是能用的照片,请用 JPEG、PNG 或 WebP。",
    "this is no photo that can be used; send a JPEG, PNG or WebP",
  ),
  animated: text("不收动图,请用照片。", "no animations please; send a photo"),
}

const unknownPhoto = (): WebFailure =>
  new WebFailure(
    422,
    "unknown-photo",
    text("照片还没有上传:先上传照片,再上报。", "this photo was never sent: send it first, then report"),
  )
