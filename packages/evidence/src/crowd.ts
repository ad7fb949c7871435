/**
 * Many commands at one instant: rounds of reports sent in at once and answered at once, so that they share
 * transactions. A list as data, like the tour.
 */
import type { Yingshao } from "@yingshao/engine"
import { memoryStorage } from "@yingshao/storage-memory"
import { commandOf, idIn, openCounty, photo, placeAt, staffing, standingClock, startMs } from "./county.ts"
import type { Step } from "./tour.ts"

/**
 * @param rounds of reports; each is followed by a round of answers.
 * @param width commands at one instant.
 * @returns the steps that staff the county, one by one, and the crowd's.
 */
export const crowd = async (
  rounds: number,
  width: number,
): Promise<{ readonly before: readonly Step[]; readonly steps: readonly Step[] }> => {
  const clock = standingClock()
  const county = await openCounty(memoryStorage(), clock)
  const before: Step[] = []
  for (const [at, staff] of staffing.entries()) {
    clock.set(startMs + (at + 1) * 60_000)
    before.push(...(await together(county, clock.now(), [staff])).steps)
  }
  const steps: Step[] = []
  for (let round = 0; round < rounds; round += 1) {
    clock.set(clock.now() + 60_000)
    const sent = await together(
      county,
      clock.now(),
      Array.from({ length: width }, (_, at) =>
        commandOf(`send-${round}-${at}`, "SubmitReport", `person-${at}`, "reporter", {
          channel: "app",
          reporters: [`person-${at}`],
          photos: [photo],
          place: placeAt(round * 900, at * 900),
        }),
      ),
    )
    clock.set(clock.now() + 60_000)
    const answered = await together(
      county,
      clock.now(),
      sent.reports.map((report, at) =>
        commandOf(`answer-${round}-${at}`, "AnswerWhistle", at % 2 === 0 ? "duty" : "duty2", "duty-officer", {
          report,
          facts: { category: "facility", danger: "no", ongoing: "yes", affected: 0 },
        }),
      ),
    )
    steps.push(...sent.steps, ...answered.steps)
  }
  await county.close()
  return { before, steps }
}

// internal

const together = async (county: Yingshao, atMs: number, commands: readonly Step["command"][]) => {
  const answers = await Promise.all(commands.map((command) => county.handle(command)))
  const steps = commands.map((command, at): Step => {
    const answer = answers[at]
    return { atMs, command, answer: answer?.ok ? "accepted" : (answer?.refusal.code ?? "none") }
  })
  const reports = answers.flatMap((answer, at) =>
    commands[at]?.type === "SubmitReport" ? [idIn(answer, "report")] : [],
  )
  return { steps, reports }
}
