/** What this person was told lately. The page is one channel beside the county's robots, mail and messages. */
import type { Context } from "hono"
import { html } from "hono/html"
import { actAs, type VisitEnv } from "../session/visit.ts"
import { text } from "../web/language.ts"
import { layout } from "./layout.ts"
import { shortId, wordingOf } from "./wording.ts"
import { followUpWords, wordOf } from "./words.ts"

export const ownNotices = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const { person } = actAs(visit, "reporter")
  const words = await wordingOf(visit)
  const kept = visit.inbox?.of(person) ?? []
  const main =
    kept.length === 0
      ? html`<p class="empty">${words.say("还没有消息。", "Nothing yet.")}</p>`
      : html`<p class="hint">${words.say("最近的消息;服务器重启后从新的开始。", "The latest; they begin anew when the server starts again.")}</p>
          <ul class="replies">${kept.map(
            ({ at, title, lines, urgent }) =>
              html`<li>${words.time(at as Parameters<typeof words.time>[0])}${urgent ? html` <span class="badge emergency">${words.say("紧急", "urgent")}</span>` : ""}<p><strong>${title}</strong></p>${lines.map((line) => html`<p>${line in followUpWords ? words.word(wordOf(followUpWords, line)) : shortened(line)}</p>`)}</li>`,
          )}</ul>`
  return c.html(await layout(visit, text("我的消息", "My notices"), main))
}

// internal

/** Ids as the numbers that stand on every other page. */
const shortened = (line: string): string => line.replace(/\b[a-z]-[0-9a-f]{32}\b/g, (id) => shortId(id))
