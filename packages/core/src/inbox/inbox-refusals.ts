/** What the refusals about partners' receipts say, in both languages. */
export const inboxRefusals = {
  "not-parked": {
    zh: "回执 {receipt} 不在待处理之列({status})。",
    en: "receipt {receipt} is not parked: it is {status}",
  },
  "still-parked": {
    zh: "回执 {receipt} 仍不能入账({why})。",
    en: "receipt {receipt} still cannot be taken: {why}",
  },
} as const
