/**
 * Gives commands to the engine: those of one lane one after the other, up to so many lanes side by side.
 *
 * Side by side they share a durable transaction of the store; one after the other, whatever could meet
 * decides in the same order on every run.
 */
import type { Answer } from "@yingshao/engine/handle"
import type { Command } from "./command.ts"

export interface Errand {
  readonly lane: string
  readonly command: Command
}

/** Lanes side by side. */
export const mostLanes = 64

/** Times that a command is given again after rivals came first. */
const mostTries = 5

/**
 * @param done is told every answer, before the lane's next command is given.
 * @throws whatever the engine throws, but `Busy` only after some tries.
 */
export const runErrands = async <E extends Errand>(
  errands: readonly E[],
  handle: (command: Command) => Promise<Answer>,
  done: (errand: E, answer: Answer) => Promise<void>,
): Promise<void> => {
  const lanes = [...Map.groupBy(errands, ({ lane }) => lane).values()]
  let next = 0
  const work = async (): Promise<void> => {
    for (let lane = lanes[next++]; lane !== undefined; lane = lanes[next++]) {
      for (const errand of lane) await done(errand, await patiently(handle, errand.command))
    }
  }
  await Promise.all(Array.from({ length: Math.min(mostLanes, lanes.length) }, work))
}

// internal

const patiently = async (
  handle: (command: Command) => Promise<Answer>,
  command: Command,
): Promise<Answer> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await handle(command)
    } catch (error) {
      const tag = typeof error === "object" && error !== null && "_tag" in error ? error._tag : undefined
      if (tag !== "Busy" || attempt === mostTries) throw error
    }
  }
}
