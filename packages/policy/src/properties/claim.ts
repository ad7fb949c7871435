/**
 * From a sentence to a claim that a search can judge: lanes, premise, what to watch, and what would break it.
 *
 * Only sentences about single cases; those about sequences of reports, time or a year are judged elsewhere.
 */
import { typicalAtom } from "../cases/case.ts"
import { tablesInForce, type VersionPair } from "../cases/in-force.ts"
import type { Lane, Leaf, Question, Requirement } from "../cases/question.ts"
import { printOperand, printTest } from "../cell.ts"
import { type Bilingual, didYouMean, type Report } from "../finding.ts"
import type { Operand, Test } from "../model.ts"
import { conclusionNeed } from "../needs.ts"
import type { ConclusionDomain, ResolvedPolicy, Value } from "../resolved.ts"
import type { Scope } from "../scope.ts"
import type { Clause, Sentence } from "./sentence.ts"

/** Lanes of a leaf that together break a claim. */
export type Breach = readonly [number] | readonly [number, number]

/** A sentence made exact for one pair of versions. */
export interface Claim {
  readonly question: Question
  readonly breach: (leaf: Leaf) => Breach | undefined
  /** Keys of the conclusions that the sentence is about. */
  readonly of: readonly string[]
  readonly expected: Bilingual
  /** The one value that an example would expect, where the sentence settles it. */
  readonly settles?: Value
  /** What stands side by side, when it is not one fact at different values. */
  readonly between?: Bilingual
  /** It is an error in the sentence when no case satisfies the premise. */
  readonly hasPremise: boolean
  /** Does a leaf satisfy the premise, where the question alone cannot tell? */
  readonly counted?: (leaf: Leaf) => boolean
}

/** What a claim is read with. */
export interface Reading {
  readonly policy: ResolvedPolicy
  readonly scope: Scope
  readonly report: Report
  /** Where findings about the sentence stand. */
  readonly at: object
}

/** The claim for one pair of versions, or undefined after a finding, or for a sentence of another kind. */
export const claimOf = (sentence: Sentence, reading: Reading, pair: VersionPair): Claim | undefined => {
  switch (sentence.is) {
    case "has":
      return about(sentence.of, reading, pair, (domain) => ({
        breach: ([value]) => value === undefined,
        expected: bilingual(`应当有 ${domain.name}`, `${domain.key} must have a value`),
      }))
    case "zeroOrBetween":
      return claimBetween(sentence, reading, pair)
    case "oneOf":
      return about(sentence.of, reading, pair, (domain) => {
        const fits = requirement(sentence.of, sentence.test, reading, pair)
        return {
          breach: ([value]) => !(fits?.holds(value) ?? true),
          expected: bilingual(
            `只能是 ${printTest(sentence.test)}`,
            `${domain.key} must be one of ${printTest(sentence.test)}`,
          ),
        }
      })
    case "whenever":
      return claimWhenever(sentence, reading, pair)
    case "notBoth":
      return claimNotBoth(sentence.both, reading, pair)
    case "rising":
      return claimRising(sentence, reading, pair)
    case "noEffect":
      return claimNoEffect(sentence, reading, pair)
    case "versions":
      return claimVersions(sentence, reading)
    case "answeredOrFlagged":
      return claimFlagged(reading, pair)
    default:
      return undefined
  }
}

/** The claim that an unknown fact never pays, for one conclusion. */
export const claimUnknownPays = (
  factName: string,
  of: string,
  reading: Reading,
  pair: VersionPair,
): Claim | undefined => {
  const domain = numberNamed(of, reading)
  const variable = factNamed(factName, reading)
  const own = variable === undefined ? undefined : reading.policy.variables[variable]
  if (!domain || variable === undefined || !own) return undefined
  const unknown = own.atoms.findIndex((atom) => atom.is === "unknown")
  const lanes = own.unknown === "value" ? [unknown] : own.unknown === "pending" ? [...own.atoms.keys()] : []
  const tables = tablesInForce(reading.policy, pair)
  return {
    question: {
      lanes: lanes.map((atom): Lane => ({ policy: reading.policy, tables, atom })),
      split: variable,
      completing: variable,
      premise: [],
      watch: [{ is: "conclusion", key: domain.key }],
    },
    breach(leaf) {
      const values = lanes.map((_, lane) => leaf.seen(lane, 0))
      const [first] = values
      const paid = typeof first === "number" && first > 0 && values.every((value) => value === first)
      return paid ? [0] : undefined
    },
    of: [domain.key],
    expected: bilingual(`${domain.name} 待定或为 0`, `${domain.key} must be pending or 0`),
    hasPremise: true,
  }
}

// internal

const bilingual = (zh: string, en: string): Bilingual => ({ zh, en })

