/** Mail through real nodemailer to a real SMTP server of the same process. */
import type { AddressInfo } from "node:net"
import type { FakeDelivery, FakeMood } from "@yingshao/testkit/fakes/fake-server"
import { silentOrigin } from "@yingshao/testkit/fakes/fake-server"
import { someNotice } from "@yingshao/testkit/notify-cases/notify-cases"
import { type NotifyBench, notifyContract } from "@yingshao/testkit/notify-contract"
import nodemailer from "nodemailer"
import { SMTPServer } from "smtp-server"
import { describe, expect, it } from "vitest"
import { smtpNotifier } from "../src/smtp-notifier.ts"

const password = "pw-71ce02"
const address = "duty@county.example"

notifyContract(
  {
    name: "smtp",
    open: async () => (await mailBench()).bench,
    moods: ["well", "error-body", "rate-limited", "wrong-key", "reset", "hang"],
    skip: {
      "notify/rate-limited": "SMTP says 4xx without a time; that is `unreachable`, tested below",
      "notify/prototype-address": "an address is a mailbox, not a name in a table",
    },
  },
  { describe, it },
)

describe("mail", () => {
  it("has one Message-ID for every attempt, plain text in UTF-8 and no HTML", async () => {
    const { bench, raw } = await mailBench()
    const to = { channel: "smtp", address }
    const notice = someNotice({ deliveryId: "d 1<x>", urgent: true })
    await bench.notifier.send(to, notice, AbortSignal.timeout(20_000))
    await bench.notifier.send(to, notice, AbortSignal.timeout(20_000))
    await bench.close()
    expect(raw).toHaveLength(2)
    for (const mail of raw) {
      expect(mail).toContain("Message-ID: <d%201%3Cx%3E@county.example>")
      expect(mail).toMatch(/^Importance: high/m)
      expect(mail).toMatch(/^Content-Type: text\/plain; charset=utf-8/m)
      expect(mail).not.toMatch(/text\/html/)
    }
  })

  it("says 4xx as unreachable, 5xx for a mailbox as recipient, and keeps the code", async () => {
    const { bench } = await mailBench()
    bench.mood("rate-limited")
    const to = { channel: "smtp", address }
    await expect(bench.notifier.send(to, someNotice(), AbortSignal.timeout(20_000))).rejects.toMatchObject({
      reason: "unreachable",
      vendorCode: "451",
    })
    bench.mood("well")
    const gone = { channel: "smtp", address: "gone@county.example" }
    await expect(bench.notifier.send(gone, someNotice(), AbortSignal.timeout(20_000))).rejects.toMatchObject({
      reason: "recipient",
      vendorCode: "550",
    })
    await bench.close()
  })

  it("refuses a Message-ID domain that is none", () => {
    const transport = nodemailer.createTransport({ host: "127.0.0.1", port: 1 })
    expect(() => smtpNotifier({ transport, from: "a@b.example", messageIdDomain: "a b" })).toThrow(RangeError)
  })
})

const mailBench = async (): Promise<{ readonly bench: NotifyBench; readonly raw: readonly string[] }> => {
  const deliveries: FakeDelivery[] = []
  const raw: string[] = []
  let mood: FakeMood = "well"
  const server = new SMTPServer({
    disabledCommands: ["STARTTLS"],
    onAuth: ({ password: given }, _session, done) => {
      if (given === password && mood !== "wrong-key") return done(null, { user: "yingshao" })
      done(Object.assign(new Error("no"), { responseCode: 535 }))
    },
    onRcptTo: ({ address: to }, _session, done) =>
      to.startsWith("gone") ? done(Object.assign(new Error("no"), { responseCode: 550 })) : done(),
    onData: (stream, _session, done) => {
      const parts: Buffer[] = []
      stream.on("data", (part: Buffer) => parts.push(part))
      stream.on("end", () => {
        if (mood === "hang") return
        if (mood === "reset") return closeAll(server)
        if (mood === "rate-limited") return done(Object.assign(new Error("later"), { responseCode: 451 }))
        if (mood === "error-body") return done(Object.assign(new Error("no"), { responseCode: 554 }))
        const mail = Buffer.concat(parts).toString("utf8")
        raw.push(mail)
        deliveries.push(deliveryOf(mail))
        done()
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.server.address() as AddressInfo
  const open = (at: number) =>
    smtpNotifier({
      transport: nodemailer.createTransport({
        host: "127.0.0.1",
        port: at,
        auth: { user: "yingshao", pass: password },
      }),
      from: "应哨 <yingshao@county.example>",
      messageIdDomain: "county.example",
    })
  const bench: NotifyBench = {
    notifier: open(port),
    silent: open(Number(new URL(await silentOrigin()).port)),
    address,
    unknownAddress: "no mailbox",
    mood: (next) => {
      mood = next
    },
    deliveries,
    problems: [],
    redirected: () => 0,
    secrets: [password],
    close: () =>
      new Promise((resolve) => {
        closeAll(server)
        server.close(() => resolve())
      }),
  }
  return { bench, raw }
}

/** Breaks every connection, as a server that dies does. */
const closeAll = (server: SMTPServer): void => {
  for (const connection of server.connections)
    (connection as { _socket: { destroy(): void } })._socket.destroy()
}

/** Subject and text, decoded. */
const deliveryOf = (mail: string): FakeDelivery => {
  const [head = "", ...rest] = mail.split("\r\n\r\n")
  const subject = (/^Subject: ((?:.|\r\n[ \t])*)/m.exec(head)?.[1] ?? "").replace(/\r\n[ \t]/g, " ")
  const words = subject.replace(/=\?UTF-8\?([BQ])\?([^?]*)\?=\s?/gi, (_all, kind: string, text: string) =>
    kind.toUpperCase() === "B"
      ? Buffer.from(text, "base64").toString("utf8")
      : decodeQuoted(text.replaceAll("_", " ")),
  )
  const body = rest.join("\r\n\r\n")
  const text = /base64/i.test(head) ? Buffer.from(body, "base64").toString("utf8") : decodeQuoted(body)
  return { id: /^Message-ID: (.*)$/m.exec(head)?.[1], text: `${words}\n${text}` }
}

const decodeQuoted = (text: string): string => {
  const joined = text.replace(/=\r\n/g, "")
  const bytes = joined.replace(/=([0-9A-F]{2})/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(bytes, "latin1").toString("utf8")
}
