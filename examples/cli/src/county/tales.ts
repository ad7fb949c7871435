/**
 * The tales of a block: the cases that a county must cope with, each at least once.
 *
 * A tale says what comes in and how people behave. What follows from it is decided by the rules alone.
 */
import type { Policy } from "@yingshao/core/decisions"
import { cellWidthM } from "@yingshao/core/incident/candidates"
import { cellOf } from "@yingshao/core/place/grid"
import type { SettledFacts } from "@yingshao/core/report/report"
import type { Chance } from "../random.ts"
import type { Conduct } from "../simulate/scenario.ts"
import { text } from "../terminal/language.ts"
import { type County, personOf } from "./people.ts"

export interface Site {
  readonly lng: number
  readonly lat: number
}

/** A report before it has a handle and a day. */
export interface Draft {
  readonly tale: keyof typeof taleNames
  /** Minutes after midnight. */
  readonly minute: number
  readonly site?: Site
  readonly words?: string
  readonly reporters: readonly string[]
  readonly facts: SettledFacts
  readonly negative?: string
  readonly excluded?: readonly { readonly person: string; readonly standing: "onDuty" | "interested" }[]
  /** The reporter named the category. */
  readonly claimed: boolean
  readonly conduct: Partial<Conduct>
}

export interface Stage {
  readonly block: number
  readonly chance: Chance
  readonly county: County
  readonly policy: Policy
  /** Site number 0 to 149 of this block. */
  readonly site: (number: number) => Site
}

/** What the legend calls them, in the order in which a block tells them. */
export const taleNames = {
  rivals: text("同一事件四人同时报", "four rivals for one matter in the same minute"),
  border: text("网格边界两侧三人同时报", "three rivals on both sides of a grid border"),
  withheld: text("触碰“三个不准”、无危险,压下不派", "on the negative list, no danger: withheld"),
  listed: text("触碰“三个不准”、危险不明,照派", "on the negative list, danger unknown: handed over"),
  false: text(
    "不属实,两人撤销首报、改定其后一件",
    "false: two people revoke the first report and name the next one",
  ),
  joint: text("三人联名", "three reporters jointly"),
  minimal: text("只有照片和定位", "photo and place only"),
  hotline: text("热线,只有口述地点,匿名", "hotline, words only, anonymous"),
  urgent: text("平转急", "ordinary becomes emergency"),
  calmed: text("急转平(两人)", "emergency calmed by two people"),
  returned: text("部门退单", "returned by a department"),
  late: text("应哨、签收、办结超时", "answered, acknowledged, handled late"),
  extended: text("延期", "extension"),
  unsatisfied: text("回访不满意,重办", "unsatisfied at follow-up: reopened"),
  suspended: text("暂停人员报送", "reported by a suspended informant"),
  cap: text("同一人三件现金,触及日上限", "three cash awards for one person: the daily cap"),
  tiers: text("现金四档各一件", "each of the four cash tiers"),
  unclaimed: text("现金逾期未领", "cash never collected"),
  clawback: text("事后认定,追回", "a later finding, clawed back"),
  appeal: text("不服决定,申诉", "an appeal"),
  excluded: text("利害关系人回避", "an interested reporter is excluded"),
  redeems: text("一人多件,积分兑换", "one member earns enough to redeem"),
  plain: text("普通日常", "plain reports"),
} as const

/** All tales of one block, in the order of `taleNames`. */
export const tales = (stage: Stage): readonly Draft[] => [
  ...rivals(stage),
  ...border(stage),
  ...negativeListed(stage),
  ...foundFalse(stage),
  ...intakes(stage),
  ...conversions(stage),
  ...slow(stage),
  ...rewards(stage),
  ...redeems(stage),
]

// internal

const fire: SettledFacts = { category: "fire", danger: "yes", ongoing: "yes", affected: 12 }
const rubbish: SettledFacts = { category: "environment", danger: "no", ongoing: "yes", affected: 8 }
const lamp: SettledFacts = { category: "facility", danger: "no", ongoing: "yes", affected: 15 }

/** Informants in service by number; the last of the county is suspended and is in none of these. */
const informant = ({ block, county }: Stage, number: number): string =>
  county.informants[(block * 13 + number) % (county.informants.length - 1)]?.person ?? ""

const member = ({ block, county }: Stage, number: number): string =>
  county.members[(block * 29 + number * 7) % county.members.length]?.person ?? ""

