/**
 * Asking the rules without doing anything: what would be proposed, what would be decided, what is nearby.
 *
 * A rule of core runs on what is stored now, under the book in force now, and its answer is handed back;
 * nothing is committed, no command id is used, and the fresh ids it gets mean nothing. What it says can be
 * out of date the moment after: a command decides anew.
 *
 * What it does not do: a rule that is consulted directly asks nobody's permission, like every query.
 * `preview` does, because authorising is a part of deciding a command.
 */
import type { CommandInput } from "@yingshao/core/commands"
import { invariant, type Refused, refuse } from "@yingshao/core/kernel/refusal"
import type { Actor } from "@yingshao/core/kernel/roles"
import type { Context, Outcome, Rule } from "@yingshao/core/kernel/rule"
import type { Book } from "@yingshao/core/programme/book"
import { drive, type Reads, readState } from "./drive.ts"
import type { EngineClock } from "./engine-clock.ts"
import { isRefused, parseEnvelope } from "./envelope.ts"
import { tagOf } from "./failures.ts"
import { type PolicyShelf, programmeKey } from "./policy-shelf.ts"
import type { StreamReader, World } from "./stream-reader.ts"

export interface Consult {
  /** The policies, units and calendar in force, as rules read them. */
  book(): Promise<Book>
  /**
   * Runs a rule that only reads.
   *
   * @param by as whom; its scopes are empty, for no appointment is looked up.
   * @example consult(by, (context) => lookAround(context, report, "fire")) // => { candidates, … }
   */
  consult<A>(by: Actor, rule: (context: Context) => Rule<A>): Promise<A>
  /**
   * What a command would do now: its events, claims, notices and orders, or the refusal. The command's id may
   * be any; it is not used up.
   */
  preview(input: CommandInput): Promise<Outcome | Refused>
}

export const makeConsult = (
  world: World,
  reader: StreamReader,
  shelf: PolicyShelf,
  clock: EngineClock,
): Consult => {
  const book = async (reads: Reads): Promise<Book> => {
    const programme = await readState(reader, reads, programmeKey)
    invariant(programme.version > 0, "C2", "a programme that is open has a book")
    return shelf.book(programme)
  }
  const consult = async <A>(by: Actor, rule: (context: Context) => Rule<A>): Promise<A> => {
    const reads: Reads = new Map()
    const open = await book(reads)
    const at = clock.now()
    let serial = 0
    const freshId = (prefix: string): string => {
      serial += 1
      return `${prefix}-preview-${serial}`
    }
    const context = { by, scopes: [], at, today: open.dateOf(at), book: open, freshId }
    return drive(world, reader, reads, rule(context))
  }
  return {
    book: () => book(new Map()),
    consult,
    async preview(input) {
      const envelope = parseEnvelope(world.catalogue, input)
      if (isRefused(envelope)) return envelope
      try {
        return await consult(envelope.by, (context) => world.catalogue.perform(envelope, context))
      } catch (error) {
        const year = tagOf(error) === "CalendarEnds" ? (error as { readonly year?: unknown }).year : undefined
        if (typeof year === "number") return refuse("calendar-ends", { year })
        throw error
      }
    },
  }
}
