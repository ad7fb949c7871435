import { chinaYears } from "@yingshao/core/calendar/china-years"
import { storageFailure } from "@yingshao/ports/storage"
import { memoryStorage } from "@yingshao/storage-memory"
import { replaced } from "@yingshao/testkit/storage-injection"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { describe, expect, test } from "vitest"
import { fixedPolicy, fixedUnits } from "../../core/test/fixtures/fixed-policy.ts"
import { ProgrammeStorage, YingshaoService } from "../src/services.ts"
import { layerYingshao } from "../src/yingshao-layer.ts"

const live = (storage = memoryStorage()) =>
  layerYingshao({
    programme: "522731",
    policy: fixedPolicy(),
    seed: "a seed",
    opening: {
      admin: "admin",
      units: [...fixedUnits],
      calendarYears: chinaYears.filter(({ year }) => year >= 2025),
    },
  }).pipe(Layer.provide(Layer.succeed(ProgrammeStorage, storage)))

const submit = (id: string, photos: readonly string[] = ["a".repeat(64)]) =>
  YingshaoService.use((yingshao) =>
    yingshao.handle({
      type: "SubmitReport",
      id,
      by: { person: "ann", role: "reporter" },
      channel: "app",
      reporters: ["ann"],
      photos: [...photos],
      place: { coordinate: { lng: 106.6571, lat: 26.1342, crs: "wgs84" } },
    }),
  )

describe("the layer", () => {
  test("gives the same answers, refusals and journal as the promises, on Effect's clock", async () => {
    const programme = Effect.gen(function* () {
      yield* TestClock.setTime(Date.parse("2026-03-02T01:00:00.000Z"))
      const yingshao = yield* YingshaoService
      const answer = yield* submit("c-1")
      const refused = yield* submit("c-2", [])
      const items = yield* Stream.runCollect(yingshao.journal({ follow: false }))
      const report = yield* yingshao.checkWorld
      return { answer, refused, items, report }
    })
    const { answer, refused, items, report } = await Effect.runPromise(
      programme.pipe(Effect.provide(live()), Effect.provide(TestClock.layer())),
    )
    expect(answer).toMatchObject({ ok: true })
    expect(refused).toMatchObject({ ok: false, refusal: { code: "photo-needed" } })
    expect([...items].map(({ command }) => command.type)).toEqual([
      "OpenProgramme",
      "SubmitReport",
      "SubmitReport",
    ])
    expect([...items].at(-1)?.at.slice(0, 10)).toBe("2026-03-02")
    expect(report.findings).toEqual([])
  })

  test("an outage is a typed failure, and closes nothing", async () => {
    const inner = memoryStorage()
    const storage = replaced(inner, () => ({
      commit: (name, commit) =>
        commit.commandId.startsWith("ann:")
          ? Promise.reject(storageFailure("unavailable", "unchanged", "down"))
          : inner.commit(name, commit),
    }))
    const caught = submit("c-1").pipe(
      Effect.catchTag("StorageFailure", ({ reason }) => Effect.succeed(reason)),
    )
    expect(await Effect.runPromise(caught.pipe(Effect.provide(live(storage))))).toBe("unavailable")
  })

  test("a broken promise is a defect", async () => {
    const inner = memoryStorage()
    const storage = replaced(inner, () => ({
      commit: (name, commit) =>
        commit.commandId.startsWith("ann:")
          ? Promise.reject(new TypeError("a fault"))
          : inner.commit(name, commit),
    }))
    const exit = await Effect.runPromiseExit(submit("c-1").pipe(Effect.provide(live(storage))))
    expect(Exit.isFailure(exit) && Cause.hasDies(exit.cause)).toBe(true)
  })
})
