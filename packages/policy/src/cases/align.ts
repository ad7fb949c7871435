/**
 * Two policies cut alike, so that one case means the same in both and they can be compared in two lanes.
 *
 * Both must declare the same facts; a fact that one of them lacks cannot be compared and is refused.
 */
import { createReport } from "../finding.ts"
import type { PolicyModel, Test } from "../model.ts"
import { resolve } from "../resolve.ts"
import type { ResolvedPolicy } from "../resolved.ts"

/** The first numbers of the stretches of every whole-number fact. */
export const startsOf = (policy: ResolvedPolicy): Map<string, number[]> =>
  new Map(
    policy.variables.map((variable) => [
      variable.name,
      variable.atoms.flatMap((atom) => (atom.is === "span" ? [atom.low] : [])),
    ]),
  )

/** Do two policies cut their facts into the same atoms, in the same order? */
export const cutAlike = (a: ResolvedPolicy, b: ResolvedPolicy): boolean =>
  JSON.stringify(a.variables.map(({ fact, atoms }) => [fact, atoms])) ===
  JSON.stringify(b.variables.map(({ fact, atoms }) => [fact, atoms]))

/**
 * Both models resolved with the cuts of both, or undefined when one does not resolve or their facts differ.
 *
 * @param tests of sentences, where numbers are to be cut as well.
 */
export const alignPolicies = (
  before: PolicyModel,
  after: PolicyModel,
  tests: readonly { readonly name: string; readonly test: Test }[] = [],
): readonly [ResolvedPolicy, ResolvedPolicy] | undefined => {
  const open = (model: PolicyModel, starts: ReadonlyMap<string, readonly number[]>) =>
    resolve(model, createReport("", new Map()), { tests, starts })
  const first = open(before, new Map())
  const second = first && open(after, startsOf(first))
  if (!first || !second) return undefined
  if (cutAlike(first, second)) return [first, second]
  const again = open(before, startsOf(second))
  return again && cutAlike(again, second) ? [again, second] : undefined
}
