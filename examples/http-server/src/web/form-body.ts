/**
 * A request's body where it is no form, or where the connection ended within it: the asker's, and no fault of ours.
 */
import type { Context } from "hono"
import { WebFailure } from "./failure.ts"
import { text } from "./language.ts"

/** @throws WebFailure 400 for what is no form. */
export const formOf = async (c: Context): Promise<FormData> => {
  try {
    return await c.req.formData()
  } catch {
    throw new WebFailure(
      400,
      "no-form",
      text("表单没有传完整,请再试一次。", "the form did not arrive whole; please send it again"),
    )
  }
}

/** @throws WebFailure 400 where the asker left before the end. */
export const arrived = async <T>(body: Promise<T>): Promise<T> => {
  try {
    return await body
  } catch {
    throw new WebFailure(
      400,
      "cut-short",
      text("请求体没有传完,请再传一次。", "the body did not arrive whole; please send it again"),
    )
  }
}
