import { countyOf } from "../src/county/people.ts"
import { reportsOf, startOfDay } from "../src/county/reports.ts"
import { setupOf } from "../src/county/setup.ts"
import { openDay } from "../src/simulate/open-day.ts"
import { runSetup } from "../src/simulate/run-setup.ts"
import { runDay } from "../src/simulate/run-day.ts"
import { chanceOf } from "../src/random.ts"
import { loadPolicy, examplePolicy } from "../src/store/policy-file.ts"
import { openDatabase } from "../src/store/database.ts"
import { workingCalendar } from "@yingshao/core/calendar/working-calendar"
import { chinaYears } from "@yingshao/core/calendar/china-years"
import { addDays, addMinutes } from "@yingshao/core/kernel/time"
const N = Number(process.argv[3] ?? 150), db = process.argv[4]
const { policy } = await loadPolicy(examplePolicy).catch(async e => { console.log(e.message); const { fixedPolicy } = await import("/work/main/packages/core/test/fixtures/fixed-policy.ts"); return { policy: fixedPolicy() } })
const date = "2026-03-24" as any
const county = countyOf("1", policy)
const storage = await openDatabase(db ? { database: db } : { database: "", memory: true }, "create")
let t = performance.now()
let c = process.cpuUsage(); const lap = (s: string) => { const u = process.cpuUsage(c); console.log(s, Math.round(performance.now() - t), "ms; cpu", Math.round((u.user+u.system)/1000), "ms;", Math.round(process.memoryUsage().rss / 1e6), "MB"); t = performance.now(); c = process.cpuUsage() }
const day = await openDay(storage, "990101-test", policy, county, addMinutes(startOfDay(addDays(date, -22), policy.timeZone), 540))
lap("open")
await runSetup(day, setupOf(county, policy, date)); lap("setup")
const hours = policy.decide("hours", {}, { accepted: date, step: date })
const calendar = workingCalendar({ timeZone: policy.timeZone, hours: (hours as any).conclusions.workingHours, years: chinaYears })
const scenarios = reportsOf({ seed: "1", date, reports: N }, county, policy); lap("generate")
const run = await runDay({ ...day, scenarios, until: addMinutes(startOfDay(date, policy.timeZone), 120 * 1440), onProgress: () => {}, script: { staff: county.staff, calendar, chance: chanceOf("1"), unitName: u => policy.label(u, "zh"), policy } })
console.log(run); lap("run")
console.log(Object.fromEntries(await day.yingshao.queries.tallies("")))
if (process.env["NOCHECK"]) throw 1
const w = await day.yingshao.checkWorld(); console.log(w.ok, w.findings.slice(0, 5), w.counted); lap("check")
console.log((await storage.head("990101-test")).number)
