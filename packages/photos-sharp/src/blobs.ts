/**
 * Where bytes are kept under a key. Keys are made by `keyOf` from hashes; nothing that somebody typed is in
 * one.
 */
export interface Blobs {
  /** For messages: `folder`, `s3`. */
  readonly name: string
  /** Durable when it resolves. The same key always has the same bytes, so writing it again changes nothing. */
  put(key: string, bytes: Uint8Array): Promise<void>
  get(key: string): Promise<Uint8Array | undefined>
  /** True when there was one. */
  remove(key: string): Promise<boolean>
}