/** A claim about one conclusion of the same case. */
const about = (
  name: string,
  reading: Reading,
  pair: VersionPair,
  make: (domain: ConclusionDomain) => {
    readonly breach: (values: readonly (Value | undefined)[]) => boolean
    readonly expected: Bilingual
    readonly premise?: readonly Requirement[]
    readonly settles?: Value | undefined
  },
): Claim | undefined => {
  const domain = conclusionNamed(name, reading)
  if (!domain) return undefined
  const { breach, expected, premise, settles } = make(domain)
  return {
    question: {
      lanes: [{ policy: reading.policy, tables: tablesInForce(reading.policy, pair) }],
      premise: premise ?? [],
      watch: [{ is: "conclusion", key: domain.key }],
    },
    breach: (leaf) => (breach([leaf.seen(0, 0)]) ? [0] : undefined),
    of: [domain.key],
    expected,
    hasPremise: premise !== undefined,
    ...(settles !== undefined && { settles }),
  }
}

const claimBetween = (
  { of, low, high }: Extract<Sentence, { is: "zeroOrBetween" }>,
  reading: Reading,
  pair: VersionPair,
): Claim | undefined => {
  const domain = numberNamed(of, reading)
  if (!domain) return undefined
  const bound = (operand: Operand) =>
    reading.scope.numberOf(operand, domain.unit, dateFor(domain.key, reading, pair), reading.at)
  const [least, most] = [bound(low), bound(high)]
  if (least === undefined || most === undefined) return undefined
  return about(of, reading, pair, () => ({
    breach: ([value]) => typeof value !== "number" || (value !== 0 && (value < least || value > most)),
    expected: bilingual(
      `0 或在 ${printOperand(low)} 至 ${printOperand(high)} 之间`,
      `0 or between ${printOperand(low)} and ${printOperand(high)}`,
    ),
  }))
}

const claimWhenever = (
  { premise, of, test, never }: Extract<Sentence, { is: "whenever" }>,
  reading: Reading,
  pair: VersionPair,
): Claim | undefined => {
  const requirements = premise.map((clause: Clause) => requirement(clause.name, clause.test, reading, pair))
  const fits = requirement(of, test, reading, pair)
  if (!fits || !requirements.every((one) => one !== undefined)) return undefined
  return about(of, reading, pair, (domain) => {
    const accepted = domain.values.filter((value) => fits.holds(value))
    return {
      breach: ([value]) => fits.holds(value) === never,
      expected: bilingual(
        `${never ? "绝不是" : "一定是"} ${printTest(test)}`,
        `${domain.key} must ${never ? "never " : ""}be ${printTest(test)}`,
      ),
      premise: requirements,
      settles: !never && accepted.length === 1 ? accepted[0] : undefined,
    }
  })
}

const claimNotBoth = (
  both: readonly [string, string],
  reading: Reading,
  pair: VersionPair,
): Claim | undefined => {
  const [a, b] = [numberNamed(both[0], reading), numberNamed(both[1], reading)]
  if (!a || !b) return undefined
  return {
    question: {
      lanes: [{ policy: reading.policy, tables: tablesInForce(reading.policy, pair) }],
      premise: [],
      watch: [
        { is: "conclusion", key: a.key },
        { is: "conclusion", key: b.key },
      ],
    },
    breach: (leaf) => (positive(leaf.seen(0, 0)) && positive(leaf.seen(0, 1)) ? [0] : undefined),
    of: [a.key, b.key],
    expected: bilingual(
      `${a.name} 和 ${b.name} 不能都大于 0`,
      `${a.key} and ${b.key} must not both be above 0`,
    ),
    hasPremise: false,
  }
}

const positive = (value: Value | undefined): boolean => typeof value === "number" && value > 0

const claimRising = (
  { fact, of, never }: Extract<Sentence, { is: "rising" }>,
  reading: Reading,
  pair: VersionPair,
): Claim | undefined => {
  const domain = numberNamed(of, reading)
  const variable = factNamed(fact, reading)
  const own = variable === undefined ? undefined : reading.policy.variables[variable]
  if (!domain || variable === undefined || !own) return undefined
  const numeric = own.atoms.some((atom) => atom.is === "span")
  if (!own.ordered && !numeric) {
    reading.report.add("P102", reading.at, {
      zh: `“${fact}”的取值没有高低之分,不能说“越高”`,
      en: `values of "${fact}" have no order, so there is no "more" of it`,
    })
    return undefined
  }
  const atoms = [...own.atoms.keys()].filter((atom) => own.atoms[atom]?.is !== "unknown")
  return compared(variable, atoms, domain, reading, pair, {
    breaks: (before, after) =>
      typeof before === "number" &&
      typeof after === "number" &&
      (never === "falls" ? after < before : after > before),
    expected: bilingual(
      never === "falls" ? `${domain.name} 不减少` : `${domain.name} 不增加`,
      `${domain.key} must not ${never === "falls" ? "fall" : "rise"}`,
    ),
    first: "neighbours",
  })
}

