/**
 * `yingshao restate`: folds every state of an older release anew, and by that completes new indexes.
 */
import { type ProgrammeOptions, withProgramme } from "../store/recorded-programme.ts"
import { text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"

/** @returns 1 when older states kept coming back: a server of an older release is at work. */
export const restate = (options: ProgrammeOptions, out: Output): Promise<number> =>
  withProgramme(options, async ({ yingshao, record }) => {
    const { say } = out
    const counts = await yingshao.refold({
      onProgress: ({ streams, refolded }) =>
        out.progress(
          say(text(`已看 ${streams},重折 ${refolded}`, `${streams} looked at, ${refolded} folded anew`)),
        ),
    })
    out.progress("")
    const { streams, refolded, complete } = counts
    if (out.json) {
      out.line(JSON.stringify({ programme: record.programme, ...counts }))
      return complete ? 0 : 1
    }
    out.paragraph(
      say(
        text(
          `项目 ${record.programme}:${streams} 个状态,重新折叠 ${refolded} 个${complete ? ",索引齐全" : ""}`,
          `programme ${record.programme}: ${streams} states, ${refolded} folded anew${complete ? ", every index complete" : ""}`,
        ),
      ),
    )
    if (!complete) {
      out.paragraph(
        say(
          text(
            "旧版本的状态不断出现:停掉旧版本的服务后再运行一次。",
            "older states kept coming back: stop the servers of the older release and run again.",
          ),
        ),
      )
    }
    return complete ? 0 : 1
  })
