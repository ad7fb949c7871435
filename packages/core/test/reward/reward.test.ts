import type { Instant } from "@yingshao/core/kernel/time"
import type { Posting } from "@yingshao/core/ledger/posting"
import { trialBalance } from "@yingshao/core/ledger/trial-balance"
import { rewardDefinition } from "@yingshao/core/reward/reward"
import { describe, expect, test } from "vitest"
import { fixedPolicy } from "../fixtures/fixed-policy.ts"
import { adopt, answer, fire, lamp, must, refusedWith, submit, verifyAll, walk } from "../fixtures/steps.ts"
import { codeOf, idOf, photo, placeAt, staffedWorld, type World } from "../fixtures/world.ts"

/** Somebody in service, without the long way there. */
const informant = (world: World, person: string, status = "active"): string => {
  world.states.set(`participant/${person}`, { ...world.state("participant", person), status })
  return person
}
const grade = (world: World, report: string, value = "major", difficulty = "hard") =>
  must(world, "GradeReport", "verifier-county", "verifier", {
    report,
    grading: { value, difficulty },
    reason: "现场评定",
  })
const approve = (world: World, report: string, by = "approver", interest = "none") =>
  world.give("ApproveReward", by, "approver", { report, interest })
const account = (world: World, person: string) => world.state("account", person)
const file = (world: World, report: string) => {
  const state = world.state("reward", report)
  if (state.status === "none") throw new Error("no file")
  return state
}
const postings = (world: World): Posting[] =>
  world.events.flatMap(({ event }) =>
    "posting" in event && event.posting !== undefined ? [event.posting] : [],
  )
const balanced = (world: World) => trialBalance(postings(world))

/** A verified and graded first report of a fire by an informant. */
const firstOfFire = (world: World, person = "zhang", where = placeAt()): string => {
  informant(world, person)
  const { report } = walk(world, person, fire, where)
  verifyAll(world, report)
  grade(world, report)
  return report
}

