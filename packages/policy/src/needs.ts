/**
 * What core needs and supplies, read off its schemas: the kind and unit of each fact and conclusion.
 *
 * The only module that looks into core's zod schemas.
 */
import { type DecisionName, decisions, type FactKey, facts, type Timing } from "@yingshao/core/decisions"
import type { CoreUnit } from "./unit.ts"

interface Schema {
  safeParse(value: unknown): { readonly success: boolean }
  meta(): { readonly [key: string]: unknown } | undefined
}

/** Does core accept this value? */
export interface Need {
  readonly accepts: (value: string | number) => boolean
  /** Whole numbers with a unit, or words. */
  readonly numeric: boolean
  readonly unit: CoreUnit | undefined
  /** The words of a closed list, for suggestions. */
  readonly words: readonly string[]
}

export const isFactKey = (key: string): key is FactKey => Object.hasOwn(facts.shape, key)

export const factKeys = (): FactKey[] => Object.keys(facts.shape).filter(isFactKey)

/** What core can supply under this key, or undefined. */
export const factNeed = (key: string): Need | undefined =>
  isFactKey(key) ? describe(facts.shape[key]) : undefined

/** What core must get back under this key, or undefined when core does not know it. */
export const conclusionNeed = (key: string): Need | undefined => conclusionNeeds.get(key)?.need

/** Every conclusion that core needs, with the decision that asks for it. */
export const neededConclusions = (): readonly NeededConclusion[] => [...conclusionNeeds.values()]

export const decisionNames = (): DecisionName[] => Object.keys(decisions).filter(isDecisionName)

export const isDecisionName = (name: string): name is DecisionName => Object.hasOwn(decisions, name)

export const keysOf = (decision: DecisionName): string[] => Object.keys(decisions[decision].concludes.shape)

export const timingOf = (decision: DecisionName): Timing => decisions[decision].timing

export interface NeededConclusion {
  readonly key: string
  readonly decision: DecisionName
  readonly need: Need
}

// internal

const describe = (schema: Schema): Need => {
  const accepts = (value: string | number) => schema.safeParse(value).success
  const parts: readonly Schema[] =
    "options" in schema && isSchemas(schema.options) ? schema.options : [schema]
  const unit = parts.map((part) => part.meta()?.unit).find((found) => typeof found === "string")
  const words =
    "options" in schema && Array.isArray(schema.options)
      ? schema.options.filter((option) => typeof option === "string")
      : []
  return { accepts, numeric: unit !== undefined, unit: asCoreUnit(unit), words }
}

const isSchemas = (options: unknown): options is readonly Schema[] =>
  Array.isArray(options) && options.every((option) => typeof option === "object" && option !== null)

const coreUnits: readonly CoreUnit[] = ["fen", "minute", "day", "metre", "person", "count", "year", "point"]

const asCoreUnit = (unit: unknown): CoreUnit | undefined => coreUnits.find((known) => known === unit)

const conclusionNeeds = new Map<string, NeededConclusion>(
  Object.keys(decisions)
    .filter(isDecisionName)
    .flatMap((decision) =>
      Object.entries(decisions[decision].concludes.shape).map(([key, schema]): [string, NeededConclusion] => [
        key,
        { key, decision, need: describe(schema) },
      ]),
    ),
)