const claimNoEffect = (
  { fact, of }: Extract<Sentence, { is: "noEffect" }>,
  reading: Reading,
  pair: VersionPair,
): Claim | undefined => {
  const domain = conclusionNamed(of, reading)
  const variable = factNamed(fact, reading)
  const own = variable === undefined ? undefined : reading.policy.variables[variable]
  if (!domain || variable === undefined || !own) return undefined
  const typical = typicalAtom(own)
  const atoms = [typical, ...[...own.atoms.keys()].filter((atom) => atom !== typical)]
  return compared(variable, atoms, domain, reading, pair, {
    breaks: (before, after) => before !== after,
    expected: bilingual(`${domain.name} 不变`, `${domain.key} must not change`),
    first: "typical",
  })
}

/** The same case with one fact at different values. */
const compared = (
  variable: number,
  atoms: readonly number[],
  domain: ConclusionDomain,
  { policy }: Reading,
  pair: VersionPair,
  judge: {
    readonly breaks: (before: Value | undefined, after: Value | undefined) => boolean
    readonly expected: Bilingual
    /** Which two lanes are named when several would do: neighbours, or the first with any. */
    readonly first: "neighbours" | "typical"
  },
): Claim => {
  const tables = tablesInForce(policy, pair)
  const pairs = atoms.flatMap((_, low) =>
    atoms.slice(low + 1).map((__, more): readonly [number, number] => [low, low + 1 + more]),
  )
  if (judge.first === "neighbours") pairs.sort(([a, b], [c, d]) => b - a - (d - c) || a - c)
  return {
    question: {
      lanes: atoms.map((atom): Lane => ({ policy, tables, atom })),
      split: variable,
      premise: [],
      watch: [{ is: "conclusion", key: domain.key }],
      onlyDifferences: true,
    },
    breach(leaf) {
      const broken = ([low, high]: readonly [number, number]) =>
        leaf.counts(low) && leaf.counts(high) && judge.breaks(leaf.seen(low, 0), leaf.seen(high, 0))
      return pairs.find(broken)
    },
    of: [domain.key],
    expected: judge.expected,
    hasPremise: false,
  }
}

/**
 * The ladder of reminders: whoever owes a reply has a time, and when it has passed the first reminder goes to
 * somebody. That core climbs the ladder is core's promise (F4) and is tried with the running rules.
 */
const claimFlagged = ({ policy, report, at }: Reading, pair: VersionPair): Claim | undefined => {
  const steps: readonly (readonly [string, string | number])[] = [
    ["obligation", "reply"],
    ["escalation", 1],
  ]
  const premise = steps.flatMap(([fact, value]): Requirement[] => {
    const variable = policy.variables.findIndex((one) => one.fact === fact)
    const atom = policy.variables[variable]?.atoms.findIndex((one) =>
      one.is === "span"
        ? one.low <= Number(value) && Number(value) <= one.high
        : one.is === "value" && one.key === value,
    )
    return variable < 0 ? [] : [{ source: { is: "fact", variable }, holds: (own) => own === atom }]
  })
  const keys = ["reply", "escalateTo", "escalateAfter"]
  if (premise.length < steps.length || !keys.every((key) => policy.conclusions.has(key))) {
    report.add("P107", at, {
      zh: "规则里没有“首次回应”的时限或催办的阶梯",
      en: "the rules have no time limit for the reply or no ladder of reminders",
    })
    return undefined
  }
  return {
    question: {
      lanes: [{ policy, tables: tablesInForce(policy, pair) }],
      premise,
      watch: keys.map((key) => ({ is: "conclusion", key })),
    },
    breach(leaf) {
      const [reply, to, after] = keys.map((_, place) => leaf.seen(0, place))
      const flagged = to !== undefined && to !== "nobody" && typeof after === "number"
      return typeof reply === "number" && flagged ? undefined : [0]
    },
    of: keys.slice(0, 2),
    expected: bilingual(
      "到期没有回应就有人被提醒",
      "there must be a time for the reply, and somebody reminded after it",
    ),
    hasPremise: true,
  }
}

