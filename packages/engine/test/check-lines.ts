/**
 * What the checks can say, read off their sources: for each line its file, the promise's id and its English
 * sentence, with `…` where something is filled in. A test uses it to demand a planted fault for each.
 */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** `reward/check-reward.ts L9 the shares do not add up to the award` */
export type CheckLine = string

const coreSources = join(import.meta.dirname, "..", "..", "core", "src")
const engineSources = join(import.meta.dirname, "..", "src")

/** Lines of the domain's checks: `["L9", holds, "…", "sentence"]`. */
export const domainLines = (): readonly CheckLine[] =>
  readdirSync(coreSources, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => readdirSync(join(coreSources, name)).map((file) => `${name}/${file}`))
    .filter((file) => /\/check-.*\.ts$/.test(file))
    .sort()
    .flatMap((file) => {
      const text = readFileSync(join(coreSources, file), "utf8")
      return [...text.matchAll(/\[\s*"([A-Z]\d+)",[\s\S]*?"([^"\n]*)",?\s*\]/g)].map(
        ([, id, sentence]) => `${file} ${id} ${sentence}`,
      )
    })

/** Lines of the engine's checks: `findings.add("A3", where, "sentence", "…")`, and what `finding(…)` makes. */
export const engineLines = (): readonly CheckLine[] =>
  readdirSync(engineSources)
    .filter((file) => /^check-.*\.ts$/.test(file))
    .sort()
    .flatMap((file) => {
      const text = readFileSync(join(engineSources, file), "utf8")
      return [...text.matchAll(/(?:findings\.add|\bfinding)\(\s*"([A-Z]\d+)",/g)].flatMap(
        ({ 1: id, index, 0: head }) =>
          sentencesIn(callAt(text, index + head.length)).map((one) => `${file} ${id} ${one}`),
      )
    })

/** A sentence of the list as a pattern for what was really said. */
export const patternOf = (sentence: string): RegExp =>
  new RegExp(`^${sentence.split("…").map(escaped).join(".*")}$`, "s")

// internal

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

/** The arguments of a call from `start` to its closing parenthesis. */
const callAt = (text: string, start: number): string => {
  let depth = 1
  let at = start
  for (; at < text.length && depth > 0; at += 1) {
    if (text[at] === "(") depth += 1
    if (text[at] === ")") depth -= 1
  }
  return text.slice(start, at - 1)
}

/** English literals of a call that are sentences; `…` alone when its words come from elsewhere. */
const sentencesIn = (call: string): readonly string[] => {
  const filled = call.replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, "…")
  const literals = [...filled.matchAll(/"([^"\n]*)"|`([^`]*)`/g)].map(
    ([, plain, template]) => plain ?? template ?? "",
  )
  // biome-ignore lint/suspicious/noControlCharactersInRegex: everything outside ASCII but the ellipsis is Chinese
  const sentences = literals.filter((one) => /^[\x00-\x7f…]*$/.test(one) && one.split(" ").length > 2)
  return sentences.length === 0 ? ["…"] : sentences
}
