/**
 * The channel that every county has: a person's notices on a page of this server. No phone, mailbox or robot is
 * needed, so a demonstration shows that telling people works.
 */
import { type Notifier, notifierContract, notifyFailure } from "@yingshao/ports/notifier"
import type { NoticeBook, NoticeText } from "./notice-file.ts"

export interface ShownNotice extends NoticeText {
  /** How often it came: an emergency comes twice where the page is the only channel. */
  readonly times: number
}

export interface InboxPage {
  /** Newest first. */
  readonly notices: readonly ShownNotice[]
  /** For the next page, `undefined` at the end. */
  readonly before: number | undefined
}

export interface PageInbox {
  readonly notifier: Notifier
  /** @param before what the page before gave; left out: the newest. */
  page(person: string, before?: number): InboxPage
}

/** The name of the channel. */
export const pageChannel = "page"

/** Notices on a page. */
const pageLength = 30

/** @param now milliseconds since 1970. */
export const pageInbox = (now: () => number, book: NoticeBook): PageInbox => ({
  notifier: {
    contract: notifierContract,
    name: pageChannel,
    audience: "one-person",
    async send({ address }, { deliveryId, title, lines, urgent }) {
      const kept = await keep(book, address, deliveryId, {
        at: new Date(now()).toISOString(),
        title,
        lines,
        urgent,
      })
      if (kept === "erased") throw notifyFailure("recipient", "this person has no page any more")
      return { deliveryId, grade: "delivered" }
    },
    close: async () => book.close(),
  },
  page(person, before) {
    const rows = book.page(person, { before, limit: pageLength + 1 })
    const shown = rows.slice(0, pageLength)
    const last = rows.length > pageLength ? shown.at(-1) : undefined
    return { notices: together(shown), before: last?.number }
  },
})

// internal

/** The two messages of an emergency lie this near to each other, in milliseconds. */
const twinWithinMs = 600_000

const keep = async (book: NoticeBook, ...told: Parameters<NoticeBook["keep"]>) => {
  try {
    return await book.keep(...told)
  } catch {
    // Kept or not: the same id again keeps it once.
    throw notifyFailure("unreachable", "the file of notices does not answer")
  }
}

const together = (notices: readonly NoticeText[]): readonly ShownNotice[] => {
  const shown: ShownNotice[] = []
  for (const { at, title, lines, urgent } of notices) {
    const twin = shown.findIndex(
      (one) =>
        one.title === title &&
        one.lines.join("\n") === lines.join("\n") &&
        Date.parse(one.at) - Date.parse(at) <= twinWithinMs,
    )
    const before = shown[twin]
    if (urgent && before !== undefined) shown[twin] = { ...before, times: before.times + 1 }
    else shown.push({ at, title, lines, urgent, times: 1 })
  }
  return shown
}