describe("what a report earns", () => {
  test("L8 L9 L11 the first report of an emergency earns cash of its tier, the others points", () => {
    const world = staffedWorld()
    informant(world, "zhang")
    informant(world, "wang", "enrolled")
    const one = submit(world, "zhang")
    const two = submit(world, "wang")
    answer(world, one)
    answer(world, two)
    for (const report of [one, two]) {
      verifyAll(world, report)
      grade(world, report)
      expect(codeOf(approve(world, report))).toBe("accepted")
    }
    expect(file(world, one).award).toMatchObject({ form: "cash", tier: "tier1", amount: 20_000 })
    expect(file(world, two).award).toMatchObject({ form: "points", amount: 10 })
    expect(account(world, "zhang").balances).toMatchObject({ payable: 20_000, spendable: 0 })
    expect(account(world, "wang").balances).toMatchObject({ payable: 0, spendable: 10 })
    const balance = balanced(world)
    expect(balance.fen.total).toBe(0)
    expect(balance.points.total).toBe(0)
  })

  test("L10 each tier pays its amount", () => {
    for (const [value, difficulty, fen] of [
      ["critical", "easy", 20_000],
      ["major", "easy", 15_000],
      ["notable", "medium", 10_000],
      ["minor", "easy", 5_000],
    ] as const) {
      const world = staffedWorld()
      informant(world, "zhang")
      const { report } = walk(world, "zhang")
      verifyAll(world, report)
      grade(world, report, value, difficulty)
      expect(codeOf(approve(world, report))).toBe("accepted")
      expect(file(world, report).award?.amount).toBe(fen)
    }
  })

  test("L10 a later policy changes no earlier award and no earlier report", () => {
    const world = staffedWorld()
    const report = firstOfFire(world)
    const next = fixedPolicy({ id: "HS-2", effectiveFrom: "2026-04-01", numbers: { tier1Fen: 12_345 } })
    adopt(world, next)
    world.now = "2026-04-02T01:00:00.000Z" as Instant
    approve(world, report)
    expect(file(world, report).award).toMatchObject({ amount: 20_000 })
  })

  test("L11 nothing before the county verified; pending is not denied", () => {
    const world = staffedWorld()
    informant(world, "zhang")
    const { report } = walk(world, "zhang")
    expect(codeOf(approve(world, report))).toBe("reward-undecided")
    must(world, "VerifyReport", "verifier-village", "verifier", {
      report,
      level: "village",
      verdict: "true",
      confirmedClass: "emergency",
    })
    expect(codeOf(approve(world, report))).toBe("not-verified-yet")
    expect(file(world, report).status).toBe("verifying")
  })

  test("L11 suspended since, public, on duty, interested and negative-listed earn nothing", () => {
    for (const spoil of ["suspended", "public", "interested", "onDuty", "negative"] as const) {
      const world = staffedWorld()
      const person = "zhang"
      if (spoil !== "public") informant(world, person)
      const report = submit(world, person)
      const excluded = spoil === "interested" || spoil === "onDuty" ? [{ person, standing: spoil }] : []
      answer(world, report, fire, { excluded, negative: spoil === "negative" ? "not1" : "none" })
      verifyAll(world, report)
      grade(world, report)
      if (spoil === "suspended") informant(world, person, "suspended")
      expect(codeOf(approve(world, report)), spoil).toBe("accepted")
      expect(file(world, report).status, spoil).toBe("declined")
      expect(postings(world), spoil).toEqual([])
    }
  })

  test("S4 a report made while suspended earns nothing, and is answered all the same", () => {
    const world = staffedWorld()
    informant(world, "zhang", "suspended")
    const { report } = walk(world, "zhang")
    informant(world, "zhang", "active")
    verifyAll(world, report)
    grade(world, report)
    approve(world, report)
    expect(file(world, report).status).toBe("declined")
    expect(world.state("report", report).status).toBe("closed")
  })

  test("treating an unknown as urgent makes nobody richer", () => {
    const world = staffedWorld()
    informant(world, "zhang")
    const report = submit(world, "zhang")
    answer(world, report, { category: "unknown", danger: "unknown", ongoing: "unknown", affected: "unknown" })
    expect(world.state("report", report)).toMatchObject({ class: "emergency" })
    verifyAll(world, report, "true", "ordinary")
    expect(codeOf(approve(world, report))).toBe("accepted")
    expect(file(world, report).award).toMatchObject({ form: "points", amount: 5 })
  })

  test("joint reports share one award exactly", () => {
    const world = staffedWorld()
    const reporters = ["zhang", "wang", "li"].map((person) => informant(world, person))
    const report = idOf(
      must(world, "SubmitReport", "zhang", "reporter", {
        channel: "app",
        reporters,
        photos: [photo],
        place: placeAt(),
      }),
      "report",
    )
    answer(world, report)
    verifyAll(world, report)
    grade(world, report, "minor", "easy")
    approve(world, report)
    expect(file(world, report).award?.shares.map(({ amount }) => amount)).toEqual([1667, 1667, 1666])
    expect(refusedWith(world, "PayAward", "payer", "payer", { report, collectedBy: "wang" })).toBe(
      "not-collector",
    )
    must(world, "PayAward", "payer", "payer", { report, collectedBy: "zhang" })
    expect(reporters.map((person) => account(world, person).balances.payable)).toEqual([0, 0, 0])
  })
})

