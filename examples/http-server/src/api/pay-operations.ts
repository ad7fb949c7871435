/**
 * Paying by the API: payees, amounts and lines to pay by; no report is named, and none can be told from a line
 * (P10).
 */
import { personId } from "@yingshao/core/kernel/ids"
import { instant } from "@yingshao/core/kernel/time"
import * as z from "zod"
import { openLine, sealedLine } from "../session/sealed-line.ts"
import { notFound, refusedAs } from "../web/failure.ts"
import { commandHeaders, keyOf } from "./command-operations.ts"
import { type Operation, operation } from "./operation.ts"
import { asPage, paged, pageOf, pageRequest } from "./pages.ts"

const payable = z.object({
  payee: personId,
  lines: z.array(
    z.object({
      line: z.string().describe("to pay it by; the asker's own, until the server starts again"),
      fen: z.int(),
      since: instant,
    }),
  ),
})

export const payOperations = (): readonly Operation[] => [
  operation({
    id: "payables",
    method: "get",
    path: "/payables",
    tag: "rewards",
    summary: "Cash that waits to be collected, oldest first",
    access: ["payer"],
    query: paged,
    answer: pageOf(payable),
    run: async ({ engine, caller, query }) => {
      const { person } = caller()
      const wanted = { index: "account/payable", equals: "open", ...pageRequest(query) }
      const page = await engine.queries.page(wanted)
      const rows = page.rows.map(({ id, state }) => ({
        payee: id,
        lines: ("payables" in state ? state.payables : []).map(({ report, fen, since }) => ({
          line: sealedLine(person, `${id} ${report}`),
          fen,
          since,
        })),
      }))
      return { body: asPage(page, rows) }
    },
  }),
  operation({
    id: "pay",
    method: "post",
    path: "/payables/{line}",
    tag: "rewards",
    summary: "The award of a line was paid to its first signatory",
    access: ["payer"],
    params: z.strictObject({ line: z.string().regex(/^[A-Za-z0-9_-]{1,400}$/) }),
    headers: commandHeaders.pick({ "idempotency-key": true }),
    answer: z.object({ number: z.int().describe("place in the journal"), at: instant }),
    run: async ({ engine, caller, path, c }) => {
      const { person } = caller()
      const [payee = "", report] = openLine(person, path.line)?.split(" ") ?? []
      if (report === undefined) throw notFound()
      const file = (await engine.queries.state("reward", report)).state
      const first = file.status === "none" ? undefined : file.award?.shares[0]?.person
      const answer = await engine.handle({
        type: "PayAward",
        id: keyOf(c.req.header("idempotency-key")),
        by: { person, role: "payer" },
        report,
        collectedBy: first ?? payee,
      })
      if (!answer.ok) throw refusedAs(answer.refusal)
      return { body: { number: answer.number, at: answer.at } }
    },
  }),
]
