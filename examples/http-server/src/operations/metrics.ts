/**
 * Counters for Prometheus: requests by route, the process, and how the programme stands.
 */
import type { Yingshao } from "@yingshao/engine"
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client"
import type { Answered } from "./observe.ts"

export interface Metrics {
  answered(route: Answered, ms: number): void
  /** The text that Prometheus reads. */
  text(): Promise<string>
  readonly contentType: string
}

/** Counters of the engine that are shown: how many, never who or where. */
const shownTallies = ["reports/", "replies/", "obligations/", "incidents/"] as const

/** @param ofProcess also memory, event loop and garbage collection; they run timers of their own. */
export const makeMetrics = (engine: Yingshao, ofProcess: boolean): Metrics => {
  const registry = new Registry()
  const registers = [registry]
  if (ofProcess) collectDefaultMetrics({ register: registry })
  const requests = new Counter({
    name: "http_requests_total",
    help: "Requests that were answered.",
    labelNames: ["method", "route", "status"],
    registers,
  })
  const seconds = new Histogram({
    name: "http_request_seconds",
    help: "From the request's arrival to its answer.",
    labelNames: ["route"],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers,
  })
  const tallies = new Gauge({
    name: "yingshao_tally",
    help: "Counters of the programme.",
    labelNames: ["key"],
    registers,
  })
  const outbox = new Gauge({
    name: "yingshao_outbox_messages",
    help: "Messages to people and partners, by what became of them.",
    labelNames: ["state"],
    registers,
  })
  const findings = new Gauge({
    name: "yingshao_doctor_findings",
    help: "What the doctor finds; 0 is well.",
    registers,
  })
  return {
    contentType: registry.contentType,
    answered({ method, route, status }, ms) {
      requests.inc({ method, route, status })
      seconds.observe({ route }, ms / 1000)
    },
    async text() {
      for (const prefix of shownTallies) {
        for (const [key, value] of await engine.queries.tallies(prefix)) tallies.set({ key }, value)
      }
      const doctor = await engine.doctor({ chain: 10 })
      const { pending, delivered, dead } = doctor.facts.outbox
      for (const [state, value] of Object.entries({ pending, delivered, dead })) outbox.set({ state }, value)
      findings.set(doctor.findings.length)
      return registry.metrics()
    },
  }
}
