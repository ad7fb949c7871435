/** Authorisation against a slow reference that knows nothing but tables of facts. */
import { personId } from "@yingshao/core/kernel/ids"
import type { Role } from "@yingshao/core/kernel/roles"
import { role } from "@yingshao/core/kernel/roles"
import type { Ask } from "@yingshao/core/kernel/rule"
import { runRule } from "@yingshao/core/kernel/run-rule"
import { suspendInformant } from "@yingshao/core/participant/suspend-informant"
import { authorize } from "@yingshao/core/programme/authorize"
import { dismissStaff } from "@yingshao/core/programme/dismiss-staff"
import { openProgramme } from "@yingshao/core/programme/open-programme"
import { streams } from "@yingshao/core/streams"
import { describe, expect, test } from "vitest"
import type { AnyCommand, World } from "../fixtures/world.ts"
import { participantCommands } from "../participant/commands.ts"
import { admin, informant, must, teamWorld } from "../participant/people.ts"
import { emptyWorld, programmeCommands, system } from "./world.ts"

const commands = [...programmeCommands, ...participantCommands]
const appointable: readonly [Role, readonly string[]][] = [
  ["captain", ["sanitation"]],
  ["duty-officer", ["duty-desk"]],
  ["department-officer", ["housing"]],
  ["verifier", ["village"]],
  ["approver", ["small"]],
  ["payer", []],
  ["programme-admin", []],
  ["policy-officer", []],
  ["auditor", []],
  ["partner", ["police"]],
]

const ask = (world: World, person: string, as: Role, command: Pick<AnyCommand, "type" | "roles">) =>
  runRule(authorize({ person: personId.parse(person), role: as }, command), (question: Ask) => {
    if (question.ask !== "state") throw new Error("authorisation asks for single states only")
    return world.states.get(`${question.kind}/${question.id}`) ?? streams[question.kind].initial
  })

/** Somebody for each role, one who holds all, dismissed ones, informants of several standings, nobody. */
const crowded = () => {
  const world = teamWorld()
  const facts: [person: string, role: Role, scopes: readonly string[]][] = [
    ["admin", "programme-admin", []],
    ["cap", "captain", []],
  ]
  for (const [as, scopes] of appointable) {
    for (const person of [`only-${as}`, "everything"]) {
      world.appoint(person, as, scopes)
      facts.push([person, as, scopes])
    }
    world.appoint(`was-${as}`, as, scopes)
    must(world, dismissStaff, admin, { person: `was-${as}`, role: as, reason: "over" })
  }
  for (const person of ["informant", "suspended", "everything"]) informant(world, person)
  must(world, suspendInformant, admin, { person: "suspended", reason: "false reports" })
  facts.push(["informant", "squad-leader", []], ["everything", "squad-leader", []])
  facts.push([system, "scheduler", []])
  const people = [...new Set([...world.states.keys()].map((key) => key.split("/")[1] ?? "")), "nobody"]
  for (const person of people) facts.push([person, "reporter", []])
  return { world, facts, people: [...people, system] }
}

describe("Z1", () => {
  const { world, facts, people } = crowded()

  test.each(commands.map((command) => [command.type, command] as const))(
    "every person in every role: %s agrees with the reference",
    (_, command) => {
      for (const person of people) {
        for (const as of role.options) {
          const fact = facts.find(([who, what]) => who === person && what === as)
          const expected =
            fact !== undefined && command.roles.some((listed) => listed === as)
              ? { ok: true, scopes: fact[2] }
              : { ok: false, refusal: { code: "not-permitted", detail: {} } }
          expect([person, as, ask(world, person, as, command)]).toEqual([person, as, expected])
        }
      }
    },
  )

  test("some of each are permitted, so that the table is not empty", () => {
    for (const as of role.options) {
      expect(people.some((person) => ask(world, person, as, { type: "Any", roles: [as] }).ok)).toBe(true)
    }
  })
})

test("Z1: only OpenProgramme needs no appointment, and only before there is a programme", () => {
  const world = emptyWorld()
  for (const command of commands) {
    const permitted = ask(world, "founder", "programme-admin", command).ok
    expect([command.type, permitted]).toEqual([command.type, command === openProgramme])
  }
  expect(ask(world, system, "programme-admin", openProgramme).ok).toBe(false)
})

test("Z3: taking one role away gives no right to anything", () => {
  const { world } = crowded()
  const rights = () =>
    commands.flatMap((command) =>
      role.options
        .filter((as) => ask(world, "everything", as, command).ok)
        .map((as) => `${command.type} ${as}`),
    )
  for (const [as] of appointable) {
    const before = rights()
    must(world, dismissStaff, admin, { person: "everything", role: as, reason: "one by one" })
    const after = rights()
    expect(before).toEqual(expect.arrayContaining(after))
    expect(after.filter((right) => right.endsWith(` ${as}`))).toEqual([])
  }
})

test.each([undefined, null, {}, [], { appointments: "all" }, { appointments: [null] }, { status: {} }])(
  "Z4: a state that makes no sense (%j) gives no right",
  (state) => {
    for (const command of commands) {
      for (const as of command.roles) {
        if (as === "reporter" || as === "scheduler") continue
        const answer = runRule(authorize({ person: personId.parse("x"), role: as }, command), () => state)
        expect(answer).toEqual({ ok: false, refusal: { code: "not-permitted", detail: {} } })
      }
    }
  },
)
