/**
 * What the engine remembers about a programme beside its journal: an import that is not finished, an index
 * that is complete.
 *
 * It is kept as claims of a small programme of its own, through the Storage port alone, so that every store
 * can do it and no county's journal holds a word of it.
 */
import { type Claim, type Storage, storageFailure } from "@yingshao/ports/storage"
import { canonical, sha256 } from "./canonical.ts"

/** The programme under which it is kept; no county has this name. */
export const keepingProgramme = "yingshao-keeping"

/** What is kept under a key, or `undefined`. */
export const kept = (storage: Storage, key: string): Promise<string | undefined> =>
  storage.holder(keepingProgramme, key)

/**
 * Changes what is kept, once: the same id again changes nothing.
 *
 * @returns the number of the change, which grows with every one.
 * @throws StorageFailure `invalid` when a key is held, or not held, by somebody else meanwhile.
 */
export const keep = async (storage: Storage, id: string, claims: readonly Claim[]): Promise<number> => {
  const entry = canonical({ v: 1, kept: claims })
  const result = await storage.commit(keepingProgramme, {
    commandId: id,
    payloadDigest: sha256(entry),
    entry,
    leaf: sha256(`yingshao/keeping/1\n${entry}`),
    appends: [],
    guards: [],
    claims,
    tallies: [],
    outbox: [],
  })
  if (result.kind === "committed") return result.number
  if (result.kind === "repeated") return result.record.number
  throw storageFailure(
    "invalid",
    "unchanged",
    `keeping: ${result.kind} while changing ${claims[0]?.key ?? id}`,
  )
}

/** Held from the first record of an import to its last; the holder is the hash of the head it leads to. */
export const importKey = (programme: string): string => `import/${programme}`

/** Was an import begun and not ended? The programme cannot be opened then, until the same file is imported again. */
export const isImportOpen = async (storage: Storage, programme: string): Promise<boolean> =>
  (await kept(storage, importKey(programme))) !== undefined
