/**
 * What a handler knows of a request: who asks, in which roles, in which language, and the engine.
 *
 * Roles are read from the programme at every request, so a dismissal takes effect with the next click. The
 * engine looks again when a command is decided; what stands here only chooses what is shown.
 */

import type { Role } from "@yingshao/core/kernel/roles"
import { isInService } from "@yingshao/core/participant/participant"
import type { Yingshao } from "@yingshao/engine"
import type { PageInbox } from "../channels/page-inbox.ts"
import type { Shown } from "../pages/shown.ts"
import { notYours, signInFirst } from "../web/failure.ts"
import type { Language, Text } from "../web/language.ts"

/** A role that somebody holds, and for which units, levels, bands or sectors. */
export interface HeldRole {
  readonly role: Role
  readonly scopes: readonly string[]
}

export interface Visit {
  /** Who is signed in; `undefined` for a visitor. */
  readonly actor: { readonly person: string; readonly account: string; readonly name: Text } | undefined
  /** Everybody who is signed in holds `reporter`. Empty for a visitor. */
  readonly roles: readonly HeldRole[]
  readonly lang: Language
  /** For the hidden field `csrf` of every form, or the header `X-CSRF-Token`. */
  readonly csrf: string
  readonly engine: Yingshao
  /** Notices that the page tells; left out: none. */
  readonly inbox?: Pick<PageInbox, "page"> | undefined
  /** How pages are shown; left out where no page is. */
  readonly shown?: Shown
}

/** What Hono's handlers get: `c.var.visit`. */
export interface VisitEnv {
  Variables: { visit: Visit }
}

/**
 * Who gives a command, for its `by`.
 *
 * @throws WebFailure 401 when nobody is signed in, 403 when the person does not hold the role.
 * @example engine.handle({ type: "AnswerWhistle", id, by: actAs(visit, "duty-officer"), report, facts })
 */
export const actAs = (visit: Visit, role: Role): { readonly person: string; readonly role: Role } => {
  if (visit.actor === undefined) throw signInFirst()
  if (!holds(visit, role)) throw notYours()
  return { person: visit.actor.person, role }
}

export const holds = (visit: Visit, role: Role): boolean => visit.roles.some((held) => held.role === role)

/** For which units, levels, bands or sectors the role is held; empty when it is not, or has no scope. */
export const scopesOf = (visit: Visit, role: Role): readonly string[] =>
  visit.roles.find((held) => held.role === role)?.scopes ?? []

/** What a person may act as, read from the programme. */
export const rolesOf = async (engine: Yingshao, person: string): Promise<readonly HeldRole[]> => {
  const [staff, participant] = await Promise.all([
    engine.queries.state("staff", person),
    engine.queries.state("participant", person),
  ])
  return [
    { role: "reporter", scopes: [] },
    ...(isInService(participant.state) ? [{ role: "squad-leader", scopes: [] } as const] : []),
    ...staff.state.appointments.map(({ role, scopes }) => ({ role, scopes })),
  ]
}
