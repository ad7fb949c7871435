/** How a broken world is planted: a sound state, changed, with others beside it. */
import type { StreamKind } from "@yingshao/core/streams"

/** A state with anything in it: broken on purpose. */
// biome-ignore lint/suspicious/noExplicitAny: a planted state breaks its type
export type Any = any

export interface Planted {
  readonly kind: StreamKind
  readonly id: string
  readonly change: (state: Any) => Any
  /** States beside it that are changed as well: `report/r-1`. */
  readonly beside?: Readonly<Record<string, (state: Any) => Any>>
}

export const on = (
  kind: StreamKind,
  id: string,
  change: Planted["change"],
  beside: NonNullable<Planted["beside"]> = {},
): Planted => ({ kind, id, change, beside })

export const ill = (more: object) => (state: Any) => ({ ...state, ...more })
