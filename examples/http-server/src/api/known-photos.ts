/**
 * Which photos are in the store, for the report that follows its photo a moment later.
 *
 * Reading a photo only to see that it is there cost more than checking the report did. Whatever was stored or
 * found counts as there for ten minutes; a photo that is removed meanwhile may be named by a report until then,
 * and is shown as missing like every photo that was erased.
 */
import type { Photos } from "@yingshao/ports/photos"

export interface KnownPhotos {
  /** It was stored just now. */
  stored(hash: string): void
  isThere(hash: string): Promise<boolean>
}

/** @param now milliseconds that only grow. */
export const knownPhotos = (
  photos: Photos,
  programme: string,
  now: () => number = () => performance.now(),
): KnownPhotos => {
  /** When each was seen, the earliest first. */
  const seenMs = new Map<string, number>()
  const stored = (hash: string): void => {
    seenMs.delete(hash)
    seenMs.set(hash, now())
    for (const [earliest] of seenMs) {
      if (seenMs.size <= mostKnown) break
      seenMs.delete(earliest)
    }
  }
  return {
    stored,
    async isThere(hash) {
      const seen = seenMs.get(hash)
      if (seen !== undefined && now() - seen < knownForMs) return true
      if ((await photos.get(programme, hash)) === undefined) return false
      stored(hash)
      return true
    },
  }
}

// internal

const knownForMs = 10 * 60_000
const mostKnown = 10_000
