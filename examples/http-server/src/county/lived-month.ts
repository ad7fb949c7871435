/**
 * The month that the fictional county has lived, as a journal that is imported into an empty store.
 *
 * `county/make-county.ts` simulated it once: 150 reports over 30 days, some of them still open. Importing
 * verifies every hash and folds every state anew, so what is in the store is what commands would have made.
 */
import { readFileSync } from "node:fs"
import { cp } from "node:fs/promises"
import { brotliDecompressSync } from "node:zlib"
import { importJournal } from "@yingshao/engine/import-journal"
import { programmeCatalogue } from "@yingshao/engine/programme-catalogue"
import type { Storage } from "@yingshao/ports/storage"

/**
 * @param photoFolder gets the pictures that the month's reports name.
 * @returns how many records the county's journal has; nothing happens where they are there already.
 */
export const importMonth = async (storage: Storage, photoFolder: string): Promise<number> => {
  await cp(new URL("photos", shipped), photoFolder, { recursive: true })
  const bytes = brotliDecompressSync(readFileSync(new URL("month.jsonl.br", shipped)))
  const { head } = await importJournal({
    storage,
    catalogue: programmeCatalogue,
    open: async function* () {
      yield bytes
    },
    takeOver: true,
  })
  return head.number
}

// internal

const shipped = new URL("../../county/", import.meta.url)