describe("separation of duties", () => {
  test("L12 S5 reporter, triager, verifiers, approver and payer are different persons", () => {
    const world = staffedWorld()
    for (const [person, role, scopes] of [
      ["duty", "verifier", ["village"]],
      ["verifier-village", "verifier", ["village", "township"]],
      ["verifier-county", "approver", ["small", "large"]],
      ["duty", "approver", ["small", "large"]],
      ["approver", "payer", []],
    ] as const) {
      world.appoint(person, role, scopes)
    }
    informant(world, "zhang")
    const { report } = walk(world, "zhang")
    const verify = (by: string, level: string) =>
      refusedWith(world, "VerifyReport", by, "verifier", {
        report,
        level,
        verdict: "true",
        confirmedClass: "emergency",
      })
    expect(verify("duty", "village")).toBe("same-person")
    expect(verify("verifier-county", "county")).toBe("level-out-of-order")
    expect(verify("verifier-village", "village")).toBe("accepted")
    expect(verify("verifier-village", "township")).toBe("same-person")
    expect(verify("verifier-township", "township")).toBe("accepted")
    expect(verify("verifier-county", "county")).toBe("accepted")
    grade(world, report)
    expect(codeOf(approve(world, report, "duty"))).toBe("same-person")
    expect(codeOf(approve(world, report, "verifier-county"))).toBe("same-person")
    expect(codeOf(approve(world, report))).toBe("accepted")
    expect(refusedWith(world, "PayAward", "approver", "payer", { report, collectedBy: "zhang" })).toBe(
      "same-person",
    )
    expect(refusedWith(world, "PayAward", "payer", "payer", { report, collectedBy: "zhang" })).toBe(
      "accepted",
    )
  })

  test("L13 an interest that is declared, or not excluded, refuses", () => {
    const world = staffedWorld()
    const report = firstOfFire(world)
    expect(codeOf(approve(world, report, "approver", "declared"))).toBe("interest-declared")
    expect(codeOf(approve(world, report, "approver", "unknown"))).toBe("interest-declared")
  })

  test("L12 an amount is approved in its band", () => {
    const world = staffedWorld()
    world.appoint("small-approver", "approver", ["small"])
    const report = firstOfFire(world)
    expect(codeOf(approve(world, report, "small-approver"))).toBe("band-not-yours")
  })
})

describe("caps", () => {
  test("L21 the second award of a day that does not fit is refused whole", () => {
    const world = staffedWorld(fixedPolicy({ numbers: { dailyCashCapFen: 30_000 } }))
    const one = firstOfFire(world, "zhang", placeAt(0))
    const two = firstOfFire(world, "zhang", placeAt(500))
    expect(codeOf(approve(world, one))).toBe("accepted")
    const events = world.events.length
    expect(codeOf(approve(world, two))).toBe("cap-reached")
    expect(world.events).toHaveLength(events)
    expect(account(world, "zhang").balances.payable).toBe(20_000)
  })

  test("L21 the year's budget holds", () => {
    const world = staffedWorld(fixedPolicy({ numbers: { yearlyBudgetFen: 30_000 } }))
    expect(codeOf(approve(world, firstOfFire(world, "zhang", placeAt(0))))).toBe("accepted")
    expect(codeOf(approve(world, firstOfFire(world, "wang", placeAt(500))))).toBe("cap-reached")
    expect(world.state("budget", "2026").committedFen).toBe(20_000)
  })
})

