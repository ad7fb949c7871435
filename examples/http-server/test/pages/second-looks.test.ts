/** Decisions that somebody looks at again, people who come and go, points that are used: each by its page. */
import type { CommandInput } from "@yingshao/core/commands"
import { beforeAll, describe, expect, test } from "vitest"
import { type Browser, openApp, signedIn, type TestApp } from "../open-app.ts"

let county: TestApp
const at: Record<string, Browser> = {}
let serial = 0

beforeAll(async () => {
  county = await openApp()
  for (const account of ["informant", "member", "duty", "village", "township", "approver", "payer"])
    at[account] = await signedIn(county, account)
  for (const account of ["admin", "deputy", "captain", "auditor", "policy"])
    at[account] = await signedIn(county, account)
})

const given = async (type: string, person: string, role: string, fields: object): Promise<string> => {
  serial += 1
  const command = { ...fields, type, id: `given-${serial}`, by: { person, role } } as CommandInput
  const answer = await county.engine.handle(command)
  if (!answer.ok) throw new Error(`${type}: ${JSON.stringify(answer.refusal)}`)
  const stream = answer.events.find((one) => /^(report|incident)\//.test(one.stream))?.stream ?? "/"
  return stream.slice(stream.indexOf("/") + 1)
}

const page = async (account: string, path: string): Promise<string> =>
  (await (at[account] as Browser).get(path)).text()

/** Sends a form, as the button of a page would. @returns the page that it leads to, or the refusal's. */
const send = async (
  account: string,
  path: string,
  fields: Readonly<Record<string, string>>,
): Promise<string> => {
  serial += 1
  const answer = await (at[account] as Browser).post(path, { command: `w-${serial}`, ...fields })
  const to = answer.headers.get("location")
  if (answer.status !== 303 || to === null) return `${answer.status} ${await answer.text()}`
  return page(account, to)
}

const facts = { category: "environment", danger: "no", ongoing: "yes", affected: 3 }

/** A report that was answered; apart from all others. */
const answered = async (person: string, more: object = {}): Promise<{ report: string; incident: string }> => {
  const report = await given("SubmitReport", person, "reporter", {
    channel: "app",
    reporters: [person],
    photos: [county.photo],
    place: { words: "濛江街道环城路口" },
  })
  const payload = { report, facts: { ...facts, ...more }, incident: { how: "apart" } }
  await given("AnswerWhistle", "p-duty", "duty-officer", payload)
  const { state } = await county.engine.queries.state("report", report)
  return { report, incident: state.status === "none" || state.status === "new" ? "" : `${state.incident}` }
}

const verified = (report: string, verdict: string, levels = ["village"], confirmedClass = "ordinary") =>
  Promise.all([]).then(async () => {
    for (const level of levels)
      await given("VerifyReport", `p-${level}`, "verifier", { report, level, verdict, confirmedClass })
  })

describe("a decision is looked at again", () => {
  test("an appeal: the reporter lodges it, the department decides it, the reporter hears what came of it", async () => {
    const { report } = await answered("p-informant")
    await verified(report, "false")
    await given("ApproveReward", "p-approver", "approver", { report, interest: "none" })
    expect(await page("admin", "/appeals")).toContain("没有等复核的申诉")
    expect(await send("informant", `/mine/${report}/appeal`, {})).toContain("已申诉,等待复核")
    expect(await page("admin", "/appeals")).toContain(`/appeals/${report}`)
    expect(await page("admin", `/appeals/${report}`)).toContain("对不奖励的决定申诉")
    const ruled = await send("admin", `/appeals/${report}`, { outcome: "upheld", reason: "照片与地点不符" })
    expect(ruled).toContain("已作出复核")
    const own = await page("informant", `/mine/${report}`)
    expect(own).toContain("申诉已复核:维持原决定")
    expect(own).not.toContain("照片与地点不符")
  })

  test("L12 L18 a finding: the auditor proposes, another confirms, the points are taken back; the appeal is another's", async () => {
    const { report } = await answered("p-informant")
    await verified(report, "true")
    await given("ApproveReward", "p-approver", "approver", { report, interest: "none" })
    const number = report.slice(2, 10)
    expect(await page("auditor", `/findings?number=${number}`)).toContain(`/findings/${report}`)
    const proposed = { finding: "fraud", reason: "摆拍", right: "" }
    expect(await send("auditor", `/findings/${report}/propose`, proposed)).toContain(
      "须由社会工作部另一人决定",
    )
    expect(await page("admin", "/findings")).toContain("等第二人决定")
    expect(await page("admin", `/findings/${report}`)).toMatch(/按规则追回:<strong>积分 5 分/)
    const confirmed = { decision: "confirm", reason: "属实" }
    expect(await send("admin", `/findings/${report}/decide`, confirmed)).toContain("已追回:积分 5 分")
    expect(await send("informant", `/mine/${report}/appeal`, {})).toContain("已申诉")
    // Who took it back decides no appeal against it.
    expect(await page("admin", `/appeals/${report}`)).toContain("须由别人复核")
    const own = await send("admin", `/appeals/${report}`, { outcome: "overturned", reason: "x" })
    expect(own).toMatch(/^422/)
    const ruled = await send("deputy", `/appeals/${report}`, { outcome: "overturned", reason: "有视频" })
    expect(ruled).toContain("已作出复核")
    expect(await page("informant", `/mine/${report}`)).toContain("原决定已撤销")
  })

  test("L17 the claim of a holder who was found false: a verifier proposes, another confirms, two name the next", async () => {
    const { report, incident } = await answered("p-informant", { category: "fire", danger: "yes" })
    const second = await given("SubmitReport", "p-member", "reporter", {
      channel: "app",
      reporters: ["p-member"],
      photos: [county.photo],
      place: { words: "濛江街道环城路口" },
    })
    await given("AnswerWhistle", "p-duty", "duty-officer", {
      report: second,
      facts: { ...facts, category: "fire", danger: "yes" },
      incident: { how: "join", incident },
    })
    expect(await page("village", `/claims/${incident}`)).not.toContain("提出,等第二人确认")
    await verified(report, "false", ["village"], "emergency")
    expect(await page("village", `/verify/${report}`)).toContain(`/claims/${incident}`)
    const revoke = { change: "revoke", reason: "现场没有火情" }
    expect(await send("village", `/claims/${incident}/propose`, revoke)).toContain("撤销首报资格")
    expect(await page("admin", "/claims")).toContain(`/claims/${incident}`)
    expect(await send("village", `/claims/${incident}/confirm`, {})).toMatch(/^422/)
    expect(await send("admin", `/claims/${incident}/confirm`, {})).toContain("首报资格空缺")
    const name = { change: second, reason: "其次上报" }
    expect(await send("admin", `/claims/${incident}/propose`, name)).toContain("为首报")
    expect(await send("township", `/claims/${incident}/confirm`, {})).toContain("首报已定")
  })
})

describe("the record and the shape of a matter", () => {
  test("S2 a note and a legal hold, by the duty desk's page and the auditor's", async () => {
    const { report } = await answered("p-informant")
    const noted = await send("duty", `/desk/reports/${report}/note`, { note: "电话核过" })
    expect(noted).toContain("电话核过")
    expect(noted).not.toContain("保全")
    expect(await send("auditor", `/findings/${report}/hold`, { reason: "复核案" })).toContain("已依法保全")
    expect(await page("informant", `/mine/${report}`)).not.toContain("电话核过")
  })

  test("L16 an incident is split and merged by its page, with the near ones to choose from", async () => {
    const coordinate = { lng: 106.66, lat: 26.13, crs: "wgs84" }
    const submit = (person: string) =>
      given("SubmitReport", person, "reporter", {
        channel: "app",
        reporters: [person],
        photos: [county.photo],
        place: { coordinate },
      })
    const first = await submit("p-informant")
    await given("AnswerWhistle", "p-duty", "duty-officer", { report: first, facts })
    const second = await submit("p-member")
    await given("AnswerWhistle", "p-duty", "duty-officer", { report: second, facts })
    const { state } = await county.engine.queries.state("report", first)
    const incident = state.status === "open" ? `${state.incident}` : ""
    const path = `/desk/incidents/${incident}`
    expect(await page("duty", path)).toContain(`name="leaves-${second}"`)
    const split = await send("duty", `${path}/split`, { [`leaves-${second}`]: "yes", reason: "两处" })
    expect(split).toContain("已拆分")
    expect(split).toContain(second)
    const after = (await county.engine.queries.state("report", second)).state
    const made = after.status === "open" ? `${after.incident}` : ""
    expect(made).not.toBe(incident)
    const near = await page("duty", `/desk/incidents/${made}`)
    expect(near).toContain(`value="${incident}"`)
    const merged = await send("duty", `/desk/incidents/${made}/merge`, { near: incident, reason: "还是一处" })
    expect(merged).toContain("已并案")
  })
})

describe("people come and go", () => {
  const work = { sector: "on-demand-delivery", organisation: "org-1" }

  test("S6 from the own application to the card, each step another person's", async () => {
    const applied = await send("policy", "/standing/apply", { ...work, age: "30", consent: "consent-2026-1" })
    expect(applied).toContain("已申请,等行业推荐")
    expect(await page("captain", "/admissions")).toContain("推荐 p-policy")
    const person = "p-policy"
    expect(await send("captain", "/admissions/recommend", { person, opinion: "同意" })).toContain("已推荐")
    const passed = await send("admin", "/admissions/review", { person, review: "passed", opinion: "合格" })
    expect(passed).toContain("参加这次比选")
    const selected = await send("admin", "/admissions/select", {
      "person-0": person,
      "takes-part-0": "yes",
      "conduct-0": "excellent",
      "fairness-0": "good",
      "example-0": "good",
      places: "1",
    })
    expect(selected).toContain("给 p-policy 发证")
    expect(await send("admin", "/admissions/issue", { person, number: "", validUntil: "" })).toContain(
      "已发证",
    )
    expect(await page("policy", "/standing")).toContain("在册信息员")
    expect(await send("policy", "/standing/withdraw", {})).toContain("已退出")
  })

  test("S4 S8 the roster: remind, suspend, reinstate; the rules propose and a person decides", async () => {
    const path = "/roster/p-informant"
    expect(await page("admin", "/roster")).toContain(path)
    expect(await page("admin", path)).toContain("规则建议")
    expect(await send("captain", `${path}/remind`, { reason: "久未上报" })).toContain("已提醒")
    expect(await send("captain", `${path}/suspend`, { reason: "x" })).toMatch(/^403/)
    expect(await send("admin", `${path}/suspend`, { reason: "核查中" })).toContain("已暂停")
    expect(await send("admin", `${path}/reinstate`, { reason: "核查无误" })).toContain("已恢复")
  })

  test("a squad: its leader enrols and takes off, a captain gives a member another leader", async () => {
    const enrol = { ...work, person: "p-newcomer" }
    expect(await send("informant", "/standing/enrol", enrol)).toContain("我的分队(2 人)")
    const end = { person: "p-newcomer", reason: "离职" }
    expect(await send("informant", "/standing/end-membership", end)).toContain("我的分队(1 人)")
    expect(await page("captain", "/roster?status=enrolled")).toContain("/roster/p-member")
    const same = await send("captain", "/roster/p-member/assign", { leader: "p-informant" })
    expect(same).toMatch(/^422/)
    expect(await send("member", "/standing/leave", { reason: "换工作" })).toContain("已离队")
    const back = { ...work, person: "p-member", leader: "p-informant" }
    expect(await send("captain", "/roster", back)).toContain("已入队")
  })

  test("S6 removal decides about the points too, and only the admin removes", async () => {
    await given("EnrolMember", "p-captain", "captain", {
      ...work,
      person: "p-leaver",
      consent: "consent-2026-1",
      leader: "p-informant",
    })
    const remove = { reason: "多次不实", balance: "forfeit", negative: "", successor: "" }
    expect(await send("captain", "/roster/p-leaver/remove", remove)).toMatch(/^403/)
    expect(await send("admin", "/roster/p-leaver/remove", remove)).toContain("已清退")
  })

  test("staff are appointed and dismissed; the last admin stays", async () => {
    const appoint = { role: "verifier", person: "p-newcomer", scopes: "village" }
    expect(await send("admin", "/staff/appoint", appoint)).toContain("p-newcomer")
    const dismiss = { role: "verifier", person: "p-newcomer", reason: "调离" }
    expect(await send("admin", "/staff/dismiss", dismiss)).toContain("已免去")
    const unknown = { role: "verifier", person: "p-newcomer", scopes: "moon" }
    expect(await send("admin", "/staff/appoint", unknown)).toMatch(/^422/)
  })
})

describe("points are used", () => {
  test("L19 reserved by the reporter, handed out at the counter; given up, the points are back", async () => {
    const thing = { item: "rain-coat", nameZh: "雨衣", nameEn: "rain coat", points: "10" }
    expect(await send("admin", "/redemptions/register", thing)).toContain("雨衣")
    const stocked = await send("admin", "/redemptions/stock", { item: "rain-coat", units: "2", how: "on" })
    expect(stocked).toContain("在库 2")
    // Eight ordinary reports: 40 points, enough to redeem.
    for (let n = 0; n < 8; n += 1) {
      const { report } = await answered("p-member")
      await verified(report, "true")
      await given("ApproveReward", "p-approver", "approver", { report, interest: "none" })
    }
    expect(await send("member", "/redeem/hold", { item: "rain-coat" })).toContain("已预留")
    const holds = async () => (await county.engine.queries.state("account", "p-member")).state.holds
    const [first] = await holds()
    expect(await send("member", "/redeem/release", { hold: `${first?.hold}` })).toContain("积分退回")
    await send("member", "/redeem/hold", { item: "rain-coat" })
    const [second] = await holds()
    expect(await page("payer", "/redemptions")).toContain("雨衣")
    const out = await send("payer", "/redemptions/hand-out", { person: "p-member", hold: `${second?.hold}` })
    expect(out).toContain("已发放")
    expect(await page("member", "/redeem")).toMatch(/可用积分<\/dt><dd>30/)
  })

  test("P10 L18 cash that was taken back after it was paid is given back at the cashier's, who sees no report", async () => {
    const { report } = await answered("p-informant", { category: "fire", danger: "yes" })
    await verified(report, "true", ["village", "township", "county"], "emergency")
    await given("GradeReport", "p-county", "verifier", {
      report,
      grading: { value: "minor", difficulty: "easy" },
      reason: "现场评定",
    })
    await given("ApproveReward", "p-approver", "approver", { report, interest: "none" })
    const line = /name="line" value="([^"]+)"/
    const list = await page("payer", "/pay")
    expect(list).not.toContain(report)
    const owing = line.exec(list)?.[1] ?? ""
    // Another cashier's line is none.
    expect(await send("admin", "/pay", { line: owing })).toMatch(/^403/)
    const once = { line: owing, command: "w-paid-once" }
    expect(await send("payer", "/pay", once)).toContain("已记兑付")
    expect(await send("payer", "/pay", once)).toContain("已记兑付")
    expect(await send("payer", "/pay", { line: `${owing.slice(0, -4)}AAAA` })).toMatch(/^404/)
    await send("auditor", `/findings/${report}/propose`, {
      finding: "claimedTwice",
      reason: "重复",
      right: "",
    })
    expect(
      await send("admin", `/findings/${report}/decide`, { decision: "confirm", reason: "属实" }),
    ).toContain("已追回:现金 50 元")
    const owed = await page("payer", "/pay")
    expect(owed).toContain("应退 50 元")
    expect(owed).not.toContain(report)
    const token = line.exec(owed)?.[1] ?? ""
    expect(await send("payer", "/pay/settle", { line: token, yuan: "-5" })).toMatch(/^4/)
    expect(await send("payer", "/pay/settle", { line: token, yuan: "20.50" })).toContain("应退 29.50 元")
    expect(county.faults).toEqual([])
  })
})
