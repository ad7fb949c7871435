/**
 * Identifiers: opaque, printable, branded, so that a person is never passed where a report is meant.
 *
 * Core makes no randomness: fresh ids are derived from the entropy that the engine gives to each command
 * (`Context.freshId`). An id never carries a meaning, a sequence or a time.
 */
import * as z from "zod"

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, "1 to 64 of a-z, 0-9 and -, not starting with -")

/** A person's handle. It says nothing about who it is; the identity port knows, for a stated purpose. */
export const personId = id.brand<"PersonId">()
export type PersonId = z.infer<typeof personId>

export const reportId = id.brand<"ReportId">()
export type ReportId = z.infer<typeof reportId>

export const incidentId = id.brand<"IncidentId">()
export type IncidentId = z.infer<typeof incidentId>

/** A department, a channel's desk, the duty desk: whoever can owe something. */
export const unitId = id.brand<"UnitId">()
export type UnitId = z.infer<typeof unitId>

/** An obligation, unique within its programme. */
export const obligationId = z
  .string()
  .regex(/^[a-z0-9][A-Za-z0-9:.-]{0,127}$/)
  .brand<"ObligationId">()
export type ObligationId = z.infer<typeof obligationId>

/** A message to whoever must act, as it stands in the outbox; partners name it in their receipts. */
export const orderId = z
  .string()
  .regex(/^[A-Za-z0-9._:-]{1,100}$/, "1 to 100 letters, digits, . _ : and -")
  .brand<"OrderId">()
export type OrderId = z.infer<typeof orderId>

/** Handle under which the identity port or the photo port keeps a thing. SHA-256 hex for photos. */
export const photoDigest = z
  .string()
  .regex(/^[0-9a-f]{64}$/, "SHA-256 of the re-encoded photo, 64 hexadecimal digits")
  .brand<"PhotoDigest">()
export type PhotoDigest = z.infer<typeof photoDigest>
