import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { widthOf } from "../src/terminal/width.ts"
import { recordsIn } from "./journal-records.ts"
import { endedByItself, fixture, killedAtCommit, ownFolder, yingshao, yingshaoAlone } from "./run-cli.ts"

const inFolder = ownFolder()
const policy = fileURLToPath(new URL("../../policies/huishui.policy.md", import.meta.url))
const database = inFolder("one.db")
const day = await yingshaoAlone(["day", "--reports", "20", "--database", database, "--lang", "zh"])
const again = await yingshao(["day", "--reports", "20", "--database", database, "--json"])

/** A sentence on standard error, nothing on standard output, no stack. */
const expectSentence = (
  ran: { readonly code: number | null; readonly stdout: string; readonly stderr: string },
  code: number,
  ...words: readonly string[]
): void => {
  expect(ran.stderr).not.toMatch(/\n\s+at /)
  expect(ran.stdout).toBe("")
  for (const word of words) expect(ran.stderr).toContain(word)
  expect(ran.stderr.trimEnd().split("\n")).toHaveLength(1)
  expect(ran.code).toBe(code)
}

describe("day, piped, in Chinese", () => {
  test("ends well, fits 80 columns, and has neither colours nor progress in it", () => {
    expect(day.stderr).toBe("")
    expect(day.code).toBe(0)
    expect(day.stdout).toContain("虚构县 990101")
    expect(day.stdout).toContain("收到 20,受理 20,拒收 0")
    expect(day.stdout).not.toContain("\u001b")
    expect(day.stdout.split("\n").filter((line) => widthOf(line) > 80)).toEqual([])
  })

  test("again it changes nothing, and --json has the names that other programs read", () => {
    expect(again.code).toBe(0)
    const summary = JSON.parse(again.stdout) as Record<string, Record<string, unknown>>
    expect(summary).toMatchObject({
      reports: { received: 20, accepted: 20, refused: 0 },
      obligations: { open: 0 },
      trialBalance: { fen: 0, points: 0 },
      doctor: { ok: true, findings: [] },
    })
    expect(summary.replies?.owed).toBe(summary.replies?.sent)
    for (const name of ["classes", "cash", "points"]) expect(summary[name]).toBeTypeOf("object")
    for (const name of ["incidents", "firstReports", "residentsBenefited", "elapsedMs"]) {
      expect(summary[name]).toBeTypeOf("number")
    }
    expect(summary.cash).toHaveProperty("byTier")
    expect(summary.obligations).toHaveProperty("worstLatenessMinutes")
  })
})

test("killed in the middle, the next run ends as if nothing had happened", async () => {
  const killed = inFolder("killed.db")
  const args = ["--reports", "20", "--json", "--database"]
  expect(await killedAtCommit(["day", ...args, killed], 800)).toBe("SIGKILL")
  expect(recordsIn(killed)).toBeGreaterThan(700)
  const resumed = await yingshao(["day", ...args, killed])
  const plain = (text: string) => ({ ...(JSON.parse(text) as object), elapsedMs: 0 })
  expect(plain(resumed.stdout)).toEqual(plain(again.stdout))
})

