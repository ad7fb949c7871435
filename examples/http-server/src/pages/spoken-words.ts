/**
 * A reporter's own words: kept with the identity port, erasable, and shown to whoever answers the whistle
 * for that purpose only.
 */
import { createHash } from "node:crypto"
import type { Visit } from "../session/visit.ts"

/** Bytes that the identity port takes in one field. */
const mostBytes = 1_000

/**
 * @param command the form's id: the same form sent twice keeps the words once.
 * @returns the handle, or `undefined` where the host keeps no identities.
 */
export const keepWords = async (
  { engine, actor }: Visit,
  command: string,
  words: string,
): Promise<string | undefined> => {
  if (engine.identity === undefined) return undefined
  const digest = createHash("sha256").update(`${actor?.person}\n${command}\n${words}`).digest("hex")
  const handle = `w-${digest.slice(0, 32)}`
  await engine.identity.put(engine.programme, handle, { words: cut(words) })
  return handle
}

/** The words, for whoever works on the report; every look leaves a record with its purpose. */
export const wordsFor = async (
  { engine, actor }: Visit,
  report: string,
  handle: string | undefined,
): Promise<string | undefined> => {
  if (handle === undefined || engine.identity === undefined || actor === undefined) return undefined
  const seen = await engine.identity.unmask(engine.programme, handle, ["words"], {
    actor: actor.person,
    caseKey: report,
    purpose: "answer-whistle",
  })
  return seen.kind === "fields" ? seen.fields.words : undefined
}

// internal

const cut = (words: string): string => {
  let kept = words
  while (Buffer.byteLength(kept) > mostBytes) kept = kept.slice(0, -1)
  return kept
}
