/** What the refusals of programme and staff commands say, in both languages. */
export const programmeRefusals = {
  "not-permitted": {
    zh: "您不能办理此事。",
    en: "you may not do this",
  },
  "already-open": {
    zh: "项目已经开通。",
    en: "the programme is open already",
  },
  "duty-desk-needed": {
    zh: "开通项目须有值班室。",
    en: "a programme needs a duty desk",
  },
  "unit-repeats": {
    zh: "单位 {unit} 出现了两次。",
    en: "the unit {unit} is listed twice",
  },
  "unit-exists": {
    zh: "单位编号 {unit} 已经用过,不能再用。",
    en: "the unit id {unit} was used before and is never used again",
  },
  "limit-reached": {
    zh: "数量已到上限 {limit}。",
    en: "the limit of {limit} is reached",
  },
  "year-repeats": {
    zh: "{year} 年出现了两次。",
    en: "the year {year} is listed twice",
  },
  "year-exists": {
    zh: "{year} 年的日历已有;更正须写明理由。",
    en: "the calendar of {year} is there already; a correction needs a reason",
  },
  "date-outside-year": {
    zh: "{date} 不在 {year} 年内。",
    en: "{date} is not in {year}",
  },
  "date-repeats": {
    zh: "{date} 出现了两次。",
    en: "{date} is listed twice",
  },
  "make-up-day-not-weekend": {
    zh: "{date} 不是周六或周日,不能是调休上班日。",
    en: "{date} is neither Saturday nor Sunday and cannot be a make-up workday",
  },
  "past-date-changed": {
    zh: "{date} 已经过去,不能再改。",
    en: "{date} is not in the future and cannot be changed any more",
  },
  "already-adopted": {
    zh: "这份政策文件已经采用。",
    en: "this policy document was adopted already",
  },
  "effective-too-early": {
    zh: "施行日期 {effectiveFrom} 早于今天 {today}。",
    en: "the policy would apply from {effectiveFrom}, before today {today}",
  },
  "not-a-person": {
    zh: "系统账号不能任职。",
    en: "the system itself cannot be appointed",
  },
  "scope-needed": {
    zh: "任命 {role} 须写明范围。",
    en: "an appointment as {role} needs a scope",
  },
  "scope-unknown": {
    zh: "{role} 没有“{scope}”这个范围。",
    en: "{role} has no scope “{scope}”",
  },
  "scope-limit": {
    zh: "{role} 的范围最多 {limit} 个。",
    en: "{role} may have {limit} scopes at most",
  },
  "already-appointed": {
    zh: "此人已任 {role},范围相同。",
    en: "this person is {role} already, with the same scopes",
  },
  "not-appointed": {
    zh: "此人未任 {role}。",
    en: "this person is not appointed as {role}",
  },
  "last-admin": {
    zh: "最后一名项目管理员不能免去自己的职务。",
    en: "the last programme admin cannot dismiss themselves",
  },
} as const satisfies { readonly [code: string]: { readonly zh: string; readonly en: string } }