const publicPerson = ({ block }: Stage, number: number): string => personOf("public", `${block}/${number}`)

/** Metres east of a site. */
const eastOf = (site: Site, metres: number): Site => ({
  lng: Math.round((site.lng + metres / (111_195 * Math.cos((site.lat * Math.PI) / 180))) * 1e7) / 1e7,
  lat: site.lat,
})

const hour = (hours: number, minutes = 0): number => hours * 60 + minutes

const rivals = (stage: Stage): readonly Draft[] =>
  [informant(stage, 0), informant(stage, 1), member(stage, 0), publicPerson(stage, 0)].map((person, at) => ({
    tale: "rivals",
    minute: hour(7, 40),
    site: eastOf(stage.site(0), at * 8),
    reporters: [person],
    facts: fire,
    claimed: at % 2 === 0,
    conduct: { grading: { value: "major", difficulty: "hard" }, residents: 60 },
  }))

const border = (stage: Stage): readonly Draft[] => {
  const [west, east] = acrossBorder(stage)
  return [west, east, eastOf(east, 6)].map((site, at) => ({
    tale: "border",
    minute: hour(8, 25),
    site,
    reporters: [[member(stage, 1), informant(stage, 2), member(stage, 2)][at] ?? ""],
    facts: fire,
    claimed: false,
    conduct: { grading: { value: "notable", difficulty: "hard" }, residents: 35 },
  }))
}

/** Two points a few metres apart in different cells of the grid that the policy's radius makes. */
const acrossBorder = ({ site, policy }: Stage): readonly [Site, Site] => {
  const date = policy.effectiveFrom
  const answer = policy.decide("matching", { category: "fire" }, { accepted: date, step: date })
  const radius = answer.status === "decided" ? Math.max(1, answer.conclusions.radius) : 100
  const cellM = cellWidthM(radius)
  const start = site(1)
  for (let step = 0; step < 2 * cellM; step += 1) {
    const [west, east] = [eastOf(start, step), eastOf(start, step + 5)]
    if (cellOf(west, cellM) !== cellOf(east, cellM)) return [west, east]
  }
  return [start, eastOf(start, 5)]
}

const negativeListed = (stage: Stage): readonly Draft[] => {
  const [first = "none", second = first] = stage.policy.negativeList
  return [
    {
      tale: "withheld",
      minute: hour(9, 5),
      site: stage.site(2),
      reporters: [member(stage, 3)],
      facts: { ...rubbish, ongoing: "no" },
      negative: first,
      claimed: true,
      conduct: { withheld: true, residents: 0 },
    },
    {
      tale: "listed",
      minute: hour(9, 35),
      site: stage.site(3),
      reporters: [informant(stage, 3)],
      facts: { category: "other", danger: "unknown", ongoing: "unknown", affected: "unknown" },
      negative: second,
      claimed: false,
      conduct: { residents: 4 },
    },
  ]
}

const foundFalse = (stage: Stage): readonly Draft[] => [
  {
    tale: "false",
    minute: hour(10, 10),
    site: stage.site(4),
    reporters: [informant(stage, 4)],
    facts: fire,
    claimed: true,
    conduct: { verdict: "false", residents: 0 },
  },
  {
    tale: "false",
    minute: hour(10, 22),
    site: eastOf(stage.site(4), 12),
    reporters: [member(stage, 4)],
    facts: fire,
    claimed: true,
    conduct: { residents: 0 },
  },
]

const intakes = (stage: Stage): readonly Draft[] => [
  {
    tale: "joint",
    minute: hour(10, 45),
    site: stage.site(5),
    reporters: [informant(stage, 5), member(stage, 5), member(stage, 6)],
    facts: { category: "collapse", danger: "yes", ongoing: "yes", affected: 30 },
    claimed: true,
    conduct: { grading: { value: "major", difficulty: "medium" }, residents: 30 },
  },
  ...[0, 1].map(
    (at): Draft => ({
      tale: "minimal",
      minute: hour(11, 5 + 20 * at),
      site: stage.site(6 + at),
      reporters: [member(stage, 7 + at)],
      facts: { category: "other", danger: "unknown", ongoing: "unknown", affected: "unknown" },
      claimed: false,
      conduct: {},
    }),
  ),
  ...[0, 1].map(
    (at): Draft => ({
      tale: "hotline",
      minute: hour(13, 10 + 25 * at),
      words: ["濛水街道环城路与文化路口往南二百米", "新桥社区三期东门"][at] ?? "",
      reporters: [],
      facts: at === 0 ? { ...lamp, category: "hardship" } : rubbish,
      claimed: false,
      conduct: { followUp: "unreachable" },
    }),
  ),
]

