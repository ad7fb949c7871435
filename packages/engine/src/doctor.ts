/**
 * The doctor: what an operator should know about a running programme, as findings in two languages.
 *
 * It reads settings back from the store, follows the hash chain, looks at the outbox, at what is overdue,
 * at states of old folds and at the calendar ahead. It changes nothing and shows nothing personal.
 *
 * What it does not do: it does not fold every state; `checkWorld` does.
 */
import { addDays, type CivilDate, type Instant, toMs, yearOf } from "@yingshao/core/kernel/time"
import type { ProgrammeState } from "@yingshao/core/programme/programme"
import { chainHash, firstHash } from "@yingshao/ports/journal-chain"
import { type StorageSetting, storageContract } from "@yingshao/ports/storage"
import { addressOf } from "./catalogue.ts"
import type { Route } from "./deliver-order.ts"
import { checkParked, checkPartners } from "./doctor-inbox.ts"
import { leafOf } from "./entry.ts"
import { type Finding, finding } from "./finding.ts"
import { programmeKey } from "./policy-shelf.ts"
import { stateOf, type World } from "./stream-reader.ts"

export interface DoctorOptions {
  readonly now: Instant
  readonly today: CivilDate
  /** How much of the chain to follow: everything, or the last so many records. Left out: 1,000. */
  readonly chain?: "whole" | number
  /** When the next timer is due, as the scheduler knows it. */
  readonly nextDueAt?: Instant | undefined
  /** Channels the relay has stopped. */
  readonly stopped?: readonly string[]
  /** Commands that wait in this process. */
  readonly waiting?: number
  /** Which partner stands for a unit; left out: no unit has one. */
  readonly route?: ((unit: string) => Route | undefined) | undefined
  /** Milliseconds that the engine's clock is ahead of the machine's, because something was accepted later. */
  readonly clockAheadMs?: number | undefined
  /** What the policy leaves assumed (假设), as its compiler lists it. */
  readonly assumptions?: readonly string[]
}

export interface DoctorReport {
  readonly ok: boolean
  readonly findings: readonly Finding[]
  /** What was looked at, for people. */
  readonly facts: {
    readonly store: string
    readonly contract: string
    readonly settings: readonly StorageSetting[]
    readonly head: { readonly number: number; readonly hash: string }
    readonly chainChecked: number
    readonly outbox: { readonly pending: number; readonly delivered: number; readonly dead: number }
    readonly oldestPendingAt: string | undefined
    /** Commands that wait in this process. */
    readonly waiting: number
    /** Up to which record entries are in an archive. */
    readonly archivedTo: number
    readonly calendarYears: readonly number[]
    readonly assumptions: readonly string[]
  }
}

/** Days ahead that the calendar must cover. */
export const calendarDaysAhead = 60

/** How far machines' clocks may lie apart. */
export const clockAheadAllowedMs = 60_000

/** A row that has been due for so long is stuck. */
export const stuckAfterMs = 3_600_000

export const doctor = async (world: World, options: DoctorOptions): Promise<DoctorReport> => {
  const { storage, programme } = world
  const findings: Finding[] = []
  if (storage.contract !== storageContract) {
    findings.push(
      finding(
        "contract",
        storage.name,
        `the store speaks ${storage.contract}, not ${storageContract}`,
        `存储契约为 ${storage.contract}，应为 ${storageContract}`,
      ),
    )
  }
  const settings = await storage.settings()
  for (const { name, value, wanted, ok } of settings) {
    if (!ok)
      findings.push(
        finding("setting", name, `it is ${value}; wanted: ${wanted}`, `当前为 ${value}，应为 ${wanted}`),
      )
  }
  const head = await storage.head(programme)
  const chainChecked = await followChain(world, options.chain ?? 1_000, findings)
  const outbox = await storage.outboxCounts(programme)
  const oldestPendingAt = await checkOutbox(world, options, outbox.dead, findings)
  await checkParked(world, findings)
  await checkFolds(world, findings)
  const calendarYears = await checkCalendar(world, options, findings)
  checkTimers(options, findings)
  return {
    ok: findings.length === 0,
    findings,
    facts: {
      store: storage.name,
      contract: storage.contract,
      settings,
      head,
      chainChecked,
      outbox,
      oldestPendingAt,
      waiting: options.waiting ?? 0,
      archivedTo: (await storage.archiving?.archivedTo(programme)) ?? 0,
      calendarYears,
      assumptions: options.assumptions ?? [],
    },
  }
}

// internal

