/**
 * Kills and power cuts at every cut of recorded runs: the tour, one command after the other, from an empty
 * folder to the closed file; and a crowd whose commands share transactions, three times: written as usual, by a
 * second thread, and as a file for one process. A control with
 * `synchronous=NORMAL` must lose something, else the images prove nothing.
 */

import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { openSqliteFile, sqliteStorage } from "@yingshao/storage-sqlite"
import { openCounty, standingClock } from "./county.ts"
import { type CutPlan, type CutResult, checkCuts, type Recording, record } from "./crash-images.ts"
import { crowd } from "./crowd.ts"
import type { Step } from "./tour.ts"

/** As usual, by a second thread, or as a file for one process. */
export type Way = "full" | "beside" | "alone"

export const allWays: readonly Way[] = ["full", "beside", "alone"]

export interface PowerCutOptions {
  readonly folder: string
  /** Every so many cuts; 1 is every cut. */
  readonly stride: number
  /** Torn images at each cut. */
  readonly tornSeeds: number
  /** The tour; left out: the crowds alone. */
  readonly tour?: readonly Step[]
  /** How the crowd's file is written, a recording each. */
  readonly ways: readonly Way[]
  /** The control's own stride; left out: every cut. */
  readonly control?: { readonly stride: number }
  readonly crowd: { readonly rounds: number; readonly width: number }
  readonly say: (line: string) => void
}

export interface PowerCutReport {
  /** What must be 0: acknowledged commands lost, and worlds that are not sound. */
  readonly problems: readonly string[]
  /** What must not be 0: images of the control in which an acknowledged command was lost. */
  readonly lostByControl: number
  readonly images: number
  readonly cuts: number
}

export const powerCuts = async (options: PowerCutOptions): Promise<PowerCutReport> => {
  const { folder, say } = options
  mkdirSync(folder, { recursive: true })
  const { before, steps: crowded } = await crowd(options.crowd.rounds, options.crowd.width)
  const settled = await settledFile(join(folder, "settled.db"), before)
  const full = { mode: "full", checkpointPages: 60 } as const
  const recordings = [
    ...(options.tour === undefined ? [] : [await record(folder, "tour", options.tour, full)]),
  ]
  for (const mode of options.ways)
    recordings.push(await record(folder, `crowd-${mode}`, crowded, { ...full, mode, from: settled }))
  let images = 0
  let cuts = 0
  const problems: string[] = []
  for (const recording of recordings) {
    say(shape(recording))
    for (const [name, plan] of plansOf(options)) {
      const result = await checkCuts(folder, recording, plan)
      say(`  ${name}: ${line(result)}`)
      images += result.images
      cuts += result.cuts
      problems.push(...result.problems)
    }
  }
  const control = await record(folder, "control", crowded, { ...full, mode: "normal", from: settled })
  say(shape(control))
  const plan: CutPlan = {
    cut: { unsynced: "dropped", names: "kept" },
    stride: options.control?.stride ?? 1,
    seeds: 1,
  }
  const lost = await checkCuts(folder, control, plan)
  say(`  power cut, unsynced dropped, with synchronous=NORMAL: ${line(lost)}`)
  return { problems, lostByControl: lost.lost, images, cuts }
}

// internal

const plansOf = ({ stride, tornSeeds }: PowerCutOptions): readonly (readonly [string, CutPlan])[] => [
  ["killed, page cache kept", { cut: { unsynced: "kept", names: "kept" }, stride, seeds: 1 }],
  ["power cut, unsynced dropped", { cut: { unsynced: "dropped", names: "kept" }, stride, seeds: 1 }],
  ["power cut, names lost too", { cut: { unsynced: "dropped", names: "lost" }, stride, seeds: 1 }],
  ["power cut, torn at 512 bytes", { cut: { unsynced: "torn", names: "kept" }, stride, seeds: tornSeeds }],
  ["power cut, torn, names lost too", { cut: { unsynced: "torn", names: "lost" }, stride, seeds: tornSeeds }],
]

const shape = ({ name, calls }: Recording): string => {
  const count = (kind: string): number => calls.filter((call) => call.kind === kind).length
  const acknowledged = calls.filter((call) => call.kind === "mark" && call.text.startsWith("ack")).length
  return (
    `${name}: ${count("write")} writes, ${count("sync")} syncs, ${count("truncate")} truncations, ` +
    `${count("create") + count("unlink")} names, ${acknowledged} commands acknowledged`
  )
}

const line = ({ cuts, images, files, lost, problems }: CutResult): string =>
  `${cuts} cuts, ${images} different images, recovered to ${files} different files, ${lost} with an acknowledged command lost, ` +
  `${problems.length === 0 ? "no" : `${problems.length} or more`} problems`

/** A county on a file, with these steps behind it, closed. */
const settledFile = async (file: string, steps: readonly Step[]): Promise<string> => {
  const database = openSqliteFile(file)
  const clock = standingClock()
  const county = await openCounty(await sqliteStorage({ database }), clock)
  for (const { atMs, command } of steps) {
    clock.set(atMs)
    await county.handle(command)
  }
  await county.close()
  database.close()
  return file
}