const conversions = (stage: Stage): readonly Draft[] => [
  {
    tale: "urgent",
    minute: hour(9, 50),
    site: stage.site(10),
    reporters: [member(stage, 9)],
    facts: lamp,
    claimed: true,
    conduct: { conversion: "newDanger", handles: { how: "share", share: 0.6 }, residents: 45 },
  },
  {
    tale: "calmed",
    minute: hour(14, 0),
    site: stage.site(11),
    reporters: [informant(stage, 6)],
    facts: { category: "traffic", danger: "yes", ongoing: "yes", affected: 5 },
    claimed: true,
    conduct: { conversion: "dangerRemoved", handles: { how: "share", share: 0.8 }, residents: 5 },
  },
]

const slow = (stage: Stage): readonly Draft[] => {
  const plain = (
    tale: Draft["tale"],
    number: number,
    minute: number,
    facts: SettledFacts,
    conduct: Partial<Conduct>,
  ): Draft => ({
    tale,
    minute,
    site: stage.site(12 + number),
    reporters: [number % 2 === 0 ? member(stage, 10 + number) : informant(stage, 7 + number)],
    facts,
    claimed: number % 3 !== 0,
    conduct,
  })
  return [
    plain("returned", 0, hour(9, 15), lamp, { returns: 1 }),
    plain("late", 1, hour(12, 20), fire, { answers: 4.5 }),
    plain("late", 2, hour(15, 30), fire, { acknowledges: 3 }),
    plain("late", 3, hour(16, 5), lamp, { handles: { how: "share", share: 1.6 } }),
    plain("extended", 4, hour(10, 30), lamp, { extension: true, handles: { how: "share", share: 1.15 } }),
    plain("unsatisfied", 5, hour(8, 50), rubbish, { unsatisfied: 1 }),
    plain("unsatisfied", 6, hour(17, 20), fire, { unsatisfied: 2 }),
  ]
}

const rewards = (stage: Stage): readonly Draft[] => {
  const suspended = stage.county.informants.at(-1)?.person ?? ""
  const graded = (
    tale: Draft["tale"],
    number: number,
    person: string,
    value: Conduct["grading"]["value"],
    difficulty: Conduct["grading"]["difficulty"],
    more: Partial<Conduct> = {},
  ): Draft => ({
    tale,
    minute: hour(7) + number * 47,
    site: stage.site(20 + number),
    reporters: [person],
    facts: { category: number % 2 === 0 ? "fire" : "geohazard", danger: "yes", ongoing: "yes", affected: 20 },
    claimed: true,
    conduct: { grading: { value, difficulty }, residents: 20, ...more },
  })
  const interested = informant(stage, 19)
  return [
    graded("suspended", 0, suspended, "major", "easy"),
    graded("cap", 1, informant(stage, 20), "critical", "hard"),
    graded("cap", 2, informant(stage, 20), "critical", "easy"),
    graded("cap", 3, informant(stage, 20), "major", "easy"),
    graded("tiers", 4, informant(stage, 21), "critical", "hard"),
    graded("tiers", 5, informant(stage, 22), "major", "medium"),
    graded("tiers", 6, member(stage, 21), "notable", "easy"),
    graded("tiers", 7, member(stage, 22), "minor", "easy"),
    graded("unclaimed", 8, informant(stage, 23), "notable", "medium", { collects: "never" }),
    graded("clawback", 9, informant(stage, 24), "major", "hard", { afterwards: "clawback" }),
    graded("appeal", 10, informant(stage, 25), "minor", "hard", {
      verdict: "unverifiable",
      afterwards: "appeal",
    }),
    {
      ...graded("excluded", 11, interested, "notable", "hard"),
      excluded: [{ person: interested, standing: "interested" }],
    },
  ]
}

const redeems = (stage: Stage): readonly Draft[] =>
  [0, 1, 2, 3, 4, 5, 6, 7].map((at) => ({
    tale: "redeems",
    minute: hour(8) + at * 70,
    site: stage.site(40 + at),
    reporters: [member(stage, 30)],
    facts: at % 2 === 0 ? rubbish : lamp,
    claimed: true,
    conduct: { residents: 6 },
  }))
