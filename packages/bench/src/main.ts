/**
 * `npm run bench`: prints one line a workload, ours beside a peer, the ratio and the goal.
 *
 * `--json` prints the lines for machines, `--only NAME` runs some of them (may be repeated), `--smoke` only
 * sees that they work and says nothing about speed. Goals that are missed are printed as missed; the exit
 * code tells only whether everything ran.
 */
import { cpus } from "node:os"
import { parseArgs } from "node:util"
import { type Effort, type Line, printed } from "./line.ts"

type Workload = (effort: Effort) => Promise<readonly Line[]>

/** By the name that `--only` takes; loaded when it is its turn. */
const workloads: Readonly<Record<string, () => Promise<Workload>>> = {
  decisions: async () => (await import("./triage-to-cash.ts")).triageToCash,
  "large-table": async () => (await import("./large-table.ts")).largeTable,
  "rule-engines": async () => (await import("./rule-engines.ts")).ruleEngines,
  "policy-check": async () => (await import("./policy-check.ts")).policyCheck,
  "policy-files": async () => (await import("./policy-files.ts")).policyFiles,
  "due-times": async () => (await import("./due-times.ts")).dueTimes,
  commands: async () => (await import("./commands.ts")).commands,
  postgres: async () => (await import("./postgres.ts")).postgres,
  relay: async () => (await import("./relay.ts")).relay,
  growth: async () => (await import("./growth.ts")).growth,
  "in-flight": async () => (await import("./in-flight.ts")).inFlight,
  "existing-report": async () => (await import("./existing-report.ts")).existingReport,
  "fold-journal": async () => (await import("./fold-journal.ts")).foldJournal,
  day: async () => (await import("./day.ts")).day,
}

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      json: { type: "boolean", default: false },
      smoke: { type: "boolean", default: false },
      only: { type: "string", multiple: true },
    },
  })
  const unknown = values.only?.find((name) => !Object.hasOwn(workloads, name))
  if (unknown !== undefined) {
    throw new Error(`no workload is called "${unknown}"; there are ${Object.keys(workloads).join(", ")}`)
  }
  const machine = { cores: cpus().length, cpu: cpus()[0]?.model ?? "unknown", node: process.version }
  const date = new Date().toISOString()
  const say = (text: string) => {
    if (!values.json) console.log(text)
  }
  say(`${machine.cores} x ${machine.cpu}, Node ${machine.node}, ${date}${values.smoke ? ", SMOKE ONLY" : ""}`)
  const lines: Line[] = []
  for (const [name, load] of Object.entries(workloads)) {
    if (values.only !== undefined && !values.only.includes(name)) continue
    const run = await load()
    for (const line of await run({ smoke: values.smoke })) {
      lines.push(line)
      say(printed(line))
    }
  }
  if (values.json) console.log(JSON.stringify({ machine, date, smoke: values.smoke, lines }, undefined, 2))
}

try {
  await main()
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
