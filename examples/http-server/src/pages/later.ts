/** The link from one page of a list to the next. */
import { html } from "hono/html"
import type { Html } from "./layout.ts"
import type { Wording } from "./wording.ts"

/** @param more the query's other parts, as they stand in an address: `unit=u-1`. */
export const later = (path: string, cursor: string | undefined, words: Wording, more = ""): Html | "" =>
  cursor === undefined
    ? ""
    : html`<p><a class="button" href="${path}?after=${encodeURIComponent(cursor)}${more === "" ? "" : `&${more}`}">${words.say("后面的", "Later ones")}</a></p>`
