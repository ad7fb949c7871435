/**
 * What else is kept about people, sealed under the key that erasing a person destroys: one rule of erasure for all.
 *
 * What it does not do: it shows no identity, and it keeps nothing itself.
 */
export interface PersonSeals {
  /** The person's name in the files, made at the first time; `undefined` for whoever was erased. */
  toSeal(programme: string, handle: string): string | undefined
  /** The same, and nothing is made. */
  known(programme: string, handle: string): string | undefined
  /** Of a name in the files: was its key destroyed? One that is only missing may come back. */
  isErased(programme: string, person: string): boolean
  /** @throws when the person was erased. */
  seal(programme: string, person: string, about: string, plain: string): Uint8Array
  /** `undefined` when the key is gone or another one. */
  unseal(programme: string, person: string, about: string, sealed: Uint8Array): string | undefined
  /** Told of everybody who is erased, when the key is gone. */
  onErased(forget: (programme: string, person: string) => void): void
}

/** For a store in memory, which ends with the process: nothing to seal. */
export const noSeals = (): PersonSeals => ({
  toSeal: (_, handle) => handle,
  known: (_, handle) => handle,
  isErased: () => false,
  seal: (_programme, _person, _about, plain) => Buffer.from(plain),
  unseal: (_programme, _person, _about, sealed) => Buffer.from(sealed).toString(),
  onErased: () => {},
})
