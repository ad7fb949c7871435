/**
 * Declares the cases of a contract with a test runner: run, left out with a reason, or not claimed.
 *
 * A skip must name a case that exists and give its reason. What it does not do: it runs nothing itself.
 */
import type { TestRunner } from "./storage-contract.ts"

/** What every case has, whatever it is run on. */
export interface NamedCase {
  readonly id: string
  readonly name: string
}

export interface CaseDeclaration<C extends NamedCase> {
  /** Heading: `notifier contract notify/1: wecom`. */
  readonly title: string
  readonly cases: readonly C[]
  /** Cases left out, by id, each with its reason. */
  readonly skip: Readonly<Record<string, string>>
  /** Is what the case needs there? Otherwise it stands as *not claimed*. */
  readonly claims: (one: C) => boolean
  readonly run: (one: C) => Promise<void>
}

/**
 * One test for each case.
 *
 * @throws Error for a skip that names no case or gives no reason.
 */
export const declareCases = <C extends NamedCase>(
  { title, cases, skip, claims, run }: CaseDeclaration<C>,
  { describe, it }: TestRunner,
): void => {
  for (const [id, reason] of Object.entries(skip)) {
    if (!cases.some((one) => one.id === id)) throw new Error(`${title} skips ${id}, which is no case`)
    if (reason.trim() === "") throw new Error(`${title} skips ${id} without a reason`)
  }
  describe(title, () => {
    for (const one of cases) {
      const body = (): Promise<void> => run(one)
      const reason = skip[one.id] ?? (claims(one) ? undefined : "not claimed")
      if (reason === undefined) it(`${one.name} [${one.id}]`, body)
      else it.skip(`${one.name} [${one.id}] (${reason})`, body)
    }
  })
}
