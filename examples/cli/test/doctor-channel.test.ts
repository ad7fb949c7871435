import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { startFakeServer } from "@yingshao/testkit/fakes/fake-server"
import { dingtalkFake } from "@yingshao/testkit/fakes/robot-fakes"
import { afterAll, describe, expect, test } from "vitest"
import { readChannelsFile } from "../src/channels/channels-file.ts"
import { doctorChannel } from "../src/commands/doctor-channel.ts"
import { CliFailure } from "../src/terminal/failure.ts"
import { captured } from "./captured-output.ts"
import { ownFolder } from "./run-cli.ts"

const inFolder = ownFolder()
const keys = { token: "tok-secret-3f9a1c", secret: "SECsecret5c1e7d90a2" }
const vendor = await startFakeServer(dingtalkFake(keys, Date.now))
afterAll(() => vendor.close())

const example = fileURLToPath(new URL("../channels.example.json", import.meta.url))
const environment = { DINGTALK_TOKEN: keys.token, DINGTALK_SECRET: keys.secret }

const file = (name: string, content: unknown): string => {
  writeFileSync(inFolder(name), typeof content === "string" ? content : JSON.stringify(content))
  return inFolder(name)
}

const room = { token: "env:DINGTALK_TOKEN", secret: "env:DINGTALK_SECRET" }
const good = file("channels.json", {
  channels: { dingtalk: { robots: { "duty-desk": room }, origin: vendor.origin } },
  privateRanges: ["127.0.0.0/8"],
  plainHttp: true,
})

const failureOf = async (run: () => Promise<unknown>): Promise<CliFailure> => {
  const failure = await run().then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(failure instanceof CliFailure)) throw new Error("it was not refused")
  expect(failure.exitCode).toBe(2)
  return failure
}

describe("doctor --channel", () => {
  test("without --live it says what is set up and sends nothing", async () => {
    const before = vendor.requests.length
    for (const language of ["zh", "en"] as const) {
      const out = captured(language)
      expect(await doctorChannel({ channel: "dingtalk", channels: good, environment }, out)).toBe(0)
      expect(out.written.join("\n")).toContain("duty-desk")
      expect(out.tooWide()).toEqual([])
    }
    expect(vendor.requests.length).toBe(before)
  })

  test("with --live it sends exactly one message, and prints no key", async () => {
    const before = vendor.deliveries.length
    const out = captured("en")
    expect(await doctorChannel({ channel: "dingtalk", channels: good, live: true, environment }, out)).toBe(0)
    expect(vendor.deliveries.length - before).toBe(1)
    expect(vendor.problems).toEqual([])
    expect(out.written.join("\n")).toMatch(/^Accepted, in \d+ ms/)
    expect(out.written.join("\n")).not.toContain("secret")
  })

  test("says why a message was not taken, and ends with 1", async () => {
    vendor.mood("wrong-key")
    const out = captured("zh")
    expect(await doctorChannel({ channel: "dingtalk", channels: good, live: true, environment }, out)).toBe(1)
    expect(out.written.join("\n")).toContain("密钥、签名或本机时钟有误 (310000)")
    const json = captured("en", true)
    expect(await doctorChannel({ channel: "dingtalk", channels: good, live: true, environment }, json)).toBe(
      1,
    )
    expect(json.parsed()).toEqual({
      channel: "dingtalk",
      sent: false,
      reason: "credentials",
      vendorCode: "310000",
    })
    vendor.mood("well")
  })

  test("an unknown channel, address, variable or file is a sentence with exit code 2", async () => {
    const out = captured()
    const ask = (given: Partial<Parameters<typeof doctorChannel>[0]>) =>
      failureOf(() => doctorChannel({ channel: "dingtalk", channels: good, environment, ...given }, out))
    expect((await ask({ channel: "fax" })).message).toContain('has no channel "fax"; it has: dingtalk')
    expect((await ask({ live: true, to: "nobody" })).message).toContain("one of: duty-desk")
    expect((await ask({ environment: {} })).message).toContain("DINGTALK_TOKEN is not set")
    expect((await ask({ channels: inFolder("none.json") })).say.zh).toContain("none.json")
    expect(out.written).toEqual([])
  })

  test("a secret in the file is refused without being repeated", async () => {
    const robots = { "duty-desk": { token: "tok-secret-in-the-file", secret: "env:X" } }
    const channels = file("secret.json", { channels: { dingtalk: { robots } } })
    const failure = await failureOf(async () => readChannelsFile(channels))
    expect(failure.message).toContain("channels.dingtalk.robots.duty-desk.token")
    expect(failure.message).toContain("env:NAME or file:PATH")
    expect(failure.message + failure.say.zh).not.toContain("tok-secret")
  })

  test.each([
    ["{", "is no JSON"],
    [{ channels: {}, extra: 1 }, "unknown: extra"],
    [
      { channels: {}, plan: { budgets: { wecom: { perMinute: 1, ordinaryPerMinute: 2 } } } },
      "plan.budgets.wecom",
    ],
  ])("what is wrong in a file is told with its place: %j", async (content, words) => {
    const path = file("bad.json", content)
    expect((await failureOf(async () => readChannelsFile(path))).message).toContain(words)
  })

  test("the example is good and holds no secret", () => {
    const { channels, plan } = readChannelsFile(example)
    expect(Object.keys(channels)).toEqual(["wecom", "dingtalk", "feishu", "webhook", "smtp"])
    expect(plan.quietHours).toEqual({ from: "21:30", to: "07:30" })
    expect(readFileSync(example, "utf8")).not.toMatch(/whsec_|SEC[0-9a-f]/)
  })
})
