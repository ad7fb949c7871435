/**
 * One of the processes of `postgres-rivals.ts`. Arguments: `claim` or `naive`, URL, schema, name, how many matters, how
 * many reports of each. It says `ready`, waits for a line, hands everything in, a few matters at a time, and says
 * how many of its reports were first.
 */
import { once } from "node:events"
import { postgresStorage } from "@yingshao/storage-postgres"
import { append, command, state, take } from "@yingshao/testkit/storage-cases/storage-case"
import pg from "pg"

const [way = "", url = "", schema = "", name = "", matters = "0", reports = "0"] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: url, max: 8 })
const storage = way === "naive" ? undefined : await postgresStorage({ pool, schema })
const counted = { first: 0, refused: 0 }

const claim = async (matter: string, report: string): Promise<void> => {
  const opened = append(`r/${report}`, 0, state(report))
  const first = command(`first ${report}`, {
    appends: [opened],
    claims: [take(`first-holder/${matter}`, report)],
  })
  const result = await storage?.commit("rivals", first)
  if (result?.kind === "committed") counted.first += 1
  else if (result?.kind === "claimed") {
    const accepted = await storage?.commit("rivals", command(`also ${report}`, { appends: [opened] }))
    if (accepted?.kind !== "committed") throw new Error(`${report} gave ${JSON.stringify(accepted)}`)
    counted.refused += 1
  } else throw new Error(`${report} gave ${JSON.stringify(result)}`)
}

/** Looks whether the matter is free, and takes it then. */
const naive = async (matter: string, report: string): Promise<void> => {
  const { rowCount } = await pool.query(`SELECT FROM ${schema}.naive WHERE matter = $1`, [matter])
  if ((rowCount ?? 0) === 0) await pool.query(`INSERT INTO ${schema}.naive VALUES ($1, $2)`, [matter, report])
}

console.log("ready")
await once(process.stdin, "data")
const atOnce = 50
for (let from = 0; from < Number(matters); from += atOnce) {
  const some = Array.from({ length: Math.min(atOnce, Number(matters) - from) }, (_, at) => from + at)
  await Promise.all(
    some.flatMap((matter) =>
      Array.from({ length: Number(reports) }, (_, at) =>
        (way === "naive" ? naive : claim)(`m-${matter}`, `${name}-${matter}-${at}`),
      ),
    ),
  )
}
console.log(JSON.stringify(counted))
await pool.end()
process.exit(0)
