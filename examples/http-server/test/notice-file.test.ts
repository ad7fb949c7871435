/** What people were told, in a file: durable, once, paged, and gone with the person. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { mostOfOne, noticeFile } from "../src/channels/notice-file.ts"
import { pageInbox } from "../src/channels/page-inbox.ts"
import { identityFiles } from "../src/identity/identity-files.ts"

const p = "990101"
let folder: string
let at: number
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "notices-"))
  at = Date.parse("2026-03-02T01:00:00.000Z")
})
afterEach(() => rmSync(folder, { recursive: true }))

const file = () => join(folder, "notices.db")
const opened = (path = file()) => {
  const identity = identityFiles({
    file: join(folder, "identity.db"),
    keys: join(folder, "identity-keys.db"),
    now: () => "2026-03-02T01:00:00.000Z",
  })
  const book = noticeFile(p, path, identity.seals)
  return { identity, inbox: pageInbox(() => at, book) }
}
const tell = (inbox: ReturnType<typeof pageInbox>, person: string, deliveryId: string, title: string) =>
  inbox.notifier.send(
    { channel: "page", address: person },
    { deliveryId, kind: "reply", title, lines: ["CANARY line"], urgent: title.startsWith("!") },
    new AbortController().signal,
  )
const titles = (inbox: ReturnType<typeof pageInbox>, person: string, before?: number) =>
  inbox.page(person, before).notices.map(({ title }) => title)

describe("the notices of people in a file", () => {
  test("O2: what was called delivered is there after a process that ended without a word, sealed", async () => {
    const first = opened()
    await Promise.all([
      tell(first.inbox, "p-1", "m-1", "one"),
      tell(first.inbox, "p-2", "m-1", "to another"),
      tell(first.inbox, "p-1", "m-2", "two"),
    ])
    // Nothing is closed: what a killed process leaves is read by the next one.
    const { inbox } = opened()
    expect(titles(inbox, "p-1")).toEqual(["two", "one"])
    expect(titles(inbox, "p-2")).toEqual(["to another"])
    expect(titles(inbox, "p-3")).toEqual([])
    for (const name of ["notices.db", "notices.db-wal"]) {
      const bytes = readFileSync(join(folder, name), "latin1")
      for (const plain of ["CANARY", "p-1", "to another"]) expect(bytes).not.toContain(plain)
    }
  })

  test("O6: delivered twice, in one turn or after a restart, it stands there once", async () => {
    const first = opened()
    await Promise.all([1, 2].map(() => tell(first.inbox, "p-1", "m-1", "one")))
    const { inbox } = opened()
    await tell(inbox, "p-1", "m-1", "one")
    expect(titles(inbox, "p-1")).toEqual(["one"])
  })

  test("P7: whoever is erased has no notices, none in an older copy of the file, and gets none", async () => {
    const { identity, inbox } = opened()
    await identity.put(p, "p-1", { name: "somebody" })
    await tell(inbox, "p-1", "m-1", "one")
    await tell(inbox, "p-2", "m-2", "stays")
    await inbox.notifier.close()
    copyFileSync(file(), join(folder, "older.db"))
    const { identity: later, inbox: now } = opened()
    expect(await later.erase(p, "p-1")).toBe(true)
    expect(titles(now, "p-1")).toEqual([])
    await expect(tell(now, "p-1", "m-3", "late")).rejects.toMatchObject({ reason: "recipient" })
    const { inbox: older } = opened(join(folder, "older.db"))
    expect(titles(older, "p-1")).toEqual([])
    expect(titles(older, "p-2")).toEqual(["stays"])
  })

  test("O9: a page has thirty, the link leads on to all that are kept, and the oldest are forgotten", async () => {
    const { inbox } = opened()
    const all = Array.from({ length: mostOfOne + 5 }, (_, number) => `${number}`)
    await Promise.all(all.map((one) => tell(inbox, "p-1", `m-${one}`, one)))
    const seen: string[] = []
    let before: number | undefined
    do {
      const page = inbox.page("p-1", before)
      expect(page.notices.length).toBeLessThanOrEqual(30)
      seen.push(...page.notices.map(({ title }) => title))
      before = page.before
    } while (before !== undefined)
    expect(seen).toEqual(all.slice(5).reverse())
  })

  test("the two messages of an emergency are one entry that was told twice; later ones are their own", async () => {
    const { inbox } = opened()
    await tell(inbox, "p-1", "m-1", "!a")
    await tell(inbox, "p-1", "m-2", "!b")
    await tell(inbox, "p-1", "m-3", "!a")
    await tell(inbox, "p-1", "m-4", "same")
    await tell(inbox, "p-1", "m-5", "same")
    at += 3_600_000
    await tell(inbox, "p-1", "m-6", "!a")
    expect(inbox.page("p-1").notices.map(({ title, times }) => [title, times])).toEqual([
      ["!a", 1],
      ["same", 1],
      ["same", 1],
      ["!a", 2],
      ["!b", 1],
    ])
  })

  test("a file that does not answer is told to the relay, which comes again", async () => {
    const { inbox } = opened()
    await inbox.notifier.close()
    await expect(tell(inbox, "p-1", "m-1", "one")).rejects.toMatchObject({ reason: "unreachable" })
  })
})
