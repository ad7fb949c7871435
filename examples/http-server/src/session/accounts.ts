/**
 * Who may sign in to the demonstration, and with what.
 *
 * One safe way of many; a host brings its own (a county's single sign-on, WeCom, a national identity). Only
 * a slow hash of each passphrase is kept. An unknown name takes as long as a wrong passphrase and gets the
 * same answer, so nobody learns who has an account.
 */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto"
import type { Text } from "../web/language.ts"

export interface Account {
  /** What is typed, lower case. */
  readonly account: string
  /** The handle by which the programme knows the person. */
  readonly person: string
  /** What the pages call them; the people of the demonstration are fictional. */
  readonly name: Text
}

export interface Accounts {
  /** The account, when name and passphrase belong together. */
  check(name: string, passphrase: string): Promise<Account | undefined>
  /** The account of a session; `undefined` when it is there no more. */
  of(account: string): Account | undefined
}

/** Work of one check: 16 MB and about 50 ms. Tests take less. */
export const usualCost = 2 ** 14

export const makeAccounts = async (
  people: readonly (Account & { readonly passphrase: string })[],
  cost: number = usualCost,
): Promise<Accounts> => {
  const known = new Map<string, { readonly account: Account; readonly lock: Lock }>()
  const locks = await Promise.all(people.map(({ passphrase }) => lockOf(passphrase, cost)))
  for (const [at, { passphrase: _, ...account }] of people.entries()) {
    known.set(account.account, { account, lock: locks[at] as Lock })
  }
  const nobody = await lockOf(randomBytes(16).toString("hex"), cost)
  return {
    of: (name) => known.get(name)?.account,
    async check(name, passphrase) {
      const found = known.get(name.trim().toLowerCase())
      const lock = found?.lock ?? nobody
      const given = await derive(passphrase.slice(0, 200), lock.salt, cost)
      return timingSafeEqual(given, lock.key) ? found?.account : undefined
    },
  }
}

// internal

interface Lock {
  readonly salt: Buffer
  readonly key: Buffer
}

const lockOf = async (passphrase: string, cost: number): Promise<Lock> => {
  const salt = randomBytes(16)
  return { salt, key: await derive(passphrase, salt, cost) }
}

const derive = (passphrase: string, salt: Buffer, cost: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const options: ScryptOptions = { N: cost, maxmem: 64_000_000 }
    scrypt(passphrase.normalize("NFC"), salt, 32, options, (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
