/** Brings people of a test world to where a test needs them, by commands only. */

import type { Role } from "@yingshao/core/kernel/roles"
import type { Outcome } from "@yingshao/core/kernel/rule"
import { applyAsInformant } from "@yingshao/core/participant/apply-as-informant"
import { enrolMember } from "@yingshao/core/participant/enrol-member"
import { issueCredential } from "@yingshao/core/participant/issue-credential"
import { recommendApplicant } from "@yingshao/core/participant/recommend-applicant"
import { reviewApplicant } from "@yingshao/core/participant/review-applicant"
import { selectCandidates } from "@yingshao/core/participant/selection"
import type { AnyCommand, World } from "../fixtures/world.ts"
import { openWorld } from "../programme/world.ts"
import { application, consent, grades } from "./commands.ts"

export const admin = ["admin", "programme-admin"] as const
export const captain = ["cap", "captain"] as const
export const code = (outcome: Outcome): string | undefined => (outcome.ok ? undefined : outcome.refusal.code)

/** An open programme with a captain of all sectors. */
export const teamWorld = (): World => {
  const world = openWorld()
  world.appoint("cap", "captain")
  return world
}

/** Gives a command that must be accepted. */
export const must = (
  world: World,
  command: AnyCommand,
  by: readonly [string, Role],
  payload: unknown,
): void => {
  const result = world.perform(command, by, payload)
  if (!result.ok) throw new Error(`${command.type}: ${JSON.stringify(result.refusal)}`)
}

const steps: readonly ((world: World, person: string) => void)[] = [
  (world, person) => must(world, applyAsInformant, [person, "reporter"], application),
  (world, person) => must(world, recommendApplicant, captain, { person, opinion: "reliable" }),
  (world, person) => must(world, reviewApplicant, admin, { person, review: "passed", opinion: "fit" }),
  (world, person) => must(world, selectCandidates, admin, { candidates: [{ person, grades }], places: 1 }),
]

/** 0: not applied; 1 applied, 2 recommended, 3 passed, 4 selected. */
export const candidate = (world: World, person: string, stage: number): void => {
  for (const step of steps.slice(0, stage)) step(world, person)
}

export const informant = (world: World, person: string, more: object = {}): void => {
  candidate(world, person, 4)
  must(world, issueCredential, admin, { person, ...more })
}

export const member = (world: World, person: string, leader: string): void =>
  must(world, enrolMember, admin, {
    person,
    sector: "sanitation",
    organisation: "clean-town",
    consent,
    leader,
  })
