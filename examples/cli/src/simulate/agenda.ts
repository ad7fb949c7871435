/**
 * The agenda: what somebody is going to do at which instant, earliest first.
 *
 * Entries belong to a stream. Planning a stream anew replaces what was planned for it; an entry that is
 * planned again under the same id keeps its earlier instant, so that planning often postpones nothing.
 */

export interface Planned {
  /** Milliseconds since 1970. */
  readonly atMs: number
  /** Unique, and the same on every run: it becomes the command's id. */
  readonly id: string
}

export interface Agenda<P extends Planned> {
  /** Replaces what was planned for a stream. */
  plan(stream: string, entries: readonly P[]): void
  nextMs(): number | undefined
  /** Takes out everything up to and including an instant, in order of instant and id. */
  takeUntil(ms: number): readonly P[]
  size(): number
}

export const makeAgenda = <P extends Planned>(): Agenda<P> => {
  const heap: { readonly entry: P; readonly stream: string }[] = []
  const current = new Map<string, Map<string, P>>()

  const isCurrent = ({ entry, stream }: { entry: P; stream: string }) =>
    current.get(stream)?.get(entry.id) === entry

  const drop = () => {
    for (let top = heap[0]; top !== undefined && !isCurrent(top); top = heap[0]) popHeap(heap)
  }

  return {
    size: () => current.values().reduce((sum, entries) => sum + entries.size, 0),
    plan(stream, entries) {
      const before = current.get(stream)
      const now = new Map<string, P>()
      for (const entry of entries) {
        const known = before?.get(entry.id)
        const kept = known !== undefined && known.atMs <= entry.atMs ? known : entry
        now.set(entry.id, kept)
        if (kept !== known) pushHeap(heap, { entry: kept, stream })
      }
      if (now.size === 0) current.delete(stream)
      else current.set(stream, now)
    },
    nextMs() {
      drop()
      return heap[0]?.entry.atMs
    },
    takeUntil(ms) {
      const taken: P[] = []
      for (;;) {
        drop()
        const top = heap[0]
        if (top === undefined || top.entry.atMs > ms) return taken
        popHeap(heap)
        const entries = current.get(top.stream)
        entries?.delete(top.entry.id)
        if (entries?.size === 0) current.delete(top.stream)
        taken.push(top.entry)
      }
    },
  }
}

// internal

interface Item {
  readonly entry: Planned
}

const before = (a: Item, b: Item): boolean =>
  a.entry.atMs < b.entry.atMs || (a.entry.atMs === b.entry.atMs && a.entry.id < b.entry.id)

const pushHeap = <I extends Item>(heap: I[], item: I): void => {
  let at = heap.push(item) - 1
  while (at > 0) {
    const up = (at - 1) >> 1
    const parent = heap[up] as I
    if (!before(item, parent)) break
    heap[at] = parent
    at = up
  }
  heap[at] = item
}

const popHeap = <I extends Item>(heap: I[]): void => {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let at = 0
  for (;;) {
    const left = 2 * at + 1
    if (left >= heap.length) break
    const right = left + 1
    const child = right < heap.length && before(heap[right] as I, heap[left] as I) ? right : left
    if (!before(heap[child] as I, last)) break
    heap[at] = heap[child] as I
    at = child
  }
  heap[at] = last
}
