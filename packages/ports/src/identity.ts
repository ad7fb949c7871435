/**
 * The identity port, `identity/1`: names, phones and payees, encrypted, erasable, found by handle.
 *
 * Everything else in the system holds only a handle. A handle is random and says nothing about the person;
 * the same person may have one per report and per audience. Erasing destroys the key of a person, so that
 * what lies in old backups no longer decrypts.
 *
 * What it does not do: it does not decide who may see what. It demands a purpose and hands over the record of
 * the unmasking; the engine writes that record to the journal before it shows anything. No message, log or
 * error of an adapter holds a field's text, and known and unknown phone numbers take the same path.
 */

export const identityContract = "identity/1"

/** Random, printable ASCII, at most 64 bytes. Never reused. */
export type Handle = string

/** Fields of a person. A host may add its own names; each is at most 1,000 bytes of text. */
export interface PersonalFields {
  readonly name?: string
  readonly phone?: string
  /** Account to which an award is paid. */
  readonly payee?: string
  readonly [field: string]: string | undefined
}

/** Why somebody looks. All three are required and non-empty. */
export interface Purpose {
  /** Who looks: the actor's own handle. */
  readonly actor: Handle
  /** Under which case, award or complaint. */
  readonly caseKey: string
  /** One of the programme's listed purposes: `pay-award`, `call-back`. */
  readonly purpose: string
}

export type Unmasked =
  | { readonly kind: "fields"; readonly fields: PersonalFields }
  /** Erased, or never stored: the two are not told apart. */
  | { readonly kind: "nothing" }

export interface Identity {
  readonly contract: typeof identityContract
  readonly name: string
  /** Stores the fields of one person; the same `handle` again replaces them all. */
  put(programme: string, handle: Handle, fields: PersonalFields): Promise<void>
  /** Another handle for the same person, for one audience. Erasing the person ends both. */
  alias(programme: string, handle: Handle, alias: Handle): Promise<void>
  /**
   * The fields asked for, and no others.
   *
   * @throws IdentityFailure `purpose-missing` when one part of the purpose is empty.
   */
  unmask(programme: string, handle: Handle, fields: readonly string[], purpose: Purpose): Promise<Unmasked>
  /**
   * The handle under which this value was stored, by a keyed digest. Answers `undefined` in the same way for
   * unknown and erased values.
   */
  findByPhone(programme: string, phone: string): Promise<Handle | undefined>
  /** Destroys the person's key and keyed digests. True when there was something to destroy. */
  erase(programme: string, handle: Handle): Promise<boolean>
  /** Handles that still decrypt, in byte order, for retention and for the doctor. */
  handles(
    programme: string,
    page: { readonly after: Handle | undefined; readonly limit: number },
  ): Promise<readonly Handle[]>
  close(): Promise<void>
}

/** What the methods reject with. Never holds a handle's fields. */
export interface IdentityFailure extends Error {
  readonly _tag: "IdentityFailure"
  readonly reason: "purpose-missing" | "invalid" | "key-unavailable" | "unavailable" | "closed"
}

/** Makes an `IdentityFailure`. `_tag` is compared, never the class. */
export const identityFailure = (
  reason: IdentityFailure["reason"],
  message: string,
  cause?: unknown,
): IdentityFailure =>
  Object.assign(new Error(message, cause === undefined ? undefined : { cause }), {
    _tag: "IdentityFailure" as const,
    reason,
  })

export const isIdentityFailure = (error: unknown): error is IdentityFailure =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "IdentityFailure"
