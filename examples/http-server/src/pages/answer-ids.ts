/** Finds in an accepted answer what came to be. */
import type { Answer } from "@yingshao/engine/handle"

/** The id of the first stream of a kind that the command wrote. @throws when there is none: a mistake of ours. */
export const idIn = (answer: Answer & { readonly ok: true }, kind: string): string => {
  const found = answer.events.find(({ stream }) => stream.startsWith(`${kind}/`))
  if (found === undefined) throw new Error(`the command wrote no ${kind}`)
  return found.stream.slice(kind.length + 1)
}
