/** Which sentences are about reports that follow each other, so that the running rules have to be asked. */
import type { Sentence } from "@yingshao/policy/properties/sentence"

export const ofSequences: readonly Sentence["is"][] = ["oneAward", "orderFree", "answeredOrFlagged"]
