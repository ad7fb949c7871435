/** What a page says at its top after a form was accepted, by a key in the address. */
import { type Text, text } from "../web/language.ts"

/** @returns `undefined` for a key that is not listed: nothing from an address is shown. */
export const doneWords = (key: string | undefined): Text | undefined =>
  key !== undefined && Object.hasOwn(words, key) ? words[key] : undefined

// internal

const words: Readonly<Record<string, Text>> = {
  reported: text("已收到,请记下编号。", "Received; please keep the number."),
  answered: text("已应哨。", "The whistle is answered."),
  "handed-over": text("已派发。", "Handed over."),
  acknowledged: text("已签收。", "Received."),
  returned: text("已退回值班室。", "Returned to the duty desk."),
  handled: text("已报办结。", "Reported as done."),
  asked: text("已申请延期,等待批复。", "More time was asked for."),
  extended: text("已同意延期。", "Extended."),
  declined: text("已答复不同意延期。", "The extension was declined."),
  replied: text("已回应报送人。", "The reporters were told."),
  followed: text("已记录回访。", "The follow-up is recorded."),
  thanks: text("谢谢,已记录您的回答。", "Thank you; your answer is recorded."),
  converted: text("已转换。", "Converted."),
  withheld: text("已压下不派。", "Withheld."),
  closed: text("已办结归档。", "Closed."),
  merged: text("已并案。", "Merged."),
  led: text("已改牵头。", "Another channel leads now."),
  verified: text("已核实本级。", "This level is confirmed."),
  graded: text("已定价值和难度。", "Graded."),
  approved: text("已审批。", "Approved."),
  paid: text("已记兑付。", "Paid."),
  appealed: text("已提出申诉。", "The appeal is lodged."),
  calmed: text("已记录您的决定。", "Your decision is recorded."),
}
