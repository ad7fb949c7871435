/**
 * The county's database, together with the years that `yingshao archive` moved into files beside it: a reporter's own
 * page and the look back at an award read what was decided then.
 */
import { readingArchives } from "@yingshao/cli/store/archives"
import type { Storage } from "@yingshao/ports/storage"
import { openSqliteStorage } from "@yingshao/storage-sqlite"

/**
 * @throws StorageFailure when it does not open; CliFailure when a file of the archive is none.
 */
export const openCountyStore = async (database: string): Promise<Storage> =>
  // Many people at once: a second thread writes, so that nobody's page waits for the disk.
  readingArchives(await openSqliteStorage(database, { writer: "beside" }), { database })
