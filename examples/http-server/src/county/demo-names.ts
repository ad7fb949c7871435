/**
 * Names for everybody who plays a part in the fictional county, kept with the identities as a host would: the
 * journal has handles alone. The names are put together from common characters; no real person is meant.
 */
import type { Yingshao } from "@yingshao/engine"
import type { Identity } from "@yingshao/ports/identity"
import { demoPeople } from "./demo-people.ts"
import { programme } from "./programme.ts"

/**
 * Names whoever is on the roster or holds a post, once: whoever is erased there stays erased. Who reported from
 * the public gave no name and gets none.
 */
export const namePeople = async (
  identity: Identity,
  { queries }: Pick<Yingshao, "queries">,
): Promise<void> => {
  const people = new Set<string>()
  for await (const { id } of queries.readAll("participant")) people.add(id)
  for await (const { id } of queries.readAll("staff")) people.add(id)
  const parts = new Map([...demoPeople.map(({ person, name }) => [person, name.zh] as const), system])
  const others = [...people].filter((person) => !parts.has(person)).sort()
  const names = [...others.map((person, at) => [person, madeUpName(at)] as const), ...parts]
  // Side by side: a store in files then needs one commit for all of them.
  await Promise.all(names.map(([person, name]) => identity.put(programme, person, { name })))
}

/** Nobody has a name: the first start, or one after a start that did not come to this. */
export const isNobodyNamed = async (identity: Identity): Promise<boolean> =>
  (await identity.handles(programme, { after: undefined, limit: 1 })).length === 0

/** The first thousand differ. @example madeUpName(0) // => "赵安" */
export const madeUpName = (at: number): string => {
  const surname = at % surnames.length
  // People of one surname differ in the first character already.
  const first = Math.floor(at / surnames.length) + surname * 5
  const second = at % 6 === 0 ? "" : pick(seconds, at * 11)
  return `${pick(surnames, surname)}${pick(firsts, first)}${second}`
}

// internal

/** Another system holds a post too. */
const system = ["p-open311", "Open311 接口"] as const

const surnames = "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严金魏陶姜谢邹苏潘葛范彭鲁韦马方任袁柳罗"
const firsts = "安博春德恩芳国海建军兰立明宁平清荣世思天文晓秀学彦玉远云兆志忠"
const seconds = "斌昌成东发福刚贵华辉佳娟俊凯坤丽林龙梅敏楠鹏强琴仁山涛伟霞祥星旭艳勇正"

const pick = (from: string, at: number): string => from[at % from.length] ?? ""
