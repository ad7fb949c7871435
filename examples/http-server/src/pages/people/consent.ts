/**
 * What an applicant agrees to. A county writes its own and raises the version with every change of the
 * wording; the version is stored with the application (S6).
 */
import { type Text, text } from "../../web/language.ts"

export const consent: { readonly version: string; readonly wording: Text } = {
  version: "consent-2026-1",
  wording: text(
    "我自愿报名。我知道:上报的照片、地点和时间用于办理;我的姓名和电话只给应哨、兑付和审核的人在办事时看,每次查看都有记录;我可以随时退出,不影响已有的积分和已报事项的答复。",
    "I apply by my own will. I know that photos, places and times of my reports are used to handle them; that my name and phone are seen only by those who answer, pay or review, for that purpose, and that each look is recorded; and that I may leave at any time and keep my points and the answers I am owed.",
  ),
}
