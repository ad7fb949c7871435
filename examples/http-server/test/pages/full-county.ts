/** A county with much to show: 200 reports, long words, emergencies, requests for time, cash to collect. */
import type { CommandInput } from "@yingshao/core/commands"
import type { Yingshao } from "@yingshao/engine"

/** Fifty characters, as long as addresses get. */
export const longAddress =
  "黔南布依族苗族自治州惠水县濛江街道环城北路与涟江大道交叉口东北侧三十米处老菜市场后门第二个垃圾收集点旁边"

export interface Filled {
  /** A new report with a likely duplicate. */
  readonly fresh: string
  /** An emergency that was handed over to the channels. */
  readonly emergency: { readonly report: string; readonly incident: string }
  /** An ordinary matter whose unit asked for more time. */
  readonly ordinary: { readonly report: string; readonly incident: string }
  /** Handled and answered: its reporter may say how it was. */
  readonly handled: { readonly report: string; readonly incident: string }
}

export const fill = async (engine: Yingshao, photo: string): Promise<Filled> => {
  let serial = 0
  const give = async (type: string, person: string, role: string, fields: object): Promise<string> => {
    serial += 1
    const answer = await engine.handle({
      ...fields,
      type,
      id: `fill-${serial}`,
      by: { person, role },
    } as CommandInput)
    if (!answer.ok) throw new Error(`${type}: ${JSON.stringify(answer.refusal)}`)
    const made = answer.events.find(({ stream }) => /^(report|incident)\//.test(stream))?.stream ?? "/"
    return made.slice(made.indexOf("/") + 1)
  }
  const submit = (at: number, words = longAddress) =>
    give("SubmitReport", at % 3 === 0 ? "p-member" : "p-informant", "reporter", {
      channel: "app",
      reporters: [at % 3 === 0 ? "p-member" : "p-informant"],
      photos: [photo],
      category: "environment",
      place: {
        coordinate: {
          lng: 106.6 + (at % 17) * 0.01,
          lat: 26.1 + (at % 11) * 0.01,
          crs: "wgs84",
          accuracyM: 12,
        },
        words,
      },
    })
  const answer = async (report: string, category: string, danger: string) => {
    const facts = { category, danger, ongoing: "yes", affected: "unknown" }
    await give("AnswerWhistle", "p-duty", "duty-officer", { report, facts, incident: { how: "apart" } })
    const { state } = await engine.queries.state("report", report)
    const incident = state.status === "none" || state.status === "new" ? undefined : state.incident
    if (incident === undefined) throw new Error("no incident")
    return { report, incident }
  }
  const handOver = (incident: string) => give("HandOver", "p-duty", "duty-officer", { incident })

  for (let at = 0; at < 190; at += 1) await submit(at)
  const emergency = await answer(await submit(1), "fire", "yes")
  await handOver(emergency.incident)
  const ordinary = await answer(await submit(2), "environment", "no")
  await handOver(ordinary.incident)
  const unit = "urban-management"
  await give("AskExtension", "p-department", "department-officer", {
    incident: ordinary.incident,
    obligation: `${ordinary.incident}:handle`,
    minutes: 480,
    reason: "等清运车",
  })
  const handled = await answer(await submit(4), "environment", "no")
  await handOver(handled.incident)
  await give("RecordHandled", "p-department", "department-officer", {
    incident: handled.incident,
    unit,
    result: "已清走,并加装一个收集箱。",
    photos: [photo],
    residentsBenefited: 40,
  })
  await give("ReplyToReporters", "p-duty", "duty-officer", {
    report: handled.report,
    text: "已清走,谢谢您。",
  })
  for (const level of ["village", "township", "county"]) {
    await give("VerifyReport", `p-${level}`, "verifier", {
      report: emergency.report,
      level,
      verdict: "true",
      confirmedClass: "emergency",
    })
  }
  await give("GradeReport", "p-county", "verifier", {
    report: emergency.report,
    grading: { value: "major", difficulty: "hard" },
    reason: "涉及人身安全",
  })
  await give("ApproveReward", "p-approver", "approver", { report: emergency.report, interest: "none" })
  await give("VerifyReport", "p-village", "verifier", {
    report: handled.report,
    level: "village",
    verdict: "true",
    confirmedClass: "ordinary",
  })
  const near = await answer(await submit(5), "environment", "no")
  if (near.incident === "") throw new Error("no incident")
  const fresh = await submit(5)
  return { fresh, emergency, ordinary, handled }
}
