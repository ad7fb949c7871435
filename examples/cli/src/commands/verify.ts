/**
 * `yingshao verify`: is an export whole and right? Without a database.
 */
import { verifyExport } from "@yingshao/engine/verify-export"
import { bytesOf } from "../store/plain-file.ts"
import { namingFile, type TrustOptions, trustOf } from "../store/trust.ts"
import { text } from "../terminal/language.ts"
import type { Output } from "../terminal/output.ts"

/** @returns 0 when it is; a fault is a failure with exit code 1 that names the line and the first bad record. */
export const verify = async (file: string, options: TrustOptions, out: Output): Promise<number> => {
  const trust = trustOf(options)
  const found = await namingFile(file, () => verifyExport(bytesOf(file)(), trust))
  const { header, footer, lines, headsChecked, signatureChecked } = found
  const { programme, head } = header
  if (out.json) {
    const { records, messages } = footer
    out.line(
      JSON.stringify({ ok: true, programme, head, lines, records, messages, headsChecked, signatureChecked }),
    )
    return 0
  }
  out.paragraph(
    out.say(
      text(
        `${file} 完好:项目 ${programme},${footer.records} 条记录、${footer.messages} 条消息,首部 ${head.number} ${head.hash.slice(0, 12)}…`,
        `${file} is right: programme ${programme}, ${footer.records} records, ${footer.messages} messages, head ${head.number} ${head.hash.slice(0, 12)}…`,
      ),
    ),
  )
  out.paragraph(
    out.say(
      signatureChecked || headsChecked > 0
        ? text(
            `已核对:${signatureChecked ? "签名、" : ""}另存的首部 ${headsChecked} 个。`,
            `checked beside it: ${signatureChecked ? "the signature, " : ""}${headsChecked} heads that were kept.`,
          )
        : text(
            "没有给出另存的首部或公钥:整体重写或截尾看不出来。",
            "no heads that were kept and no public key were given: a journal rewritten or cut as a whole would not show.",
          ),
    ),
  )
  return 0
}
