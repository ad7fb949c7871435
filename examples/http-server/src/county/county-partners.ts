/**
 * The partner systems of a county from one JSON file: who pushes receipts, and who gets the orders of which unit.
 */
import { readFileSync } from "node:fs"
import { httpDispatcher } from "@yingshao/dispatch-http"
import type { ReceiptEndpointOptions } from "@yingshao/dispatch-http/receipt-endpoint"
import type { OpenOptions } from "@yingshao/engine"
import { outboundHttp } from "@yingshao/ports/outbound/outbound-http"
import * as z from "zod"
import { programme } from "./programme.ts"

export interface CountyPartners {
  readonly receipts: ReceiptEndpointOptions["partners"]
  /** Left out of what the engine gets where no partner takes orders. */
  readonly orders: Pick<OpenOptions, "dispatchers" | "route">
}

/** The file of partners is no JSON or has another form. */
export class PartnersUnread extends Error {
  constructor(cause: unknown) {
    const [issue] = cause instanceof z.ZodError ? cause.issues : []
    const where = issue === undefined || issue.path.length === 0 ? "" : `${issue.path.join(".")}: `
    super(issue === undefined ? "不是 JSON · it is no JSON" : `${where}${issue.message}`, { cause })
  }
}

/** @throws PartnersUnread when the file is no JSON, or not of this form; the message says where. */
export const readPartners = (path: string): CountyPartners => {
  const all = partnersIn(readFileSync(path, "utf8"))
  const taking = Object.entries(all).flatMap(([name, { url, secrets, units = [] }]) =>
    url === undefined ? [] : [{ name, url, secrets, units }],
  )
  const byUnit = new Map(taking.flatMap(({ name, units }) => units.map((unit) => [unit, name] as const)))
  const closed = Object.values(all).flatMap(({ privateRanges = [] }) => privateRanges)
  const dispatcher = httpDispatcher({
    source: `urn:yingshao:${programme}`,
    partners: Object.fromEntries(taking.map(({ name, url, secrets }) => [name, { url, secrets }])),
    outbound: outboundHttp({ privateRanges: closed, plainHttp: closed.length > 0 ? "allowed" : "refused" }),
  })
  const route = (unit: string) => {
    const partner = byUnit.get(unit)
    return partner === undefined ? undefined : { dispatcher: dispatcher.name, partner }
  }
  return {
    receipts: Object.fromEntries(Object.entries(all).map(([name, { secrets }]) => [name, { secrets }])),
    orders: taking.length === 0 ? {} : { dispatchers: [dispatcher], route },
  }
}

// internal

const partnersIn = (text: string): z.output<typeof file> => {
  try {
    return file.parse(JSON.parse(text))
  } catch (error) {
    throw new PartnersUnread(error)
  }
}

const secret = z.string().startsWith("whsec_", "a secret begins with whsec_")

const file = z.record(
  z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/, "a partner's name has small letters, digits and -"),
  z.strictObject({
    secrets: z.tuple([secret], secret),
    /** Where orders go, below it `/orders`. Left out: the partner only pushes receipts. */
    url: z.url({ protocol: /^https?$/ }).optional(),
    /** Whose orders it gets. */
    units: z.array(z.string().min(1).max(64)).max(50).optional(),
    /** Addresses of a closed network that may be reached, then also without TLS. */
    privateRanges: z.array(z.string().max(60)).max(10).optional(),
  }),
)
