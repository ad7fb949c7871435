/**
 * Runs a rule against answers that are at hand, without any storage: for tests, simulations and proofs.
 *
 * The engine has its own driver, which answers the same questions from a store.
 */
import type { Ask, Rule } from "./rule.ts"

/**
 * @param answer what is known; called once for each question in the order asked.
 * @returns what the rule returned.
 */
export const runRule = <A>(rule: Rule<A>, answer: (ask: Ask) => unknown): A => {
  let step = rule.next()
  while (!step.done) step = rule.next(answer(step.value) as never)
  return step.value
}