describe("reading what is there", () => {
  test("explain tells the story by handle, by id and by the beginning of an id", async () => {
    const byHandle = await yingshao(["explain", "w-00001", "--database", database, "--json"])
    const story = JSON.parse(byHandle.stdout) as {
      report: string
      steps: readonly { what: readonly string[]; because?: object }[]
    }
    expect(story.steps.length).toBeGreaterThan(8)
    expect(story.steps.some(({ because }) => because !== undefined)).toBe(true)
    const byStart = await yingshao([
      "explain",
      story.report.slice(0, 12),
      "--database",
      database,
      "--lang",
      "zh",
    ])
    expect(byStart.code).toBe(0)
    expect(byStart.stdout).toContain(story.report)
    for (const word of ["应哨", "派发", "依据", "欠什么、何时办的"]) expect(byStart.stdout).toContain(word)
    expect(byStart.stdout.split("\n").filter((line) => widthOf(line) > 80)).toEqual([])
  })

  test("every command fits 80 columns in English too", async () => {
    const commands = [["explain", "w-00001"], ["ledger"], ["doctor"]]
    const all = await Promise.all(commands.map((args) => yingshao([...args, "--database", database])))
    for (const ran of all) {
      expect(ran.code).toBe(0)
      expect(ran.stdout.split("\n").filter((line) => widthOf(line) > 80)).toEqual([])
    }
  })

  test("an unknown report: exit code 1 and the nearest one", async () => {
    expectSentence(
      await yingshao(["explain", "w-00099", "--database", database]),
      1,
      "w-00099",
      "the nearest is r-",
    )
  })

  test("ledger: balances, the register of an account, a date before anything was posted", async () => {
    const balances = await yingshao(["ledger", "--database", database, "--json"])
    const books = JSON.parse(balances.stdout) as {
      ok: boolean
      fen: { total: number; controls: { budget: number } }
      points: { total: number }
    }
    expect(books).toMatchObject({ ok: true, fen: { total: 0 }, points: { total: 0 } })
    const register = await yingshao(["ledger", "--account", "budget/2026", "--database", database])
    expect(register.code).toBe(0)
    expect(register.stdout).toContain("award")
    const before = await yingshao(["ledger", "--as-of", "2026-03-01", "--database", database, "--json"])
    expect(JSON.parse(before.stdout)).toMatchObject({ postings: 0, fen: { total: 0, issued: 0 } })
    expectSentence(
      await yingshao(["ledger", "--account", "nonsense", "--database", database]),
      1,
      "nothing was posted to nonsense",
    )
  })

  test("doctor finds nothing, and --json says how much it looked at", async () => {
    const ran = await yingshao(["doctor", "--database", database, "--json"])
    expect(JSON.parse(ran.stdout)).toMatchObject({ ok: true, findings: [], counted: { refused: 0 } })
    expect(ran.code).toBe(0)
  })
})

describe("policy check", () => {
  test("0 for the example, whose notes are printed", async () => {
    const ran = await yingshao(["policy", "check", policy])
    expect(ran.code).toBe(0)
    expect(ran.stdout).toContain("V206")
  })

  test("1 for a document with a gap, with place, both languages and the code", async () => {
    const file = inFolder("gap.policy.md")
    writeFileSync(file, readFileSync(policy, "utf8").replace(/^\| 级3 .*\n/m, ""))
    const ran = await yingshao(["policy", "check", file])
    expect(ran.code).toBe(1)
    expect(ran.stdout).toMatch(/gap\.policy\.md:\d+:\d+ V201 错误 error/)
    expectSentence(await yingshao(["day", "--memory", "--policy", file]), 1, "does not load", "V201")
  })

  test("2 for what cannot be read", async () => {
    expectSentence(await yingshao(["policy", "check", inFolder("none.md")]), 2, "there is no file")
  })
})

describe("bad input", () => {
  test("unknown command, unknown flag, missing argument, bad number: exit code 2", async () => {
    expectSentence(await yingshaoAlone(["dya"]), 2, "dya")
    expectSentence(await yingshao(["day", "--colour"]), 2, "--colour")
    expectSentence(await yingshao(["explain", "--lang", "zh"]), 2, "缺少参数")
    expectSentence(await yingshao(["day", "--reports", "many"]), 2, "many", "a whole number")
  })

  test("files that are no such file: exit code 2, and no database is left behind", async () => {
    const untouched = inFolder("untouched.db")
    const columns = await yingshao(["day", fixture("other-columns.csv"), "--database", untouched])
    expectSentence(columns, 2, "other-columns.csv", '"Unique Key"')
    expectSentence(
      await yingshao(["day", inFolder("none.csv"), "--database", untouched]),
      2,
      "there is no file",
    )
    expectSentence(
      await yingshao(["ledger", "--database", untouched]),
      2,
      "there is no database",
      "untouched.db",
    )
  })

  test("a database of another kind is refused and stays as it is", async () => {
    const foreign = inFolder("foreign.db")
    writeFileSync(
      foreign,
      "this is a diary, not a database; it has more than enough words to be longer than a header.\n".repeat(
        20,
      ),
    )
    const before = readFileSync(foreign)
    expectSentence(
      await yingshao(["day", "--database", foreign]),
      2,
      "is not a file of this program",
      "foreign.db",
    )
    expect(readFileSync(foreign)).toEqual(before)
  })
})

test("after all of these their process ends by itself", async () => {
  expect(await endedByItself()).toBe(0)
})
