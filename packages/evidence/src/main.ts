/**
 * `npm run evidence -- NAME [options]`: runs one proof at full size, prints what was seen, and ends with 1
 * when a promise was broken or a control did not fail.
 *
 * Names: `power-cuts`, `write-faults`, `rivals`, `relay`, and for PostgreSQL `postgres-relay`, `postgres-crashes`,
 * `postgres-rivals`, `same-digests`. Options: `--size N` is how many messages the relay's two take (10,000), and how
 * many cycles, matters or seeds the last three (200, 2000, 500); `--stride N` tries every N-th cut, `--most N` tries
 * at most N points of each kind of call, evenly, `--only KIND` takes one kind of command, or of `power-cuts` one of
 * the recordings `tour`, `crowd-full`, `crowd-beside`, `crowd-alone`. Without options nothing is
 * left out. What needs strace says so and is skipped where there is none.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { postgresProofs } from "./postgres-proofs.ts"
import { allWays, powerCuts } from "./power-cuts.ts"
import { relayCrowd } from "./relay-crowd.ts"
import { killSize, relayKills } from "./relay-kills.ts"
import { rivals } from "./rivals.ts"
import { storeCalls } from "./store-calls.ts"
import { whyNoTrace } from "./system-calls.ts"
import { tour } from "./tour.ts"
import { evenly, faultsAt, writeFaults } from "./write-faults.ts"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    stride: { type: "string", default: "1" },
    seeds: { type: "string", default: "2" },
    most: { type: "string" },
    size: { type: "string" },
    only: { type: "string", multiple: true },
    fault: { type: "string", multiple: true },
  },
})

/** A proof writes lines and says what was wrong; nothing wrong is an empty list. */
type Proof = (folder: string) => Promise<readonly string[]>

const say = (line: string): void => console.log(line)

const wanted = (recording: string): boolean => values.only?.includes(recording) ?? true

const powerCutProof: Proof = async (folder) => {
  const { problems, lostByControl, images } = await powerCuts({
    folder,
    stride: Number(values.stride),
    tornSeeds: Number(values.seeds),
    ...(wanted("tour") ? { tour: await tour() } : {}),
    ways: allWays.filter((way) => wanted(`crowd-${way}`)),
    crowd: { rounds: 6, width: 8 },
    say,
  })
  say(`${images} images checked, ${problems.length} problems`)
  return lostByControl > 0 ? problems : [...problems, "the control lost nothing: the images prove nothing"]
}

const writeFaultProof: Proof = async (folder) => {
  const sample = values.most === undefined ? evenly(Number.MAX_SAFE_INTEGER) : evenly(Number(values.most))
  const calls = await storeCalls(folder, await tour(), values.only)
  say(`${calls.length} kinds of call`)
  const problems: string[] = []
  for (const fault of writeFaults.filter(({ name }) => values.fault?.includes(name) ?? true)) {
    let points = 0
    let tried = 0
    const endings = new Map<string, number>()
    for (const call of calls) {
      const result = await faultsAt(folder, call, fault, sample)
      points += result.points
      tried += result.tried
      for (const [ending, count] of result.endings) endings.set(ending, (endings.get(ending) ?? 0) + count)
      for (const problem of result.problems) say(`  PROBLEM ${problem}`)
      problems.push(...result.problems)
    }
    const ended = [...endings].map(([ending, count]) => `${count} × ${ending}`).join(", ")
    say(`${fault.name}: ${tried} of ${points} points; first attempts: ${ended}`)
  }
  return problems
}

const rivalProof: Proof = (folder) => rivals({ folder, matters: 500, naiveMatters: 100, people: 25, say })

const relayProof: Proof = async (folder) => {
  const size = killSize(Number(values.size ?? 10_000))
  return [
    ...(await relayCrowd({ ...size, say })),
    ...(await relayKills({ ...size, place: join(folder, "relay.db"), workers: 3, say })),
  ]
}

const proofs: Readonly<Record<string, { readonly run: Proof; readonly traced: boolean }>> = {
  "power-cuts": { run: powerCutProof, traced: true },
  "write-faults": { run: writeFaultProof, traced: true },
  rivals: { run: rivalProof, traced: false },
  relay: { run: relayProof, traced: false },
  ...Object.fromEntries(
    Object.entries(postgresProofs).map(([name, { run, size }]) => [
      name,
      { run: () => run(Number(values.size ?? size), say), traced: false },
    ]),
  ),
}

const name = positionals[0] ?? ""
const proof = proofs[name]
if (proof === undefined) {
  console.error(`npm run evidence -- ${Object.keys(proofs).join(" | ")}`)
  process.exit(2)
}
const reason = proof.traced ? whyNoTrace() : undefined
if (reason !== undefined) {
  console.error(`${name}: skipped, ${reason}`)
  process.exit(3)
}
const folder = mkdtempSync(join(tmpdir(), "yingshao-evidence-"))
try {
  const problems = await proof.run(folder)
  for (const problem of problems) console.error(`PROBLEM ${problem}`)
  say(problems.length === 0 ? `${name}: held` : `${name}: BROKEN`)
  process.exitCode = problems.length === 0 ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
