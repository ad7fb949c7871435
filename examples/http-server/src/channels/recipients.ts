/** Who is meant by a notice, and where they are reached now: roles and units are read at every notice. */
import type { Recipient } from "@yingshao/core/kernel/message"
import type { Yingshao } from "@yingshao/engine"
import type { NoticeAddress } from "@yingshao/ports/notifier"
import { pageChannel } from "./page-inbox.ts"
import type { Telling } from "./telling.ts"

interface Reachable {
  readonly person: string
  readonly addresses: readonly NoticeAddress[]
}

/** People of one unit or role that are told one by one; a group's robot reaches the others. */
const mostPeople = 50

export const recipientsOf = async (
  engine: Yingshao,
  telling: Telling,
  to: Recipient,
): Promise<readonly Reachable[]> => {
  if (to.kind === "person") return [await reachable(engine, telling, to.person)]
  const name = to.kind === "unit" ? to.unit : to.role
  const { rows } = await engine.queries.page({
    index: to.kind === "unit" ? "staff/unit" : "staff/role",
    equals: name,
    limit: mostPeople,
  })
  const people = await Promise.all(rows.map(({ id }) => reachable(engine, telling, id)))
  const group = telling.groups.flatMap((channel) => addressIn(channel.addresses, name, channel.name))
  return group.length === 0 ? people : [...people, { person: `${to.kind}-${name}`, addresses: group }]
}

// internal

/** The page, and the mailbox where the host keeps one; each look for it is on record. */
const reachable = async (engine: Yingshao, { mails }: Telling, person: string): Promise<Reachable> => {
  const page = { channel: pageChannel, address: person }
  if (!mails || engine.identity === undefined) return { person, addresses: [page] }
  const seen = await engine.identity.unmask(engine.programme, person, ["mail"], {
    actor: "system-relay",
    caseKey: person,
    purpose: "notify",
  })
  const address = seen.kind === "fields" ? seen.fields.mail : undefined
  return { person, addresses: address === undefined ? [page] : [{ channel: "smtp", address }, page] }
}

const addressIn = (
  addresses: readonly string[] | undefined,
  name: string,
  channel: string,
): readonly NoticeAddress[] => {
  const address = addresses === undefined ? name : addresses.find((one) => one === name || one === "all")
  return address === undefined ? [] : [{ channel, address }]
}