const claimVersions = (
  { from, to, of }: Extract<Sentence, { is: "versions" }>,
  reading: Reading,
): Claim | undefined => {
  const domain = numberNamed(of, reading)
  const [before, after] = [versionNamed(from, reading), versionNamed(to, reading)]
  if (!domain || before === undefined || after === undefined) return undefined
  const { policy } = reading
  const dates = [before, after].map((version) => policy.versions[version]?.from ?? "").join("→")
  return {
    between: bilingual(`规则 ${dates}`, `rules of ${dates}`),
    question: {
      lanes: [before, after].map((version) => ({
        policy,
        tables: tablesInForce(policy, { accepted: version, step: version }),
      })),
      premise: [],
      watch: [{ is: "conclusion", key: domain.key }],
      onlyDifferences: true,
    },
    breach(leaf) {
      const [old, now] = [leaf.seen(0, 0), leaf.seen(1, 0)]
      return typeof old === "number" && typeof now === "number" && now < old ? [0, 1] : undefined
    },
    of: [domain.key],
    expected: bilingual(`${domain.name} 不减少`, `${domain.key} must not fall`),
    hasPremise: false,
  }
}

/** `v2`, `第2版`, `2`, or a date in the time of a version. */
const versionNamed = (text: string, { policy, report, at }: Reading): number | undefined => {
  const number = /^(?:v|第)? ?(\d{1,3}) ?版?$/iu.exec(text)
  const found = number
    ? policy.versions.findIndex((version) => version.number === Number(number[1]))
    : policy.versions.findLastIndex((version) => version.from <= text)
  if (found >= 0) return found
  report.add("P106", at, {
    zh: `没有“${text}”这一版;共有 ${policy.versions.length} 版`,
    en: `there is no version "${text}"; there are ${policy.versions.length}`,
  })
  return undefined
}

const conclusionNamed = (name: string, reading: Reading): ConclusionDomain | undefined => {
  const domain = reading.scope.conclusionNamed(name)
  if (!domain)
    reading.report.add(
      "P104",
      reading.at,
      { zh: `没有“${name}”这个结论`, en: `"${name}" is not a conclusion` },
      didYouMean(
        name,
        [...reading.policy.conclusions.values()].map((one) => one.name),
      ),
    )
  return domain
}

const numberNamed = (name: string, reading: Reading): ConclusionDomain | undefined => {
  const domain = conclusionNamed(name, reading)
  if (!domain || domain.numeric) return domain
  reading.report.add("P102", reading.at, {
    zh: `“${name}”不是数,不能比多少`,
    en: `"${name}" is not a number`,
  })
  return undefined
}

const factNamed = (name: string, { policy, report, at }: Reading): number | undefined => {
  const variable = policy.variables.findIndex((candidate) => candidate.name === name)
  if (variable >= 0) return variable
  report.add(
    "P104",
    at,
    { zh: `没有“${name}”这个事实`, en: `"${name}" is not a fact` },
    didYouMean(
      name,
      policy.variables.map((one) => one.name),
    ),
  )
  return undefined
}

/** The date whose parameters a bound on this conclusion means. */
const dateFor = (key: string, { policy }: Reading, pair: VersionPair): string => {
  const table = policy.versions[pair.accepted]?.tables.find(({ conclusions }) => conclusions.includes(key))
  const version = table?.timing === "step" ? pair.step : pair.accepted
  return policy.versions[version]?.from ?? policy.effectiveFrom
}

const requirement = (
  name: string,
  test: Test,
  reading: Reading,
  pair: VersionPair,
): Requirement | undefined => {
  const source = reading.scope.sourceOf(name)
  if (!source) {
    reading.report.add(
      "P104",
      reading.at,
      { zh: `没有“${name}”这个事实或结论`, en: `"${name}" is neither a fact nor a conclusion` },
      didYouMean(name, [
        ...reading.policy.variables.map((one) => one.name),
        ...[...reading.policy.conclusions.values()].map((one) => one.name),
      ]),
    )
    return undefined
  }
  const date =
    source.is === "fact"
      ? (reading.policy.versions[pair.accepted]?.from ?? "")
      : dateFor(source.key, reading, pair)
  if (source.is === "conclusion") learnWords(source.key, test, reading)
  const before = reading.report.findings.length
  const matched = reading.scope.matches(test, source, date)
  if (reading.report.findings.length > before) return undefined
  if (source.is === "fact") return { source, holds: (atom) => matched[Number(atom)] ?? false }
  const values = reading.policy.conclusions.get(source.key)?.values ?? []
  return {
    source,
    holds: (value) => value !== undefined && (matched[values.indexOf(value)] ?? false),
  }
}

/** A sentence may name a value that core knows even where no rule comes to it. */
const learnWords = (key: string, test: Test, { scope }: Reading) => {
  const domain = scope.conclusions().get(key)
  const need = conclusionNeed(key)
  if (!domain || domain.numeric || !need) return
  for (const item of test.oneOf) {
    if (item.is !== "equal" && item.is !== "not") continue
    const value = scope.vocabulary.keyOf(printOperand(item.to), domain.name)
    if (value !== undefined && need.words.includes(value)) scope.learn(key, [value])
  }
}
