/**
 * The segments of a JPEG file: its size in pixels, and a copy without metadata and trailing bytes.
 *
 * It reads headers and decodes no pixels. Comments and every application segment go (EXIF, XMP, IPTC,
 * thumbnails), and so does whatever follows the end of the picture.
 */

export interface Jpeg {
  readonly widthPx: number
  readonly heightPx: number
  readonly stripped: Uint8Array
}

/** @returns undefined for what is not a whole JPEG file. */
export const readJpeg = (bytes: Uint8Array): Jpeg | undefined => {
  if (bytes[0] !== 0xff || bytes[1] !== startOfImage) return undefined
  const kept: Uint8Array[] = [bytes.subarray(0, 2)]
  let size: { readonly widthPx: number; readonly heightPx: number } | undefined
  for (let at = 2; at + 4 <= bytes.length; ) {
    const marker = bytes[at + 1] ?? 0
    if (bytes[at] !== 0xff) return undefined
    const length = word(bytes, at + 2)
    const end = at + 2 + length
    if (length < 2 || end > bytes.length) return undefined
    if (marker === startOfScan) {
      const last = endOfImage(bytes, end)
      if (size === undefined || last === undefined) return undefined
      kept.push(bytes.subarray(at, last))
      return { ...size, stripped: new Uint8Array(Buffer.concat(kept)) }
    }
    if (isFrame(marker)) size = { heightPx: word(bytes, at + 5), widthPx: word(bytes, at + 7) }
    if (!isMetadata(marker)) kept.push(bytes.subarray(at, end))
    at = end
  }
  return undefined
}

/**
 * A small well-formed JPEG file that differs by its label, for tests and simulations. It shows nothing.
 *
 * @example readJpeg(sampleJpeg("a lamp"))?.widthPx // => 8
 */
export const sampleJpeg = (label: string): Uint8Array => {
  const scan = Array.from(Buffer.from(label), (byte) => byte & 0x7f)
  const frame = [0xff, 0xc0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0]
  return Uint8Array.from([
    0xff,
    startOfImage,
    ...frame,
    0xff,
    startOfScan,
    0,
    8,
    1,
    1,
    0,
    0,
    63,
    0,
    ...scan,
    0xff,
    0xd9,
  ])
}

// internal

const startOfImage = 0xd8
const startOfScan = 0xda

const word = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)

/** SOF0 to SOF15 without the tables that share their range. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc

/** APP0 to APP15 and comments. */
const isMetadata = (marker: number): boolean => (marker >= 0xe0 && marker <= 0xef) || marker === 0xfe

/** The place after the end marker; inside scans 0xff is followed by 0 or a restart marker. */
const endOfImage = (bytes: Uint8Array, from: number): number | undefined => {
  for (let at = from; at + 1 < bytes.length; at += 1) {
    if (bytes[at] === 0xff && bytes[at + 1] === 0xd9) return at + 2
  }
  return undefined
}
