/** What waits for a second look, people on their way in, and points on their way out, for pages that show them. */
import type { CommandInput } from "@yingshao/core/commands"
import type { Yingshao } from "@yingshao/engine"

export interface Looked {
  /** Its reporter appealed. */
  readonly appealed: string
  /** A finding waits for a second person. */
  readonly found: string
  /** Its first report was found false, and somebody proposed to revoke the claim. */
  readonly claimed: string
}

const facts = { category: "environment", danger: "no", ongoing: "yes", affected: 3 }
const place = { words: "濛江街道环城路口" }

export const fillSecondLooks = async (engine: Yingshao, photo: string): Promise<Looked> => {
  let serial = 0
  const give = async (type: string, person: string, role: string, fields: object): Promise<string> => {
    serial += 1
    const command = { ...fields, type, id: `second-${serial}`, by: { person, role } } as CommandInput
    const answer = await engine.handle(command)
    if (!answer.ok) throw new Error(`${type}: ${JSON.stringify(answer.refusal)}`)
    const stream = answer.events.find((one) => one.stream.startsWith("report/"))?.stream ?? "/"
    return stream.slice(stream.indexOf("/") + 1)
  }
  const decided = async (verdict: string, more: object = {}, levels = ["village"]): Promise<string> => {
    const by = "p-member"
    const report = await give("SubmitReport", by, "reporter", {
      channel: "app",
      reporters: [by],
      photos: [photo],
      place,
    })
    const answer = { report, facts: { ...facts, ...more }, incident: { how: "apart" } }
    await give("AnswerWhistle", "p-duty", "duty-officer", answer)
    const confirmedClass = "danger" in more ? "emergency" : "ordinary"
    for (const level of levels)
      await give("VerifyReport", `p-${level}`, "verifier", { report, level, verdict, confirmedClass })
    return report
  }
  const approve = (report: string) =>
    give("ApproveReward", "p-approver", "approver", { report, interest: "none" })

  const appealed = await decided("false")
  await approve(appealed)
  await give("LodgeAppeal", "p-member", "reporter", { report: appealed })
  const found = await decided("true")
  await approve(found)
  const finding = { report: found, finding: "notFirst", reason: "同一处昨天已有人上报" }
  await give("ProposeFinding", "p-auditor", "auditor", finding)
  await give("AnnotateReport", "p-auditor", "auditor", { report: found, note: "照片与上月一条相同,已核" })
  await give("SetLegalHold", "p-auditor", "auditor", { report: found, reason: "复核期间保全" })
  const first = await decided("false", { category: "fire", danger: "yes" })
  const { state } = await engine.queries.state("report", first)
  const claimed = state.status === "open" ? `${state.incident}` : ""
  const change = { kind: "revoke" }
  await give("ProposeClaimChange", "p-village", "verifier", {
    incident: claimed,
    change,
    reason: "现场没有火情",
  })

  const work = { sector: "on-demand-delivery", organisation: "org-1" }
  for (const [at, stage] of ["applied", "recommended", "passed", "passed", "selected"].entries()) {
    const person = `p-candidate-${at + 1}`
    await give("ApplyAsInformant", person, "reporter", { ...work, consent: "consent-2026-1", age: 25 + at })
    if (stage === "applied") continue
    await give("RecommendApplicant", "p-captain", "captain", { person, opinion: "踏实肯干" })
    if (stage === "recommended") continue
    const review = { person, review: "passed", opinion: "无不良记录" }
    await give("ReviewApplicant", "p-admin", "programme-admin", review)
    const grades = { conduct: "excellent", fairness: "good", example: "good" }
    if (stage === "selected") {
      const candidates = [{ person, grades }]
      await give("SelectCandidates", "p-admin", "programme-admin", { candidates, places: 1 })
    }
  }
  const entries = [
    ["rain-coat", "骑行雨衣", "rain coat", 10],
    ["helmet", "安全头盔", "helmet", 300],
    ["phone-mount", "防水手机支架", "waterproof phone mount", 20],
  ] as const
  for (const [item, nameZh, nameEn, points] of entries) {
    await give("RegisterItem", "p-admin", "programme-admin", { item, entry: { nameZh, nameEn, points } })
    if (item !== "phone-mount") await give("StockItem", "p-admin", "programme-admin", { item, units: 5 })
  }
  for (let at = 0; at < 6; at += 1) await approve(await decided("true"))
  await give("HoldRedemption", "p-member", "reporter", { item: "rain-coat" })
  return { appealed, found, claimed }
}
