/**
 * Whoever lost a race goes before whoever came later, within one process.
 *
 * A command takes a ticket when it begins. When it has lost, it makes known which streams it read and wrote. From
 * then on a command with a later ticket that is about to write one that it read, or has read one that it is about to
 * write, waits until it has ended, and makes its own known, so that those behind wait in order. Everybody waits for
 * earlier tickets only, so nobody waits in a circle; and who has lost can lose again only to what was on its
 * way to the store already, and to other processes.
 *
 * While nobody has lost, commands see nothing of it. What it does not do: it orders nothing between processes, and it
 * is no lock; versions and guards decide what is true.
 */
import { Busy } from "./failures.ts"

export interface RivalOrder {
  /** The next ticket. */
  enter(): Rival
  /** How many wait. */
  waiting(): number
}

export interface Rival {
  /** Is there one before this one that lost, and that could make this one lose, or this one it? */
  isBehind(footprint: Footprint): boolean
  /** This one lost, or waits: whoever comes later and meets its footprint waits until it leaves. */
  goesBefore(footprint: Footprint): void
  /**
   * Resolves when nobody before this one is in its way any more.
   *
   * @throws Busy when too many wait already.
   */
  turn(footprint: Footprint): Promise<void>
  /** To be called once, whatever came of it. */
  leave(): void
}

/** The streams of one attempt; those that it writes are among those that it read. */
export interface Footprint {
  readonly reads: Streams
  readonly writes: Streams
}

/** A set of streams, or a map by stream: nothing is copied while nobody is in the way. */
interface Streams {
  keys(): Iterable<string>
}

/** @param maxWaiting how many may wait. */
export const makeRivalOrder = (maxWaiting: number): RivalOrder => {
  const [readers, writers] = [makeRows(), makeRows()]
  let tickets = 0
  let waiting = 0

  /** Of those before it the last one, so that a row of rivals is woken one by one. */
  const ahead = (place: Place, { reads, writes }: Footprint): Place | undefined => {
    if (readers.isEmpty()) return undefined
    const [reader, writer] = [readers.before(place, writes.keys()), writers.before(place, reads.keys())]
    if (reader === undefined || writer === undefined) return reader ?? writer
    return reader.ticket > writer.ticket ? reader : writer
  }
  const remove = (place: Place): void => {
    readers.remove(place, place.reads)
    writers.remove(place, place.writes)
  }

  return {
    waiting: () => waiting,
    enter() {
      const place: Place = { ticket: ++tickets, reads: [], writes: [], whenLeft: [] }
      return {
        isBehind: (footprint) => ahead(place, footprint) !== undefined,
        goesBefore({ reads, writes }) {
          remove(place)
          place.reads = [...reads.keys()]
          place.writes = [...writes.keys()]
          readers.add(place, place.reads)
          writers.add(place, place.writes)
        },
        async turn(footprint) {
          for (let one = ahead(place, footprint); one !== undefined; one = ahead(place, footprint)) {
            if (waiting >= maxWaiting) throw new Busy({ reason: "queue-full", attempts: 0 })
            waiting += 1
            const { whenLeft } = one
            await new Promise<void>((resolve) => whenLeft.push(resolve))
            waiting -= 1
          }
        },
        leave() {
          remove(place)
          for (const resolve of place.whenLeft) resolve()
        },
      }
    },
  }
}

// internal

interface Place {
  readonly ticket: number
  reads: readonly string[]
  writes: readonly string[]
  readonly whenLeft: (() => void)[]
}

/** Rivals by stream, in the order of their tickets. */
const makeRows = () => {
  const rows = new Map<string, Place[]>()
  return {
    isEmpty: () => rows.size === 0,
    /** The last one before it in any of the rows. */
    before(place: Place, streams: Iterable<string>): Place | undefined {
      let last: Place | undefined
      for (const stream of streams) {
        const found = rows.get(stream)?.findLast(({ ticket }) => ticket < place.ticket)
        if (found !== undefined && (last === undefined || found.ticket > last.ticket)) last = found
      }
      return last
    },
    add(place: Place, streams: readonly string[]): void {
      for (const stream of streams) {
        const row = rows.get(stream)
        if (row === undefined) rows.set(stream, [place])
        else row.splice(row.findLastIndex(({ ticket }) => ticket < place.ticket) + 1, 0, place)
      }
    },
    remove(place: Place, streams: readonly string[]): void {
      for (const stream of streams) {
        const row = rows.get(stream)
        if (row === undefined) continue
        row.splice(row.indexOf(place), 1)
        if (row.length === 0) rows.delete(stream)
      }
    },
  }
}
