/** The incident that a page is about. */
import type { LiveIncident } from "@yingshao/core/incident/incident"
import type { Visit } from "../session/visit.ts"
import { notFound } from "../web/failure.ts"

/** @throws WebFailure 404 when there is none. */
export const readIncident = async (visit: Visit, id: string): Promise<LiveIncident> => {
  const { state } = await visit.engine.queries.state("incident", id)
  if (state.status === "none") throw notFound()
  return state
}
