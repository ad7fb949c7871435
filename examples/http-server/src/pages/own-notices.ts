/** What this person was told lately. The page is one channel beside the county's robots, mail and messages. */
import type { Context } from "hono"
import { html } from "hono/html"
import { mostOfOne } from "../channels/notice-file.ts"
import { actAs, type VisitEnv } from "../session/visit.ts"
import { text } from "../web/language.ts"
import { type Html, layout, type Part } from "./layout.ts"
import { earlier } from "./list.ts"
import { shortId, type Wording, wordingOf } from "./wording.ts"
import { followUpWords, wordOf } from "./words.ts"

export const ownNotices = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const { person } = actAs(visit, "reporter")
  const words = await wordingOf(visit)
  const { notices, before } = visit.inbox?.page(person, numberIn(c.req.query("before"))) ?? nothing
  const main =
    notices.length === 0
      ? html`<p class="empty">${words.say("还没有消息。", "Nothing yet.")}</p>`
      : html`<ul class="replies">${notices.map(
          ({ at, title, lines, urgent, times }) =>
            html`<li${urgent ? html` class="urgent"` : ""}>${words.time(at as Parameters<typeof words.time>[0])}${times > 1 ? html` <span class="badge">${words.say(`已提醒 ${times} 次`, `told ${times} times`)}</span>` : ""}<p><strong>${title}</strong></p>${factsPart(lines, words)}</li>`,
        )}</ul>${before === undefined ? "" : html`<p><a class="button" href="/notices?before=${before}">${words.word(earlier)}</a></p>`}
        <p class="hint">${words.say(`保留最近 ${mostOfOne} 条。`, `The latest ${mostOfOne} are kept.`)}</p>`
  return c.html(await layout(visit, text("我的消息", "My notices"), main))
}

// internal

const nothing = { notices: [], before: undefined }

/** Anything else than a number that a page gave is the first page. */
const numberIn = (given: string | undefined): number | undefined =>
  given !== undefined && /^[1-9]\d{0,8}$/.test(given) ? Number(given) : undefined

/** Facts stand in one line; what somebody wrote stands by itself. */
const factsPart = (lines: readonly string[], words: Wording): Html => {
  const isFact = (line: string): boolean => line.length <= longestFact && !line.includes("\n")
  const facts = lines.filter(isFact).map((line, at) => html`${at === 0 ? "" : " · "}${lineOf(line, words)}`)
  return html`<p>${facts}</p>${lines.filter((line) => !isFact(line)).map((line) => html`<p>${line}</p>`)}`
}

/** Characters. */
const longestFact = 60

/** Ids as the numbers that stand on every other page, and on the way to where the reader may see them. */
const lineOf = (line: string, words: Wording): Part => {
  if (line in followUpWords) return words.word(wordOf(followUpWords, line))
  const id = /\b[ri]-[0-9a-f]{32}\b/.exec(line)?.[0]
  if (id === undefined) return line.replace(/\b[a-z]-[0-9a-f]{32}\b/g, (other) => shortId(other))
  const number = shortId(id)
  return html`${line.slice(0, line.indexOf(id))}<a href="/find?number=${number}">${number}</a>${line.slice(line.indexOf(id) + id.length)}`
}
