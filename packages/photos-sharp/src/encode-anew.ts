/**
 * From whatever somebody sent to a JPEG of ours, or to the reason why not.
 */
import { type PhotoRefusal, photosFailure } from "@yingshao/ports/photos"
import sharp, { type Metadata } from "sharp"

export interface EncodeLimits {
  /** Bytes of what is sent. */
  readonly bytes: number
  /** Width times height as the header declares them. */
  readonly pixels: number
  /** The longer side of what is kept, in pixels. */
  readonly sidePx: number
  /** JPEG quality, 1 to 100. */
  readonly quality: number
  /** The longest that decoding and encoding may take, in seconds. */
  readonly seconds: number
}

export const usualEncodeLimits: EncodeLimits = {
  bytes: 20_000_000,
  pixels: 50_000_000,
  sidePx: 2_048,
  quality: 82,
  seconds: 20,
}

export type Encoded =
  | {
      readonly kind: "encoded"
      readonly bytes: Uint8Array
      readonly widthPx: number
      readonly heightPx: number
    }
  | { readonly kind: "refused"; readonly code: PhotoRefusal }

/**
 * Reads the header, then decodes, turns upright, shrinks and encodes.
 *
 * The same bytes give the same bytes under one release of libvips.
 *
 * @throws PhotosFailure `unavailable` when it takes longer than `seconds`.
 */
export const encodeAnew = async (original: Uint8Array, limits: EncodeLimits): Promise<Encoded> => {
  if (original.length > limits.bytes) return refused("too-large")
  if (!isKnown(original)) return refused("not-a-picture")
  const source = Buffer.from(original.buffer, original.byteOffset, original.byteLength)
  const options = { limitInputPixels: false, failOn: "error", sequentialRead: true } as const
  let header: Metadata
  try {
    header = await sharp(source, options).metadata()
  } catch {
    return refused("not-a-picture")
  }
  const { width = 0, height = 0, pages = 1 } = header
  if (width < 1 || height < 1) return refused("not-a-picture")
  if (pages > 1) return refused("animated")
  if (width * height > limits.pixels) return refused("too-many-pixels")
  try {
    const { data, info } = await sharp(source, { ...options, limitInputPixels: limits.pixels })
      .autoOrient()
      .resize({ width: limits.sidePx, height: limits.sidePx, fit: "inside", withoutEnlargement: true })
      .flatten({ background: "white" })
      .toColourspace("srgb")
      .jpeg({ quality: limits.quality })
      .timeout({ seconds: limits.seconds })
      .toBuffer({ resolveWithObject: true })
    return { kind: "encoded", bytes: new Uint8Array(data), widthPx: info.width, heightPx: info.height }
  } catch (error) {
    if (error instanceof Error && /timeout/i.test(error.message)) {
      throw photosFailure("unavailable", `a photo took longer than ${limits.seconds} s`)
    }
    return refused("not-a-picture")
  }
}

// internal

const refused = (code: PhotoRefusal): Encoded => ({ kind: "refused", code })

/**
 * The kinds that phones and screens make, by their first bytes: the library under sharp reads many more,
 * some of which, like SVG, can ask for files and addresses.
 */
const isKnown = (bytes: Uint8Array): boolean =>
  begins(bytes, [0xff, 0xd8, 0xff]) ||
  begins(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) ||
  (begins(bytes, [0x52, 0x49, 0x46, 0x46]) && begins(bytes.subarray(8), [0x57, 0x45, 0x42, 0x50]))

const begins = (bytes: Uint8Array, by: readonly number[]): boolean =>
  by.every((byte, at) => bytes[at] === byte)
