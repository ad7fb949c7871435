/** A place as people read it: words, and the coordinate where there is one. */

import type { Place } from "@yingshao/core/place/place"
import { html } from "hono/html"
import type { Html } from "./layout.ts"
import type { Wording } from "./wording.ts"

export const placeWords = (place: Place, words: Wording): Html => {
  const { coordinate } = place
  const point =
    coordinate === undefined ? undefined : `${coordinate.lat.toFixed(5)}, ${coordinate.lng.toFixed(5)}`
  const within =
    coordinate?.accuracyM === undefined
      ? ""
      : words.say(`(误差约 ${coordinate.accuracyM} 米)`, ` (within about ${coordinate.accuracyM} m)`)
  return html`<span class="place">${[place.words, point].filter((one) => one !== undefined).join(" · ")}${within}</span>`
}
