/**
 * Over which channels a county tells people, and what went wrong with them.
 *
 * The page is always there. A channels file (the command line's: `yingshao doctor --channel NAME` tries it) adds
 * robots, endpoints and a mail server. A robot or endpoint gets what is for the unit or role of its name, and one
 * that is called `all` what is for any of them; a mailbox gets what is for the person whose `mail` is kept with
 * the identities.
 */

import { channelNames, readChannelsFile } from "@yingshao/cli/channels/channels-file"
import { openChannel } from "@yingshao/cli/channels/open-channels"
import type { ChannelPlan } from "@yingshao/core/notice/channel-plan"
import { consoleNotifier } from "@yingshao/notify-console"
import type { Notifier } from "@yingshao/ports/notifier"
import { type NoticeBook, noticesInMemory } from "./notice-file.ts"
import { type PageInbox, pageInbox } from "./page-inbox.ts"

export interface GroupChannel {
  readonly name: string
  /** Names of its robots or endpoints; `undefined`: any. */
  readonly addresses: readonly string[] | undefined
}

export interface Telling {
  readonly inbox: PageInbox
  readonly notifiers: readonly Notifier[]
  readonly plan?: ChannelPlan
  readonly groups: readonly GroupChannel[]
  readonly mails: boolean
  readonly onStopped: (channel: string) => void
  readonly onParked: (parked: { readonly id: string; readonly note: string }) => void
  /** One line for each thing that an operator has to look after; of messages only how many. */
  problems(): readonly string[]
}

export interface TellingOptions {
  /** Path of the channels file. */
  readonly file?: string | undefined
  /** Where the file's `env:NAME` secrets are. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Notices to units and roles are printed as well. */
  readonly print?: ((text: string) => void) | undefined
  /** Where the page's notices are kept; left out: in memory, gone with the process. */
  readonly notices?: NoticeBook | undefined
  readonly now: () => number
  readonly log: (line: string) => void
}

const pageAlone = "emergencies go over the page alone, twice: name a second channel with --channels"

/** Reasons that are told apart. */
const mostReasons = 20

/** @throws CliFailure when the file is wrong or a secret is missing; it says what and where in both languages. */
export const openTelling = ({ file, environment, print, notices, now, log }: TellingOptions): Telling => {
  const inbox = pageInbox(now, notices ?? noticesInMemory())
  const given = file === undefined ? undefined : { file: readChannelsFile(file), base: file, environment }
  const opened = given === undefined ? [] : channelNames.flatMap((name) => openChannel(given, name) ?? [])
  const printing = print === undefined ? [] : [{ notifier: consoleNotifier(print), addresses: undefined }]
  const stopped = new Set<string>()
  /** How many messages were given up, by why. */
  const parked = new Map<string, number>()
  return {
    inbox,
    notifiers: [inbox.notifier, ...printing.map((one) => one.notifier), ...opened.map((one) => one.notifier)],
    ...(given === undefined ? {} : { plan: given.file.plan }),
    groups: [
      ...printing.map(() => ({ name: "console", addresses: undefined })),
      ...opened.flatMap(({ notifier: { name }, addresses }) =>
        addresses === undefined ? [] : [{ name, addresses }],
      ),
    ],
    mails: opened.some(({ addresses }) => addresses === undefined),
    onStopped(channel) {
      stopped.add(channel)
      log(`channel ${channel}: stopped, it does not take our key`)
    },
    onParked({ id, note }) {
      const before = parked.get(note) ?? 0
      if (parked.size < mostReasons || before > 0) parked.set(note, before + 1)
      // Once for each reason: all of them stand in the outbox.
      if (before === 0) log(`message ${id}: given up (${note}); yingshao outbox list shows all`)
    },
    problems: () => [
      ...(opened.length === 0 ? [pageAlone] : []),
      ...[...stopped].map((channel) => `channel ${channel} is stopped: it does not take our key`),
      ...[...parked].map(
        ([note, count]) => `given up since the start: ${count} × ${note}; yingshao outbox list`,
      ),
    ],
  }
}
