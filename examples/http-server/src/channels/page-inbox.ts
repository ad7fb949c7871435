/**
 * The channel that every county has: a person's notices on a page of this server, in memory.
 *
 * It keeps the newest few of each person and forgets them when the process ends; that something was told is in
 * the journal's outbox. No phone, mailbox or robot is needed, so a demonstration shows that telling people works.
 */
import { type Notifier, notifierContract } from "@yingshao/ports/notifier"

export interface KeptNotice {
  /** When it came, ISO UTC. */
  readonly at: string
  readonly title: string
  readonly lines: readonly string[]
  readonly urgent: boolean
}

export interface PageInbox {
  readonly notifier: Notifier
  /** Newest first. */
  of(person: string): readonly KeptNotice[]
}

/** The name of the channel. */
export const pageChannel = "page"

const mostOfOne = 30
const mostPeople = 20_000

/** @param now milliseconds since 1970. */
export const pageInbox = (now: () => number): PageInbox => {
  const kept = new Map<string, readonly (KeptNotice & { readonly deliveryId: string })[]>()
  return {
    notifier: {
      contract: notifierContract,
      name: pageChannel,
      audience: "one-person",
      async send({ address }, { deliveryId, title, lines, urgent }) {
        const before = kept.get(address) ?? []
        if (!before.some((one) => one.deliveryId === deliveryId)) {
          const one = { deliveryId, at: new Date(now()).toISOString(), title, lines, urgent }
          // Whoever heard something last stands last, and whoever heard nothing for longest is forgotten first.
          kept.delete(address)
          kept.set(address, [one, ...before].slice(0, mostOfOne))
          const [oldest] = kept.keys()
          if (kept.size > mostPeople && oldest !== undefined) kept.delete(oldest)
        }
        return { deliveryId, grade: "delivered" }
      },
      close: async () => {},
    },
    of: (person) => kept.get(person) ?? [],
  }
}
