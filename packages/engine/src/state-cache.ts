/**
 * Parsed states of streams read lately, so that a warm command needs no read at all.
 *
 * A cached state may be behind: another process may have written since. That is safe because every state
 * a command read goes into its commit as a guard or an expected version; a stale one loses there, is
 * forgotten, and is read anew. Nothing else may be answered from here.
 *
 * Bounded by the bytes of the documents, the least recently used going first.
 */

/** A stream's state at a version. Shared between commands: never changed in place. */
export interface StreamState {
  readonly version: number
  readonly state: unknown
}

export interface StateCache {
  get(stream: string): StreamState | undefined
  /** Keeps the newer version when both are known. */
  put(stream: string, entry: StreamState, bytes: number): void
  forget(stream: string): void
  bytes(): number
}

export const makeStateCache = (maxBytes: number): StateCache => {
  const entries = new Map<string, { readonly entry: StreamState; readonly bytes: number }>()
  let total = 0

  const forget = (stream: string): void => {
    const known = entries.get(stream)
    if (known === undefined) return
    total -= known.bytes
    entries.delete(stream)
  }

  return {
    forget,
    bytes: () => total,
    get(stream) {
      const known = entries.get(stream)
      if (known === undefined) return undefined
      entries.delete(stream)
      entries.set(stream, known)
      return known.entry
    },
    put(stream, entry, bytes) {
      const known = entries.get(stream)
      if (known !== undefined && known.entry.version > entry.version) return
      forget(stream)
      const cost = bytes + stream.length + 100
      if (cost > maxBytes) return
      entries.set(stream, { entry, bytes: cost })
      total += cost
      for (const oldest of entries.keys()) {
        if (total <= maxBytes) break
        forget(oldest)
      }
    },
  }
}
