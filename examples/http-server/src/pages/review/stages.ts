/**
 * Under which keys of the index `rewards/stage` the files stand that wait for somebody: by the levels of every
 * policy that was adopted, because a file is verified by the one in force when its report was accepted.
 */
import { stageOf } from "@yingshao/core/reward/reward"
import type { Visit } from "../../session/visit.ts"
import type { Wording } from "../wording.ts"

/** Where files wait for one of these levels, or for a grade. */
export const stagesBefore = async (
  visit: Visit,
  words: Wording,
  own: readonly string[],
): Promise<readonly string[]> => {
  const stages = (await ladders(visit, words)).flatMap(([, ...levels]) =>
    levels.flatMap((level, at) => (own.includes(level) ? graded(levels[at - 1]) : [])),
  )
  return [...new Set([...stages, ...(await ungraded(visit, words))])]
}

/** Where files stand that somebody has verified: what an approver may have to decide. */
export const stagesReached = async (visit: Visit, words: Wording): Promise<readonly string[]> => [
  ...new Set((await ladders(visit, words)).flatMap(([, ...levels]) => levels.flatMap(graded))),
]

/** Where files stand that nobody has verified. */
export const unverified: readonly string[] = [stageOf({})]

// internal

const someGrade = { value: "minor", difficulty: "easy" } as const

const graded = (level: string | undefined): readonly string[] => [
  stageOf({ level }),
  ...(level === undefined ? [] : [stageOf({ level, grading: someGrade })]),
]

const ungraded = async (visit: Visit, words: Wording): Promise<readonly string[]> =>
  (await ladders(visit, words)).flatMap(([, ...levels]) => levels.map((level) => stageOf({ level })))

/** The levels of each adopted policy, lowest first; the lowest of all is *unverified*. */
const ladders = async ({ engine }: Visit, { book }: Wording): Promise<readonly (readonly string[])[]> => {
  const { state } = await engine.queries.state("programme", "programme")
  return state.policies.map(({ effectiveFrom }) => book.policyOn(effectiveFrom).levels)
}
