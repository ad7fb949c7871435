/**
 * OpenTelemetry, when the environment names a collector: a span for each request, and beneath it one for each
 * command of it, by its type and whether it was accepted; sent in batches. What the scheduler and partners' receipts
 * give stands by itself.
 *
 * `OTEL_EXPORTER_OTLP_ENDPOINT` is the collector's address and `OTEL_SERVICE_NAME` what we are called there. Left
 * out, the packages are not even loaded.
 */
import { AsyncLocalStorage } from "node:async_hooks"
import { context, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api"
import type { Answered } from "./observe.ts"

export interface Tracing {
  /** Runs a request within its span. */
  request(work: () => Promise<Answered>): Promise<void>
  /**
   * Runs a command within its span, beneath the request's where there is one. Only its type is told. For the engine's
   * `around`.
   */
  command<T extends { readonly ok: boolean }>(type: string, work: () => Promise<T>): Promise<T>
  /** Sends what waits, at most for some seconds. */
  stop(): Promise<void>
}

export const openTracing = async (
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Tracing | undefined> => {
  const endpoint = environment.OTEL_EXPORTER_OTLP_ENDPOINT
  if (endpoint === undefined || endpoint === "") return undefined
  const [{ BatchSpanProcessor, TracerProvider }, { OTLPTraceExporter }, { resourceFromAttributes }] =
    await Promise.all([
      import("@opentelemetry/sdk-trace"),
      import("@opentelemetry/exporter-trace-otlp-http"),
      import("@opentelemetry/resources"),
    ])
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, "")}/v1/traces` })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": environment.OTEL_SERVICE_NAME || "yingshao" }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  })
  /** The span of the request under way. */
  const requests = new AsyncLocalStorage<Span>()
  const tracer = provider.getTracer("@yingshao/http-server")
  return {
    async request(work) {
      const span = tracer.startSpan("request", { kind: SpanKind.SERVER, root: true })
      const { method, route, status } = await requests.run(span, work)
      span.updateName(`${method} ${route}`)
      span.setAttributes({
        "http.request.method": method,
        "http.route": route,
        "http.response.status_code": status,
      })
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    },
    async command(type, work) {
      const above = requests.getStore()
      const beneath = above === undefined ? context.active() : trace.setSpan(context.active(), above)
      const span = tracer.startSpan(`command ${type}`, { kind: SpanKind.INTERNAL }, beneath)
      try {
        const answer = await work()
        span.setAttribute("yingshao.accepted", answer.ok)
        return answer
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR })
        throw error
      } finally {
        span.end()
      }
    },
    stop: () => provider.shutdown(),
  }
}
