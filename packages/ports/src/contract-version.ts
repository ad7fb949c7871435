/**
 * Contract versions, checked when adapters are wired together: `store/1`, `notify/1`, `dispatch/1`, ….
 *
 * It compares names only; whether an adapter keeps its contract is what the testkit finds out.
 */

/**
 * Why an adapter cannot be used, or `undefined` when it can.
 *
 * @param wanted contract of the port, such as `notify/1`.
 * @param adapter what the host handed in; anything at all.
 * @example contractProblem("notify/1", { contract: "notify/2", name: "wecom" })
 *   // => `adapter "wecom" speaks "notify/2", this release needs "notify/1"`
 */
export const contractProblem = (
  wanted: string,
  adapter: { readonly contract?: unknown; readonly name?: unknown },
): string | undefined => {
  if (adapter.contract === wanted) return undefined
  const name = typeof adapter.name === "string" ? `adapter "${adapter.name}"` : "an adapter without a name"
  return typeof adapter.contract === "string"
    ? `${name} speaks "${adapter.contract}", this release needs "${wanted}"`
    : `${name} names no contract, this release needs "${wanted}"`
}
