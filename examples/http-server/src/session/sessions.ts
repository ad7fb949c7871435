/**
 * Who is signed in: random ids whose hashes are kept in memory, until they are idle, old or signed out.
 *
 * The id is in a cookie that scripts cannot read, or in an `Authorization: Bearer` header of a program. A
 * form carries a token derived from the cookie under a key of this process, so that another site, which
 * can send the cookie but not read it, cannot make it. A restart signs everybody out.
 */
import { createHmac, hash, randomBytes, timingSafeEqual } from "node:crypto"

export interface Sessions {
  /** Signs in. @returns the id for the cookie: 256 random bits. */
  start(account: string): string
  /** The account that is signed in under an id, and keeps it alive. */
  account(id: string): string | undefined
  end(id: string): void
  /** The token that a form under this cookie must carry. */
  token(cookie: string): string
  isToken(cookie: string, token: string): boolean
}

export interface SessionLimits {
  readonly idleMs: number
  readonly longestMs: number
  /** The one that was idle longest makes room. */
  readonly most: number
}

export const usualLimits: SessionLimits = { idleMs: 30 * 60_000, longestMs: 12 * 3_600_000, most: 10_000 }

/** @param now milliseconds since 1970. */
export const makeSessions = (now: () => number, limits: SessionLimits = usualLimits): Sessions => {
  const key = randomBytes(32)
  /** In the order in which they were last seen. */
  const sessions = new Map<string, Session>()
  const token = (cookie: string): string => createHmac("sha256", key).update(cookie).digest("base64url")
  return {
    start(account) {
      const id = freshCookie()
      for (const [oldest] of sessions) {
        if (sessions.size < limits.most) break
        sessions.delete(oldest)
      }
      sessions.set(hashOf(id), { account, startedMs: now(), seenMs: now() })
      return id
    },
    account(id) {
      const name = hashOf(id)
      const session = sessions.get(name)
      if (session === undefined) return undefined
      sessions.delete(name)
      const atMs = now()
      if (atMs - session.seenMs > limits.idleMs || atMs - session.startedMs > limits.longestMs)
        return undefined
      sessions.set(name, { ...session, seenMs: atMs })
      return session.account
    },
    end: (id) => void sessions.delete(hashOf(id)),
    token,
    isToken: (cookie, given) => equal(token(cookie), given),
  }
}

/** For a visitor who is not signed in and needs a form, and for whoever signs in. */
export const freshCookie = (): string => randomBytes(32).toString("base64url")

// internal

interface Session {
  readonly account: string
  readonly startedMs: number
  readonly seenMs: number
}

const hashOf = (id: string): string => hash("sha256", id, "base64url")

const equal = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
