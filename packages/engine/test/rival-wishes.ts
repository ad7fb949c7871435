/** What rivals ask for; apart from the test's expectations, so that a plain process can use it. */
import { fire, type Wish, wish } from "./county.ts"

export const answerOf = (report: string, by = "duty"): Wish =>
  wish("AnswerWhistle", by, "duty-officer", { report, facts: fire })