describe("after the award", () => {
  test("L22 what is not collected within the window is forfeited once, and the budget gets it back", () => {
    const world = staffedWorld()
    const report = firstOfFire(world)
    approve(world, report)
    expect(codeOf(world.asScheduler("ForfeitAward", { report }))).toBe("claim-window-open")
    world.now = file(world, report).award?.forfeitAt as Instant
    expect(refusedWith(world, "PayAward", "payer", "payer", { report, collectedBy: "zhang" })).toBe(
      "claim-window-over",
    )
    expect(codeOf(world.asScheduler("ForfeitAward", { report }))).toBe("accepted")
    expect(codeOf(world.asScheduler("ForfeitAward", { report }))).toBe("not-payable")
    expect(world.state("budget", "2026").committedFen).toBe(0)
    expect(balanced(world).fen.total).toBe(0)
  })

  test("L18 a clawback takes no more than the award, by two people, and repeating it has no effect", () => {
    const world = staffedWorld()
    const report = firstOfFire(world)
    approve(world, report)
    must(world, "PayAward", "payer", "payer", { report, collectedBy: "zhang" })
    const finding = { report, finding: "fraud", reason: "照片系伪造" }
    must(world, "ProposeFinding", "admin", "programme-admin", finding)
    const confirm = { report, decision: "confirm", reason: "查实" }
    expect(refusedWith(world, "DecideFinding", "admin", "programme-admin", confirm)).toBe("same-person")
    must(world, "DecideFinding", "admin2", "programme-admin", confirm)
    expect(file(world, report).recovered).toBe(20_000)
    expect(account(world, "zhang").balances.fenReceivable).toBe(20_000)
    expect(world.notices.some(({ kind }) => kind === "removal-proposed")).toBe(true)
    must(world, "ProposeFinding", "admin", "programme-admin", finding)
    expect(refusedWith(world, "DecideFinding", "admin2", "programme-admin", confirm)).toBe(
      "nothing-to-recover",
    )
    expect(balanced(world).fen.total).toBe(0)
  })

  test("L18 points that are spent leave a receivable, never a negative balance", () => {
    const world = staffedWorld()
    informant(world, "zhang")
    const { report } = walk(world, "zhang", lamp)
    verifyAll(world, report, "true", "ordinary")
    approve(world, report)
    expect(account(world, "zhang").balances.spendable).toBe(5)
    must(world, "ProposeFinding", "admin", "programme-admin", {
      report,
      finding: "miscalculated",
      rightAmount: 2,
      reason: "重复计分",
    })
    must(world, "DecideFinding", "admin2", "programme-admin", { report, decision: "confirm", reason: "查实" })
    expect(account(world, "zhang").balances.spendable).toBe(2)
    expect(file(world, report).recovered).toBe(3)
  })

  test("an appeal in time opens a declined reward again, decided by somebody else", () => {
    const world = staffedWorld()
    informant(world, "zhang")
    const report = submit(world, "zhang")
    answer(world, report)
    verifyAll(world, report, "unverifiable")
    approve(world, report)
    expect(file(world, report).status).toBe("declined")
    expect(refusedWith(world, "LodgeAppeal", "wang", "reporter", { report })).toBe("not-found")
    must(world, "LodgeAppeal", "zhang", "reporter", { report })
    must(world, "DecideAppeal", "admin", "programme-admin", {
      report,
      outcome: "overturned",
      reason: "补充了证据",
    })
    expect(file(world, report).status).toBe("verifying")
  })

  test("L18 an overturned recovery gives back exactly what it took, before and after payment", () => {
    for (const paid of [false, true]) {
      const world = staffedWorld()
      const report = firstOfFire(world)
      approve(world, report)
      if (paid) must(world, "PayAward", "payer", "payer", { report, collectedBy: "zhang" })
      const before = { balances: account(world, "zhang").balances, budget: world.state("budget", "2026") }
      must(world, "ProposeFinding", "admin", "programme-admin", {
        report,
        finding: "miscalculated",
        rightAmount: 5_000,
        reason: "档次评错",
      })
      must(world, "DecideFinding", "admin2", "programme-admin", {
        report,
        decision: "confirm",
        reason: "查实",
      })
      expect(file(world, report).recovered).toBe(15_000)
      must(world, "LodgeAppeal", "zhang", "reporter", { report })
      const overturn = { report, outcome: "overturned", reason: "原评正确" }
      expect(refusedWith(world, "DecideAppeal", "admin", "programme-admin", overturn)).toBe("same-person")
      world.appoint("admin3", "programme-admin")
      must(world, "DecideAppeal", "admin3", "programme-admin", {
        report,
        outcome: "overturned",
        reason: "原评正确",
      })
      expect(file(world, report)).toMatchObject({ recovered: 0, status: paid ? "paid" : "approved" })
      expect({ balances: account(world, "zhang").balances, budget: world.state("budget", "2026") }).toEqual(
        before,
      )
      expect(balanced(world).fen.total).toBe(0)
    }
  })

  test("L18 what an appeal gave back and nobody collected yet is taken back again with what was paid", () => {
    const world = staffedWorld()
    const report = firstOfFire(world)
    world.appoint("admin3", "programme-admin")
    const find = (rest: object) => {
      must(world, "ProposeFinding", "admin", "programme-admin", { report, reason: "查实", ...rest })
      must(world, "DecideFinding", "admin2", "programme-admin", {
        report,
        decision: "confirm",
        reason: "查实",
      })
    }
    const overturn = () => {
      must(world, "LodgeAppeal", "zhang", "reporter", { report })
      const ruling = { report, outcome: "overturned", reason: "原评正确" }
      must(world, "DecideAppeal", "admin3", "programme-admin", ruling)
    }
    approve(world, report)
    must(world, "PayAward", "payer", "payer", { report, collectedBy: "zhang" })
    find({ finding: "miscalculated", rightAmount: 15_000 })
    must(world, "SettleReceivable", "payer", "payer", { person: "zhang", fen: 5_000 })
    overturn()
    const before = { balances: account(world, "zhang").balances, budget: world.state("budget", "2026") }
    expect(before.balances).toMatchObject({ payable: 5_000, fenReceivable: 0 })
    find({ finding: "fraud" })
    expect(account(world, "zhang").balances).toMatchObject({ payable: 0, fenReceivable: 15_000 })
    expect(world.state("budget", "2026").committedFen).toBe(before.budget.committedFen - 5_000)
    expect(file(world, report)).toMatchObject({ recovered: 20_000, recoveredUnpaid: 5_000 })
    overturn()
    expect({ balances: account(world, "zhang").balances, budget: world.state("budget", "2026") }).toEqual(
      before,
    )
    expect(balanced(world).fen.total).toBe(0)
  })

  test("L21 a joint award that is given back fits the budget whole, or not at all", () => {
    const world = staffedWorld(fixedPolicy({ numbers: { yearlyBudgetFen: 30_000 } }))
    const reporters = ["zhang", "wang"].map((person) => informant(world, person))
    const report = idOf(
      must(world, "SubmitReport", "zhang", "reporter", {
        channel: "app",
        reporters,
        photos: [photo],
        place: placeAt(),
      }),
      "report",
    )
    answer(world, report)
    verifyAll(world, report)
    grade(world, report)
    approve(world, report)
    must(world, "ProposeFinding", "admin", "programme-admin", {
      report,
      finding: "fraud",
      reason: "照片系伪造",
    })
    must(world, "DecideFinding", "admin2", "programme-admin", { report, decision: "confirm", reason: "查实" })
    approve(world, firstOfFire(world, "li", placeAt(500)))
    expect(world.state("budget", "2026").committedFen).toBe(20_000)
    // 10,000 fen are left of the year: room for one of the two shares, and so for neither.
    must(world, "LodgeAppeal", "zhang", "reporter", { report })
    world.appoint("admin3", "programme-admin")
    const overturn = { report, outcome: "overturned", reason: "照片属实" }
    expect(refusedWith(world, "DecideAppeal", "admin3", "programme-admin", overturn)).toBe("cap-reached")
    expect(world.state("budget", "2026").committedFen).toBe(20_000)
  })

  test("an appeal that comes too late is told the other ways", () => {
    const world = staffedWorld()
    informant(world, "zhang")
    const report = submit(world, "zhang")
    answer(world, report)
    verifyAll(world, report, "false")
    approve(world, report)
    world.now = "2026-05-24T01:00:00.000Z" as Instant
    expect(refusedWith(world, "LodgeAppeal", "zhang", "reporter", { report })).toBe("appeal-too-late")
  })
})