/** @returns how many records were followed. */
const followChain = async (
  { storage, programme }: World,
  chain: "whole" | number,
  findings: Finding[],
): Promise<number> => {
  const head = await storage.head(programme)
  const start = chain === "whole" ? 0 : Math.max(0, head.number - chain)
  let number = start
  let hash =
    start === 0
      ? firstHash
      : ((await storage.journal(programme, { after: start - 1, limit: 1 }))[0]?.hash ?? "")
  while (number < head.number) {
    const page = await storage.journal(programme, {
      after: number,
      limit: Math.min(500, head.number - number),
    })
    for (const record of page) {
      number += 1
      hash = chainHash(number, hash, record.leaf)
      if (record.number === number && record.hash === hash && record.leaf === leafOf(record.entry)) continue
      findings.push(finding("A3", `journal ${number}`, "the hash chain breaks here", "散列链在此处断开"))
      return number - start
    }
    if (page.length === 0) break
  }
  if (number !== head.number || hash !== head.hash) {
    findings.push(
      finding(
        "A3",
        `journal ${head.number}`,
        "the journal does not reach its head",
        "日志未到达首部所记位置",
      ),
    )
  }
  return number - start
}

/** @returns since when the oldest pending row has been due. */
const checkOutbox = async (
  { storage, programme }: World,
  { now, stopped = [] }: DoctorOptions,
  dead: number,
  findings: Finding[],
): Promise<string | undefined> => {
  const [oldest] = await storage.outbox(programme, { status: "pending", after: undefined, limit: 1 })
  if (oldest !== undefined && toMs(now) - Date.parse(oldest.notBefore) > stuckAfterMs) {
    findings.push(
      finding(
        "O5",
        `outbox ${oldest.id}`,
        `due since ${oldest.notBefore} and not delivered: is the relay running?`,
        `自 ${oldest.notBefore} 起应发未发：投递程序是否在运行？`,
      ),
    )
  }
  if (dead > 0) {
    findings.push(
      finding(
        "O5",
        "outbox",
        `${dead} messages were given up and wait for a person`,
        `有 ${dead} 条消息已停止投递，等待人工处理`,
      ),
    )
  }
  for (const channel of stopped) {
    findings.push(
      finding(
        "O2",
        `channel ${channel}`,
        "stopped: its key, signature or clock is wrong",
        "渠道已停用：密钥、签名或时钟有误",
      ),
    )
  }
  return oldest?.notBefore
}

/** States of an older fold cost a history each time they are read; the first few are enough to say so. */
const checkFolds = async (world: World, findings: Finding[]): Promise<void> => {
  const rows = await world.storage.streams(world.programme, { prefix: "", after: undefined, limit: 1_000 })
  const older = rows.filter(({ stream, foldVersion }) => {
    const address = addressOf(world.catalogue, stream)
    return address !== undefined && foldVersion < address.definition.foldVersion
  })
  const first = older[0]
  if (first === undefined) return
  findings.push(
    finding(
      "S10",
      first.stream,
      `${older.length} states are of an older fold: run refold`,
      `有 ${older.length} 个状态由旧版本折叠，请运行重新折叠`,
    ),
  )
}

/** A due time that falls into a year without a calendar is an error, so the year must be there in time (F8). */
const checkCalendar = async (
  world: World,
  { today, route }: DoctorOptions,
  findings: Finding[],
): Promise<readonly number[]> => {
  const [row] = await world.storage.load(world.programme, [programmeKey])
  if (row === undefined) {
    findings.push(finding("F8", programmeKey, "the programme is not open", "项目尚未开通"))
    return []
  }
  const state = (await stateOf(world, row)) as ProgrammeState
  const { calendarYears } = state
  if (route !== undefined) await checkPartners(world, state, route, findings)
  const covered = calendarYears.map(({ year }) => year)
  for (const year of new Set([yearOf(today), yearOf(addDays(today, calendarDaysAhead))])) {
    if (covered.includes(year)) continue
    findings.push(
      finding(
        "F8",
        `calendar ${year}`,
        `no holidays of ${year} within ${calendarDaysAhead} days: add the year`,
        `${calendarDaysAhead} 天内将用到 ${year} 年节假日安排，请尽快录入`,
      ),
    )
  }
  return covered
}

const checkTimers = ({ now, nextDueAt, clockAheadMs = 0 }: DoctorOptions, findings: Finding[]): void => {
  if (clockAheadMs > clockAheadAllowedMs) {
    const minutes = Math.ceil(clockAheadMs / 60_000)
    findings.push(
      finding(
        "T2",
        "clock",
        `something was accepted ${minutes} minutes after what this machine's clock says: set the clocks right`,
        `已受理事项的时间比本机时钟晚 ${minutes} 分钟：请校准各服务器时钟`,
      ),
    )
  }
  if (nextDueAt === undefined || toMs(now) - toMs(nextDueAt) <= stuckAfterMs) return
  findings.push(
    finding(
      "F4",
      "scheduler",
      `something has been due since ${nextDueAt}: is the scheduler running?`,
      `自 ${nextDueAt} 起有到期事项未处理：调度程序是否在运行？`,
    ),
  )
}
