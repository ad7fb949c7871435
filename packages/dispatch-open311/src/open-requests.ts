/**
 * Where the requests stand that a city has and that are not closed yet: in memory, or in a folder of small files.
 *
 * In the folder one request is one file, written under a hidden name, synced and renamed, so that a restart asks on
 * about whatever was open. What it does not do: two processes over one folder do not hear of each other's requests
 * before they start anew; both asking about one does no harm, because the inbox knows a receipt that it has.
 */
import { mkdir, readdir, readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import { writeWhole } from "@yingshao/ports/outbound/whole-file"

/** A request of ours that a server has, and that is not closed yet. */
export interface OpenRequest {
  readonly partner: string
  /** Id of our order. */
  readonly ref: string
  /** One of the two is known. */
  readonly requestId?: string
  readonly token?: string
  /** The last status that was made a receipt of. */
  readonly told: "nothing" | "received"
  /** When the server was last asked about it, milliseconds since 1970; 0: never. */
  readonly askedMs: number
}

/** Where open requests are kept between questions. */
export interface OpenRequests {
  put(request: OpenRequest): Promise<void>
  /** Those last asked about at this time or before it, longest ago first. */
  list(limit: number, askedUntilMs: number): Promise<readonly OpenRequest[]>
  remove(partner: string, ref: string): Promise<void>
}

/** Open requests of this process only: after a restart nobody asks about the earlier ones. */
export const openRequestsInMemory = (): OpenRequests => {
  const open = new Map<string, OpenRequest>()
  return {
    put: async (request) => void open.set(keyOf(request.partner, request.ref), request),
    list: async (limit, askedUntilMs) => due(open.values(), limit, askedUntilMs),
    remove: async (partner, ref) => void open.delete(keyOf(partner, ref)),
  }
}

/**
 * Open requests as files, `{partner}.{order}.json`, also after a restart.
 *
 * @param folder made when it is missing; nothing else may be in it.
 * @throws from each method what the file system says, and `SyntaxError` for a file that is none of ours.
 */
export const openRequestsInFolder = (folder: string): OpenRequests => {
  let known: Promise<Map<string, OpenRequest>> | undefined
  const all = (): Promise<Map<string, OpenRequest>> => {
    known ??= readAll(folder).catch((error: unknown) => {
      known = undefined
      throw error
    })
    return known
  }
  return {
    async put(request) {
      const open = await all()
      await writeWhole(folder, keyOf(request.partner, request.ref), JSON.stringify(request), 0o600)
      open.set(keyOf(request.partner, request.ref), request)
    },
    list: async (limit, askedUntilMs) => due((await all()).values(), limit, askedUntilMs),
    async remove(partner, ref) {
      const open = await all()
      await rm(join(folder, keyOf(partner, ref)), { force: true })
      open.delete(keyOf(partner, ref))
    },
  }
}

// internal

/** The name of the file, whatever the partner's name is; two names never give one. */
const keyOf = (partner: string, ref: string): string =>
  `${Buffer.from(partner).toString("base64url")}.${ref}.json`

const due = (all: Iterable<OpenRequest>, limit: number, askedUntilMs: number): readonly OpenRequest[] =>
  [...all]
    .filter(({ askedMs }) => askedMs <= askedUntilMs)
    .sort((a, b) => a.askedMs - b.askedMs)
    .slice(0, limit)

const readAll = async (folder: string): Promise<Map<string, OpenRequest>> => {
  await mkdir(folder, { recursive: true })
  const open = new Map<string, OpenRequest>()
  for (const name of await readdir(folder)) {
    if (name.startsWith(".")) continue
    open.set(name, JSON.parse(await readFile(join(folder, name), "utf8")) as OpenRequest)
  }
  return open
}
