/**
 * The model of a policy document: what it says, free of Markdown.
 *
 * Plain data with fixed keys. The canonical JSON of this model is what is hashed, stored and revived;
 * where a part stands in a file is kept beside it (`Places`). Words are the document's own Chinese words;
 * English keys are looked up later. A later reader, printer, differ or mutator needs nothing else.
 */

export interface PolicyModel {
  /** Version of this language; a later engine refuses what it does not know. */
  readonly language: 1
  readonly title: string
  readonly items: readonly ItemModel[]
  readonly facts: readonly FactModel[]
  readonly groups: readonly GroupModel[]
  readonly prohibitions: readonly ProhibitionModel[]
  readonly impossible: readonly ImpossibleModel[]
  readonly names: readonly NameModel[]
  readonly parameters: readonly ParameterModel[]
  readonly tables: readonly TableModel[]
  readonly examples: readonly ExampleModel[]
  readonly properties: readonly PropertyModel[]
}

/** 政策项: number, first day, time zone and whatever else the county wants to say about itself. */
export interface ItemModel {
  readonly name: string
  readonly text: string
}

export type FactType = "enum" | "ordered" | "yesNo" | "integer"

/** 未知: refused at the edge, a value that the rules must handle, or pending over all completions. */
export type UnknownHandling = "refused" | "value" | "pending"

export interface FactModel {
  readonly name: string
  readonly key: string
  readonly type: FactType
  /** Words in document order, lowest first when ordered; empty for integers. */
  readonly values: readonly string[]
  /** First and last whole number; both 0 for other types. */
  readonly low: number
  readonly high: number
  readonly unknown: UnknownHandling
  readonly typical: string
}

export interface GroupModel {
  readonly name: string
  readonly values: readonly string[]
}

/** One of the “三个不准”. */
export interface ProhibitionModel {
  readonly name: string
  readonly text: string
  readonly binds: string
  readonly status: string
}

export interface ImpossibleModel {
  readonly id: string
  readonly when: readonly { readonly fact: string; readonly test: Test }[]
  readonly reason: string
}

/** 译名. `of` names the fact or conclusion to which a name is limited, or is empty. */
export interface NameModel {
  readonly zh: string
  readonly key: string
  readonly en: string
  readonly of: string
}

export type ParameterStatus = "given" | "assumed" | "open" | "confirmed"

export interface ParameterModel {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** First civil date. */
  readonly from: string
  readonly source: string
  readonly status: ParameterStatus
  /** Number of the document that confirms it, or whatever else the cell says after the status. */
  readonly remark: string
}

/** A bound or a value: a number with an optional unit, a parameter's name, or a word. */
export type Operand =
  | { readonly is: "number"; readonly value: number; readonly unit: string }
  | { readonly is: "parameter"; readonly name: string }
  | { readonly is: "word"; readonly text: string }

export type Comparison = ">=" | ">" | "<=" | "<"

/** One alternative inside a condition cell. */
export type Alternative =
  | { readonly is: "equal"; readonly to: Operand }
  | { readonly is: "not"; readonly to: Operand }
  | { readonly is: "compare"; readonly op: Comparison; readonly to: Operand }
  | { readonly is: "range"; readonly low: Operand; readonly high: Operand }

/** A condition cell: any value, or one of some alternatives. */
export interface Test {
  readonly any: boolean
  readonly oneOf: readonly Alternative[]
}

/** The closed set of calculations that a conclusion may name. */
export const calculations = ["平分", "不超过", "四舍五入到元"] as const
export type Calculation = (typeof calculations)[number]

/** A conclusion cell. `text` is the whole cell when it is a plain word. */
export type Conclusion =
  | { readonly is: "value"; readonly of: Operand }
  | { readonly is: "call"; readonly name: Calculation; readonly of: readonly Operand[] }

export const aggregations = ["合计", "最大", "最小", "计数"] as const
export type Aggregation = (typeof aggregations)[number]

/** 命中: how the rows that match become one answer. */
export type Hit =
  | { readonly policy: "unique" }
  | { readonly policy: "priority"; readonly order: readonly string[] }
  | { readonly policy: "any" }
  | { readonly policy: "first" }
  | { readonly policy: "collect"; readonly by: Aggregation }

/**
 * 适用: whose date picks the version. Empty: as core declares it for the decision. `better`: 从旧兼从优, acceptance,
 * unless the version at the step is better for the person.
 */
export type Applies = "" | "accepted" | "step" | "decision" | "better"

export interface ColumnModel {
  readonly name: string
}

export interface TableModel {
  readonly name: string
  readonly hit: Hit
  /** 依据. */
  readonly basis: string
  /** The nearest heading above the table's own. */
  readonly heading: string
  readonly applies: Applies
  /** First civil date of this version of the table, or empty: since the policy starts. */
  readonly from: string
  readonly conditions: readonly ColumnModel[]
  readonly conclusions: readonly ColumnModel[]
  readonly rules: readonly RuleModel[]
}

export interface RuleModel {
  readonly id: string
  /** A row 其余: whatever no other row of the table matches. */
  readonly rest: boolean
  /** One test for each condition column. */
  readonly when: readonly Test[]
  /** One conclusion for each conclusion column. */
  readonly gives: readonly Conclusion[]
  readonly exceptionTo: readonly string[]
  readonly note: string
  readonly basis: string
}

/** 例: facts that are not given have their typical value. */
export interface ExampleModel {
  readonly id: string
  /** Civil date of acceptance and of the step, or empty: the policy's first day. */
  readonly date: string
  readonly given: readonly { readonly name: string; readonly value: Operand }[]
  /** The word 待定 expects a pending answer. */
  readonly expect: readonly { readonly name: string; readonly value: Operand }[]
}

/** A sentence that must hold. Kept word for word; reading and proving it is not this package's business yet. */
export interface PropertyModel {
  readonly id: string
  readonly text: string
}
