/** The route that a form asks for; `undefined` when it leaves it to the rules. */
import { channels } from "@yingshao/core/decisions"
import type { Sent } from "../form.ts"

export const routeIn = (form: Sent): object | undefined => {
  const owner = form.given("owner")
  if (owner !== undefined) return { kind: "ordinary", owner }
  const lead = form.given("lead")
  if (lead === undefined) return undefined
  const joint = channels.filter((one) => one !== lead && form.text(`joint-${one}`) === "yes")
  return { kind: "emergency", lead, joint }
}
