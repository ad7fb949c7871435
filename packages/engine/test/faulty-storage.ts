/** A store with faults on order: wraps another one and changes what a method does. */
import type { Storage } from "@yingshao/ports/storage"

/** Replaces some methods; the replacement gets the wrapped store. */
export const faulty = (inner: Storage, change: (inner: Storage) => Partial<Storage>): Storage => ({
  ...inner,
  ...change(inner),
})

/** Counts the calls of each method. */
export const counting = (
  inner: Storage,
): { readonly storage: Storage; readonly calls: Map<string, number> } => {
  const calls = new Map<string, number>()
  const storage = Object.fromEntries(
    Object.entries(inner).map(([name, value]) => [
      name,
      typeof value === "function"
        ? (...args: readonly unknown[]) => {
            calls.set(name, (calls.get(name) ?? 0) + 1)
            return (value as (...given: readonly unknown[]) => unknown)(...args)
          }
        : value,
    ]),
  ) as unknown as Storage
  return { storage, calls }
}