describe("where a file is found", () => {
  const entries = (world: World, report: string) =>
    rewardDefinition
      .indexes(world.state("reward", report), report)
      .filter(({ index }) => index === "rewards/stage" || index === "rewards/open")
      .map(({ index, equals }) => `${index} ${equals}`)

  test("by its stage until it is decided, and while an appeal or a finding waits for somebody", () => {
    const world = staffedWorld()
    informant(world, "zhang")
    const { report } = walk(world, "zhang", fire)
    expect(entries(world, report)).toEqual(["rewards/stage none/ungraded"])
    verifyAll(world, report)
    expect(entries(world, report)).toEqual(["rewards/stage county/ungraded"])
    grade(world, report)
    expect(entries(world, report)).toEqual(["rewards/stage county/graded"])
    expect(codeOf(approve(world, report))).toBe("accepted")
    expect(entries(world, report)).toEqual([])
    world.appoint("admin3", "programme-admin")
    const reason = "重复领取"
    must(world, "ProposeFinding", "admin", "programme-admin", { report, finding: "claimedTwice", reason })
    expect(entries(world, report)).toEqual(["rewards/open finding"])
    must(world, "DecideFinding", "admin2", "programme-admin", { report, decision: "confirm", reason })
    must(world, "LodgeAppeal", "zhang", "reporter", { report })
    expect(entries(world, report)).toEqual(["rewards/open appeal"])
    must(world, "DecideAppeal", "admin3", "programme-admin", { report, outcome: "upheld", reason })
    expect(entries(world, report)).toEqual([])
  })
})
