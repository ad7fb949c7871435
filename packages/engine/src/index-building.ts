/**
 * Which indexes are complete: a query on one that is not says `IndexBuilding` instead of half an answer.
 *
 * A kind of stream names the indexes that came with a later fold (`indexesSince`). Documents of an older fold
 * are not in them, so each is complete only once every document of the kind has been folded anew; `refold`
 * finds that out and keeps it beside the programme. A programme that begins under this release is complete.
 *
 * What it does not do: it does not watch servers of an older release. One that is still at work takes a
 * document out of the new index whenever it appends; refold once more after the last of them has ended.
 */
import { type AnyStream, addressOf, type Catalogue } from "./catalogue.ts"
import { IndexBuilding } from "./failures.ts"
import { keep, kept } from "./keeping.ts"
import type { World } from "./stream-reader.ts"

/** @throws IndexBuilding when a kind of stream that the index needs is not folded anew to its end. */
export const needIndex = async (world: World, index: string): Promise<void> => {
  for (const [kind, { indexesSince }] of Object.entries(world.catalogue.streams)) {
    const since = indexesSince?.[index]
    if (since === undefined || since <= firstFold) continue
    if ((await kept(world.storage, builtKey(world.programme, kind, since))) === undefined) {
      throw new IndexBuilding({ index })
    }
  }
}

/** Every document of the programme is of this release's fold, or there is none yet. */
export const markBuilt = async (world: World): Promise<void> => {
  for (const [kind, definition] of Object.entries(world.catalogue.streams)) {
    for (const since of foldsOf(definition)) {
      const key = builtKey(world.programme, kind, since)
      if ((await kept(world.storage, key)) !== undefined) continue
      await keep(world.storage, key, [{ kind: "take", key, holder: "built" }])
    }
  }
}

/** Is this document filled into every index of its kind? */
export const isOlder = (
  catalogue: Catalogue,
  row: { readonly stream: string; readonly foldVersion: number },
): boolean => {
  const address = addressOf(catalogue, row.stream)
  return address !== undefined && row.foldVersion < address.definition.foldVersion
}

// internal

/** The fold of a kind's first release: its indexes are complete from the beginning. */
const firstFold = 1

const foldsOf = ({ indexesSince = {} }: AnyStream): readonly number[] => [
  ...new Set(Object.values(indexesSince).filter((since) => since > firstFold)),
]

const builtKey = (programme: string, kind: string, since: number): string =>
  `built/${programme}/${kind}/${since}`
