/**
 * Where something is: a coordinate, or words, or both.
 *
 * The app sends a coordinate. By hotline the place may be words only; such a place is on no map and is
 * proposed as nobody's neighbour until a duty officer has settled it.
 */
import * as z from "zod"
import { coordinate, toWgs84 } from "./coordinate.ts"

/** 1 to 200 characters after trimming. */
const words = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]*$/u, "no line breaks or control characters")

export const place = z
  .strictObject({ coordinate: coordinate.optional(), words: words.optional() })
  .refine((it) => it.coordinate !== undefined || it.words !== undefined, "a coordinate or words")
export type Place = z.infer<typeof place>

/**
 * The place as it is stored: its coordinate in WGS-84. Called once, where a report comes in.
 *
 * @example atTheEdge({ words: "濛江街道环城路口" }) // => { words: "濛江街道环城路口" }
 */
export const atTheEdge = (from: Place): Place =>
  from.coordinate === undefined ? from : { ...from, coordinate: toWgs84(from.coordinate) }
