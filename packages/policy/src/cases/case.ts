/**
 * Cases: one atom for every fact, and which case is *smaller* than another.
 *
 * The typical case has the typical value of every fact. A case is smaller the fewer facts differ from it, and
 * then the nearer they stay to it; the order is total, so that two searches that are both right name the same
 * case. This module decides nothing about rules.
 */
import { showAtom } from "../domain.ts"
import type { Atom, ResolvedPolicy, Variable } from "../resolved.ts"

/** For each fact of the policy, in its order, the number of an atom. */
export type Case = readonly number[]

/** The atom of the typical value of every fact. */
export const typicalCase = (policy: ResolvedPolicy): number[] => policy.variables.map(typicalAtom)

/**
 * What choosing this atom adds to the size of a case: nothing for the typical atom.
 *
 * Sizes are whole numbers that add up over the facts of a case: first the number of changed facts, then how far
 * they are from the typical value, then a fixed mixture that leaves no two cases equal in practice.
 */
export const sizeOfChoice = (policy: ResolvedPolicy, variable: number, atom: number): number => {
  const own = policy.variables[variable]
  const typical = own ? typicalAtom(own) : 0
  if (atom === typical) return 0
  const distance = Math.min(255, Math.abs(atom - typical))
  return oneChange + distance * 2 ** 30 + mixture(variable * 64 + atom)
}

/** The size of a whole case. */
export const sizeOfCase = (policy: ResolvedPolicy, one: Case): number =>
  one.reduce((sum, atom, variable) => sum + sizeOfChoice(policy, variable, atom), 0)

/** The value of an atom as an officer would write it; of a stretch of numbers the one nearest to the typical. */
export const showValue = (variable: Variable, atom: number): string => {
  const own = variable.atoms[atom]
  if (!own) return ""
  return own.is === "span" ? `${nearestNumber(variable, own)}` : showAtom(own)
}

/** The number of the atom that holds the typical value. */
export const typicalAtom = (variable: Variable): number => {
  const number = Number(variable.typical)
  const found = variable.atoms.findIndex((atom) =>
    atom.is === "span"
      ? atom.low <= number && number <= atom.high
      : atom.is === "value"
        ? atom.zh === variable.typical
        : variable.typical === "未知",
  )
  return Math.max(0, found)
}

// internal

const oneChange = 2 ** 46

/** A fixed scattering of small numbers over 30 bits. */
const mixture = (seed: number): number => Math.imul(seed + 1, 0x9e3779b1) >>> 2

/** Of a stretch of numbers the one nearest to the typical. */
const nearestNumber = (variable: Variable, { low, high }: Extract<Atom, { is: "span" }>): number => {
  const typical = Number(variable.typical)
  return Math.min(high, Math.max(low, Number.isNaN(typical) ? low : typical))
}
