/**
 * The photos port, `photos/1`: re-encoded pictures by the hash of their bytes.
 *
 * Bytes arrive as a stranger sent them. An adapter reads the header first and refuses what declares too many
 * pixels, decodes, and encodes anew, so that no EXIF, XMP, IPTC, thumbnail or trailing byte survives. Only
 * the new bytes are kept, and their SHA-256 is the picture's name.
 *
 * What it does not do: it does not keep the original, and it does not know whose picture it is.
 */

export const photosContract = "photos/1"

/** SHA-256 of the re-encoded bytes, 64 lower-case hex digits. */
export type PhotoHash = string

export interface StoredPhoto {
  readonly hash: PhotoHash
  readonly mediaType: "image/jpeg" | "image/webp"
  readonly bytes: number
  readonly widthPx: number
  readonly heightPx: number
}

/** What the camera wrote into the original, read before it is thrown away; claims of a client, no facts. */
export interface PhotoClaims {
  /** ISO 8601 UTC. */
  readonly takenAt?: string
  /** Degrees, WGS-84. */
  readonly latitudeWgs84?: number
  readonly longitudeWgs84?: number
}

export type PhotoRefusal = "too-large" | "too-many-pixels" | "not-a-picture" | "animated"

export type PutPhoto =
  | { readonly kind: "stored"; readonly photo: StoredPhoto; readonly claims: PhotoClaims }
  | { readonly kind: "refused"; readonly code: PhotoRefusal }

export interface Photos {
  readonly contract: typeof photosContract
  readonly name: string
  /** Re-encodes and stores. The same picture again gives the same hash and stores nothing new. */
  put(programme: string, original: Uint8Array): Promise<PutPhoto>
  /** The re-encoded bytes, or `undefined`. Bytes that no longer match their hash are a failure. */
  get(programme: string, hash: PhotoHash): Promise<Uint8Array | undefined>
  /** True when there was one. At the end of retention, or at erasure. */
  remove(programme: string, hash: PhotoHash): Promise<boolean>
  close(): Promise<void>
}

/** What the methods reject with. */
export interface PhotosFailure extends Error {
  readonly _tag: "PhotosFailure"
  readonly reason: "unavailable" | "full" | "corrupt" | "invalid" | "closed"
}

/** Makes a `PhotosFailure`. `_tag` is compared, never the class. */
export const photosFailure = (
  reason: PhotosFailure["reason"],
  message: string,
  cause?: unknown,
): PhotosFailure =>
  Object.assign(new Error(message, cause === undefined ? undefined : { cause }), {
    _tag: "PhotosFailure" as const,
    reason,
  })

export const isPhotosFailure = (error: unknown): error is PhotosFailure =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "PhotosFailure"
