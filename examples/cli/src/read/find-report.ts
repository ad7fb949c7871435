/**
 * Finds the report that somebody means: by its id, the beginning of it, or the handle it came in with.
 */
import type { Queries } from "@yingshao/engine/queries"
import type { Storage } from "@yingshao/ports/storage"
import { CliFailure } from "../terminal/failure.ts"

/** @throws CliFailure, exit code 1, when none or several fit; it names the nearest. */
export const findReport = async (
  storage: Storage,
  queries: Queries,
  programme: string,
  asked: string,
): Promise<string> => {
  const wanted = asked.toLowerCase()
  const begun = await idsBeginning(storage, programme, wanted.startsWith("r-") ? wanted : `r-${wanted}`)
  const [only] = begun
  if (only !== undefined && begun.length === 1) return only
  if (begun.length > 1) {
    throw new CliFailure(
      1,
      `“${asked}”不止一件:${begun.slice(0, 5).join("、")}${begun.length > 5 ? "……" : ""}`,
      `"${asked}" is more than one report: ${begun.slice(0, 5).join(", ")}${begun.length > 5 ? " …" : ""}`,
    )
  }
  let nearest: { readonly id: string; readonly handle: string; readonly shared: number } | undefined
  for await (const { id, state } of queries.readAll("report")) {
    const handle = state.status === "none" ? "" : (state.original ?? "")
    if (handle === wanted || handle === `row-${wanted}`) return id
    const shared = Math.max(
      sharedStart(id, wanted),
      sharedStart(id.slice(2), wanted),
      sharedStart(handle, wanted),
    )
    if (nearest === undefined || shared > nearest.shared) nearest = { id, handle, shared }
  }
  const hint =
    nearest === undefined ? "" : `${nearest.id}${nearest.handle === "" ? "" : ` (${nearest.handle})`}`
  throw new CliFailure(
    1,
    `项目 ${programme} 里没有信息“${asked}”${hint === "" ? "" : `;最接近的是 ${hint}`}`,
    `there is no report "${asked}" in ${programme}${hint === "" ? "" : `; the nearest is ${hint}`}`,
  )
}

// internal

/** Ids under which more than a few reports would begin are not listed further. */
const mostBegun = 20

const idsBeginning = async (
  storage: Storage,
  programme: string,
  start: string,
): Promise<readonly string[]> => {
  if (!/^[a-z0-9-]{3,64}$/.test(start)) return []
  const rows = await storage.streams(programme, {
    prefix: `report/${start}`,
    after: undefined,
    limit: mostBegun,
  })
  return rows.map(({ stream }) => stream.slice("report/".length))
}

const sharedStart = (a: string, b: string): number => {
  let at = 0
  while (at < a.length && at < b.length && a[at] === b[at]) at += 1
  return at
}
