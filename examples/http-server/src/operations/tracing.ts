/**
 * OpenTelemetry, when the environment names a collector: a span for each request, sent in batches.
 *
 * `OTEL_EXPORTER_OTLP_ENDPOINT` is the collector's address and `OTEL_SERVICE_NAME` what we are called there. Left
 * out, the packages are not even loaded.
 */
import { SpanKind, SpanStatusCode } from "@opentelemetry/api"
import type { Answered } from "./observe.ts"

export interface Tracing {
  start(): { end(answered: Answered): void }
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
  const tracer = provider.getTracer("@yingshao/http-server")
  return {
    start() {
      const span = tracer.startSpan("request", { kind: SpanKind.SERVER, root: true })
      return {
        end({ method, route, status }) {
          span.updateName(`${method} ${route}`)
          span.setAttributes({
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": status,
          })
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
          span.end()
        },
      }
    },
    stop: () => provider.shutdown(),
  }
}
