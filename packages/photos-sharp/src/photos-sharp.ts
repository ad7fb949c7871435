/**
 * The photos port with sharp: bytes of a stranger become a plain JPEG of ours, kept by its hash.
 *
 * First the kind is told from the first bytes and the size from the header, and what is no JPEG, PNG or
 * WebP, is animated or has too many pixels is refused before a pixel is decoded. Then the picture is
 * decoded, turned upright, made no larger than a screen needs and encoded anew: no EXIF, XMP, IPTC, colour
 * profile, thumbnail or trailing byte survives (P5). Pictures are worked on a few at a time.
 *
 * What it does not do: it keeps no original and reads no claims of the camera; where a photo was taken
 * says the report.
 */
import { createHash } from "node:crypto"
import { type Photos, type PutPhoto, photosContract, photosFailure } from "@yingshao/ports/photos"
import { makeTurnstile } from "@yingshao/ports/turnstile"
import type { Blobs } from "./blobs.ts"
import { type EncodeLimits, encodeAnew, usualEncodeLimits } from "./encode-anew.ts"

export interface PhotosOptions {
  /** Where encoded pictures are kept: `folderBlobs` or `s3Blobs`. */
  readonly blobs: Blobs
  readonly limits?: Partial<EncodeLimits>
  /** Pictures decoded side by side, 1 to 16; left out: 2. Each takes about 4 bytes a pixel. */
  readonly atOnce?: number
}

/**
 * @throws RangeError for an `atOnce` out of its range.
 * @example
 *   const photos = photosSharp({ blobs: folderBlobs("/var/lib/county/photos") })
 *   await photos.put("522731", bytes) // => { kind: "stored", photo: { hash, mediaType: "image/jpeg", … }, claims: {} }
 */
export const photosSharp = ({ blobs, limits = {}, atOnce = 2 }: PhotosOptions): Photos => {
  if (!Number.isInteger(atOnce) || atOnce < 1 || atOnce > 16) {
    throw new RangeError(`atOnce is ${atOnce} and must be a whole number from 1 to 16`)
  }
  const bounds = { ...usualEncodeLimits, ...limits }
  const turns = makeTurnstile(atOnce)
  return {
    contract: photosContract,
    name: `photos-sharp/${blobs.name}`,
    async put(programme, original): Promise<PutPhoto> {
      checkProgramme(programme)
      const encoded = await turns.run(() => encodeAnew(original, bounds))
      if (encoded.kind === "refused") return encoded
      const { bytes, widthPx, heightPx } = encoded
      const hash = hashOf(bytes)
      await blobs.put(keyOf(programme, hash), bytes)
      const photo = { hash, mediaType: "image/jpeg", bytes: bytes.length, widthPx, heightPx } as const
      return { kind: "stored", photo, claims: {} }
    },
    async get(programme, hash) {
      checkProgramme(programme)
      if (!isHash(hash)) return undefined
      const bytes = await blobs.get(keyOf(programme, hash))
      if (bytes !== undefined && hashOf(bytes) !== hash) {
        throw photosFailure("corrupt", "a photo's bytes do not match its name any more")
      }
      return bytes
    },
    async remove(programme, hash) {
      checkProgramme(programme)
      return isHash(hash) && blobs.remove(keyOf(programme, hash))
    },
    close: async () => {},
  }
}

/** Where a photo lies below the folder or bucket. Two letters first, so that no folder gets long. */
export const keyOf = (programme: string, hash: string): string =>
  `${programme}/${hash.slice(0, 2)}/${hash}.jpg`

// internal

const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

const isHash = (hash: string): boolean => /^[0-9a-f]{64}$/.test(hash)

/** It becomes the name of a folder. */
const checkProgramme = (programme: string): void => {
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/.test(programme)) {
    throw photosFailure("invalid", "the programme cannot be the name of a folder")
  }
}
