/**
 * What every refusal says to the person who asked, in both languages.
 *
 * The codes are stable; the sentences may be improved. Placeholders in braces are filled from the
 * refusal's detail, which holds nothing that would tell who reported.
 */
import { inboxRefusals } from "./inbox/inbox-refusals.ts"
import type { Refusal } from "./kernel/refusal.ts"
import { ledgerRefusals } from "./ledger/ledger-refusals.ts"
import { participantRefusals } from "./participant/participant-refusals.ts"
import { programmeRefusals } from "./programme/programme-refusals.ts"
import { reportRefusals } from "./report/report-refusals.ts"
import { rewardRefusals } from "./reward/reward-refusals.ts"

/** By code. */
export const refusalMessages: { readonly [code: string]: { readonly zh: string; readonly en: string } } = {
  ...programmeRefusals,
  ...participantRefusals,
  ...reportRefusals,
  ...rewardRefusals,
  ...ledgerRefusals,
  ...inboxRefusals,
  "bad-command": {
    zh: "指令的 {field} 不对:{problem}。",
    en: "the command's {field} is wrong: {problem}",
  },
  "command-id-reused": {
    zh: "这个编号已用于另一条指令。",
    en: "this id was used for another command already",
  },
  "programme-not-open": { zh: "项目还没有建立。", en: "the programme was not opened yet" },
  "bad-policy": { zh: "规则文件不能采用:{why}。", en: "the policy cannot be adopted: {why}" },
  "already-claimed": { zh: "已被别人占用。", en: "somebody else holds it already" },
}

/**
 * The sentence of a refusal.
 *
 * @example refusalText({ code: "same-person", detail: { other: "reporter" } }, "en")
 *   // => "you have another part in this (reporter); it takes another person"
 */
export const refusalText = (refused: Refusal, language: "zh" | "en"): string => {
  const template = refusalMessages[refused.code]?.[language] ?? refused.code
  return template.replace(/\{(\w+)\}/g, (whole, key: string) => String(refused.detail[key] ?? whole))
}
