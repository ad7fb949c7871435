/**
 * How a command can fail without an answer: typed, and with no data of the command in any of them.
 *
 * A refusal is no failure: it is an answer. An outage of the store is the port's own `StorageFailure`,
 * passed on as it is. Compare `_tag`, never the class.
 */
import * as Data from "effect/Data"

/**
 * Too many commands wait, or rivals changed what was read each time. Nothing was written: ask again with
 * the same id.
 */
export class Busy extends Data.TaggedError("Busy")<{
  readonly reason: "queue-full" | "conflict"
  readonly attempts: number
}> {
  override get message(): string {
    return this.reason === "queue-full"
      ? "too many commands are waiting; ask again with the same id"
      : `rivals came first ${this.attempts} times; ask again with the same id`
  }
}

/** A promise of this library was broken while deciding. `invariant` is its id; nothing was stored. */
export class Defect extends Data.TaggedError("Defect")<{
  readonly invariant: string
  readonly command: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `the promise ${this.invariant} was broken while deciding ${this.command}; nothing was stored`
  }
}

/** What is stored cannot be read by this release: an unknown version, kind or event. `where` names the row. */
export class Unreadable extends Data.TaggedError("Unreadable")<{
  readonly where: string
  readonly why: string
}> {
  override get message(): string {
    return `${this.where} cannot be read: ${this.why}`
  }
}

/** The programme cannot be opened with what was given. */
export class CannotOpen extends Data.TaggedError("CannotOpen")<{ readonly why: string }> {
  override get message(): string {
    return this.why
  }
}

/**
 * A file is right and cannot be imported here. `not-empty`: the programme holds records that no import began.
 * `another-import`: one from another file is not finished. `another-journal`: what is there is not the file's
 * beginning. `order`: the store numbers commits in another order than they are handed over in.
 */
export class CannotImport extends Data.TaggedError("CannotImport")<{
  readonly programme: string
  readonly why: "not-empty" | "another-import" | "another-journal" | "order"
}> {
  override get message(): string {
    return `the programme ${this.programme} cannot be imported here: ${this.why}`
  }
}

/**
 * Nothing leaves the store. `not-claimed`: it cannot archive. `another-segment`: the file is not the next one of
 * this journal.
 */
export class CannotArchive extends Data.TaggedError("CannotArchive")<{
  readonly programme: string
  readonly why: "not-claimed" | "another-segment"
}> {
  override get message(): string {
    return `the journal of ${this.programme} cannot be archived: ${this.why}`
  }
}

/**
 * A query on an index that a newer fold fills, and not every document has been folded by it yet. Nothing was
 * read or written: `refold` completes it, beside a working programme.
 */
export class IndexBuilding extends Data.TaggedError("IndexBuilding")<{ readonly index: string }> {
  override get message(): string {
    return `the index ${this.index} is being built: not every state has been folded anew`
  }
}

/**
 * The asker decided on an older state of the case than the one that is there now. Nothing was stored: look again,
 * and ask with another id.
 */
export class Moved extends Data.TaggedError("Moved")<{
  readonly expected: number
  readonly version: number
}> {
  override get message(): string {
    return `the case stands at version ${this.version} and not at ${this.expected} any more`
  }
}

/** The `_tag` of anything thrown, or `undefined`. */
export const tagOf = (error: unknown): string | undefined =>
  typeof error === "object" && error !== null && "_tag" in error && typeof error._tag === "string"
    ? error._tag
    : undefined
