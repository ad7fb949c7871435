/**
 * Judges for promises that one case cannot settle; the running rules are loaded only when a sentence needs them.
 */
import type { CompiledPolicy } from "@yingshao/policy"
import type { OtherJudge } from "@yingshao/policy/properties/judge"
import { readSentence } from "@yingshao/policy/properties/sentence"
import { ofSequences } from "./sentence-kinds.ts"

/** @param texts the sentences that are going to be judged. */
export const judgesFor = async (
  policy: CompiledPolicy,
  texts: readonly string[],
  seed: number,
): Promise<readonly OtherJudge[]> => {
  const needed = texts.some((text) => {
    const read = readSentence(policy.model, text)
    return read.ok && ofSequences.includes(read.sentence.is)
  })
  if (!needed) return []
  const { judgeOfSequences } = await import("./judge-sequences.ts")
  return [await judgeOfSequences(policy, seed)]
}
