/**
 * Makes the month that the server's fictional county has lived: `examples/http-server/county/month.jsonl.br`.
 *
 * `node --conditions=@yingshao/source examples/http-server/county/make-county.ts`. Simulates 150 reports spread over 30 days with
 * the scenarios of `yingshao day` and stops on a working morning of the next month, so that matters of every kind are still
 * open. The same sources give the same file.
 */
import { rmSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { brotliCompressSync, constants } from "node:zlib"
import type { Policy } from "@yingshao/core/decisions"
import { addMinutes, civilDate, fromMs, type Instant, startOfDay, toMs } from "@yingshao/core/kernel/time"
import { exportJournal } from "@yingshao/engine/export-journal"
import { photosSharp } from "@yingshao/photos-sharp"
import { folderBlobs } from "@yingshao/photos-sharp/folder-blobs"
import { memoryStorage } from "@yingshao/storage-memory"
import sharp from "sharp"
import { type County, countyOf, type People } from "../../cli/src/county/people.ts"
import { reportsOf } from "../../cli/src/county/reports.ts"
import { opensDaysBefore, setupOf } from "../../cli/src/county/setup.ts"
import { chanceOf } from "../../cli/src/random.ts"
import { type Command, command } from "../../cli/src/simulate/command.ts"
import { calendarOf } from "../../cli/src/simulate/day-calendar.ts"
import { openDay } from "../../cli/src/simulate/open-day.ts"
import { runDay } from "../../cli/src/simulate/run-day.ts"
import { runSetup } from "../../cli/src/simulate/run-setup.ts"
import type { Scenario } from "../../cli/src/simulate/scenario.ts"
import { examplePolicy, loadPolicy } from "../../cli/src/store/policy-file.ts"
import { programme } from "../src/county/programme.ts"

const seed = "county"
const firstDay = civilDate.parse("2026-03-16")
const lastDay = civilDate.parse("2026-04-14")
const photoFolder = new URL("photos", import.meta.url)
const target = fileURLToPath(new URL("month.jsonl.br", import.meta.url))

/** The parts of the demonstration are played by people of the simulation, under names that can be remembered. */
const withDemoPeople = (county: County): County => {
  const { staff } = county
  const first = ([_, ...others]: People, person: string): People => [person, ...others]
  const informants = county.informants.map((one, at) => (at === 22 ? { ...one, person: "p-informant" } : one))
  const renamed = new Map(county.informants.map((one, at) => [one.person, informants[at]?.person ?? ""]))
  return {
    ...county,
    informants,
    members: county.members.map((one, at) => ({
      ...one,
      leader: renamed.get(one.leader) ?? one.leader,
      ...(at === 210 ? { person: "p-member" } : {}),
    })),
    staff: {
      ...staff,
      admins: first(staff.admins, "p-admin"),
      dutyOfficers: first(staff.dutyOfficers, "p-duty"),
      payers: first(staff.payers, "p-payer"),
      policyOfficer: "p-policy",
      auditor: "p-auditor",
      officers: { ...staff.officers, "urban-management": first(officersOf(county), "p-department") },
      verifiers: staff.verifiers.map(({ level, people }) => ({ level, people: first(people, `p-${level}`) })),
      approvers: Object.fromEntries(
        Object.entries(staff.approvers).map(([band, people], at) => [
          band,
          at === 0 ? first(people, "p-approver") : people,
        ]),
      ),
    },
  }
}

const officersOf = ({ staff }: County): People => {
  const people = staff.officers["urban-management"]
  if (people === undefined) throw new Error("the policy hands nothing to urban management any more")
  return people
}

/** One department of the demonstration has a little of everything, and its approver releases any amount. */
const widened = (county: County): readonly Command[] =>
  (
    [
      ["p-approver", "approver", Object.keys(county.staff.approvers)],
      [
        "p-department",
        "department-officer",
        ["urban-management", "housing-construction", "community-office"],
      ],
    ] as const
  ).map(([person, role, scopes]) =>
    command("AppointStaff", `setup:widen:${person}`, "p-admin", "programme-admin", { person, role, scopes }),
  )

/** The generator's places lie in a row; here they fill a small county, still a kilometre apart. */
const onTheMap = (scenario: Scenario): Scenario => {
  const { place } = scenario.intake
  if (place.coordinate === undefined) return scenario
  const column = Math.floor((place.coordinate.lng - 106.2) / 0.0121)
  const lng = place.coordinate.lng - column * 0.0121 + 0.4 + (column % 12) * 0.0121
  const lat = place.coordinate.lat - 0.4 - Math.floor(column / 12) * 0.0109
  return {
    ...scenario,
    intake: { ...scenario.intake, place: { ...place, coordinate: { ...place.coordinate, lng, lat } } },
  }
}

/**
 * A picture for each category, drawn and not photographed: a sign with what the report is about, as the store
 * encodes it.
 */
const drawn = async (policy: Policy): Promise<ReadonlyMap<string, string>> => {
  rmSync(photoFolder, { recursive: true, force: true })
  const store = photosSharp({ blobs: folderBlobs(fileURLToPath(photoFolder)), limits: { quality: 60 } })
  const hashes = new Map<string, string>()
  for (const [at, category] of policy.categories.entries()) {
    const put = await store.put(programme, await sign(policy.label(category, "zh"), at))
    if (put.kind === "refused") throw new Error(`the picture of ${category}: ${put.code}`)
    hashes.set(category, put.photo.hash)
  }
  return hashes
}

const sign = (words: string, at: number): Promise<Buffer> =>
  sharp(
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480">
      <rect width="640" height="480" fill="hsl(${(at * 47) % 360} 25% 72%)"/>
      <path d="M0 360 L640 ${300 + ((at * 31) % 120)} V480 H0 Z" fill="hsl(${(at * 47) % 360} 20% 45%)"/>
      <path d="M320 70 L460 310 H180 Z" fill="#f6c945" stroke="#333" stroke-width="8" stroke-linejoin="round"/>
      <text x="320" y="280" font-size="110" font-weight="bold" text-anchor="middle" fill="#333">!</text>
      <text x="320" y="410" font-size="52" text-anchor="middle" fill="#fff" font-family="Noto Sans CJK SC">${words}(示意图)</text>
    </svg>`),
  )
    .png()
    .toBuffer()

const withPhoto =
  (hashes: ReadonlyMap<string, string>) =>
  (scenario: Scenario): Scenario => {
    const hash = hashes.get(scenario.answer.facts.category)
    const photos = scenario.intake.photos?.length === 0 || hash === undefined ? [] : [hash]
    return { ...scenario, intake: { ...scenario.intake, photos } }
  }

/** Some come in just before the end, so that the duty desk has something to answer. */
const fresh = (scenario: Scenario, at: number, until: Instant): Scenario => ({
  ...scenario,
  arrivesAt: addMinutes(until, -1 - at),
  conduct: { ...scenario.conduct, answers: 0.95 },
})

const main = async (): Promise<void> => {
  const { policy } = await loadPolicy(examplePolicy)
  const county = withDemoPeople(countyOf(seed, policy))
  const chance = chanceOf(seed)
  const until = addMinutes(startOfDay(lastDay, policy.timeZone), 9 * 60 + 30)
  const generated = reportsOf({ seed, date: firstDay, reports: 150, days: 30 }, county, policy)
    .map(onTheMap)
    .map(withPhoto(await drawn(policy)))
  const plain = generated.filter(({ arrivesAt }) => arrivesAt > until).slice(0, 4)
  const scenarios = generated
    .map((one) => (plain.includes(one) ? fresh(one, plain.indexOf(one), until) : one))
    .sort((a, b) => (a.arrivesAt < b.arrivesAt ? -1 : 1))
  const storage = memoryStorage()
  const openedAt = fromMs(
    toMs(startOfDay(firstDay, policy.timeZone)) - opensDaysBefore * 86_400_000 + 32_400_000,
  )
  const opened = await openDay(storage, programme, policy, county, openedAt)
  const phases = setupOf(county, policy, firstDay)
  await runSetup(opened, [...phases, { at: phases.at(-1)?.at ?? openedAt, commands: widened(county) }])
  const run = await runDay({
    ...opened,
    scenarios,
    until,
    script: {
      policy,
      staff: county.staff,
      chance,
      calendar: calendarOf(policy, firstDay),
      unitName: (unit) => county.units.find(({ id }) => id === unit)?.nameZh ?? unit,
    },
    onProgress: () => {},
  })
  const world = await opened.yingshao.checkWorld()
  if (!world.ok) throw new Error(JSON.stringify(world.findings))
  const head = await storage.head(programme)
  let text = ""
  for await (const line of exportJournal({ storage, programme }, { upTo: head.number })) text += line
  const bytes = brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_LGWIN]: 24 } })
  writeFileSync(target, bytes)
  console.log(
    `${head.number} records, ${run.commands} commands, ${bytes.length} bytes, ended ${run.endedAt}`,
    [...run.refusals],
  )
}

await main()
