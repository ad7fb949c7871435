/**
 * Taking a report (随手拍): a photo, a place, send. Nothing else is needed.
 *
 * Without a script it is a plain form. With one, the place comes from the phone, and what cannot be sent
 * waits on the phone and is sent later under the same command id, once.
 */
import { createHash } from "node:crypto"
import type { Context } from "hono"
import { html } from "hono/html"
import { actAs, type Visit, type VisitEnv } from "../../session/visit.ts"
import { refusedAs, signInFirst, WebFailure } from "../../web/failure.ts"
import { text } from "../../web/language.ts"
import { idIn } from "../answer-ids.ts"
import { changing, field, readForm, type Sent, select } from "../form.ts"
import { type Html, layout, type Part } from "../layout.ts"
import { give, onward, refused } from "../perform.ts"
import { keepPhotos } from "../photo-files.ts"
import { keepWords } from "../spoken-words.ts"
import { shortId, type Wording, wordingOf } from "../wording.ts"

export const reportPage = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  actAs(visit, "reporter")
  const words = await wordingOf(visit)
  return c.html(await layout(visit, text("随手拍", "Report"), reportForm(visit, words)))
}

/** Answers the script with JSON and a browser with the report's page. */
export const takeReport = async (c: Context<VisitEnv>): Promise<Response> => {
  if (c.req.header("accept") !== "application/json") return take(c)
  try {
    return await take(c)
  } catch (error) {
    if (!(error instanceof WebFailure)) throw error
    return c.json({ code: error.code, ...error.say }, error.status)
  }
}

const take = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  const { person } = actAs(visit, "reporter")
  // Somebody else signed in while a page of the one before still had a report to send.
  const keptBy = c.req.header("x-queue-owner") ?? ""
  if (keptBy !== "" && keptBy !== ownerOf(visit)) throw signInFirst()
  const form = await readForm(c)
  const place = placeIn(form)
  if (Object.keys(place).length === 0) throw noPlace()
  const photos = await keepPhotos(visit, await form.files("photo"))
  const words = form.given("words")
  const original = words === undefined ? undefined : await keepWords(visit, form.command, words)
  const category = form.given("category")
  const payload = {
    channel: "app",
    reporters: [person],
    place,
    photos,
    ...(category === undefined ? {} : { category }),
    ...(original === undefined ? {} : { original }),
  }
  const answer = await give(visit, { type: "SubmitReport", as: "reporter", payload, command: form.command })
  const asked = c.req.header("accept") === "application/json"
  if (!answer.ok) {
    if (asked) throw refusedAs(answer.refusal)
    return refused(c, answer.refusal, "/report")
  }
  const id = idIn(answer, "report")
  return asked
    ? c.json({ report: id, number: shortId(id), page: `/mine/${id}` }, 201)
    : onward(c, `/mine/${id}`, "reported")
}

/** The place of a form: a coordinate where the phone gave one, and words. */
export const placeIn = (form: Sent): object => {
  const [lng, lat] = [form.given("lng"), form.given("lat")].map(Number)
  const accuracyM = Number(form.given("accuracy"))
  const words = form.given("address")
  const located = lng !== undefined && lat !== undefined && Number.isFinite(lng) && Number.isFinite(lat)
  return {
    ...(located
      ? {
          coordinate: {
            lng,
            lat,
            crs: form.given("crs") ?? "wgs84",
            ...(Number.isFinite(accuracyM) ? { accuracyM: Math.min(100_000, accuracyM) } : {}),
          },
        }
      : {}),
    ...(words === undefined ? {} : { words }),
  }
}

/** The form and the queue above it; also for a page without a session. */
export const reportForm = (visit: Visit, words: Wording): Html => html`
  <p class="lead">${words.say("拍一张照片,定个位,点上报。文字可以不写。", "Take a photo, locate it, send. Words are optional.")}</p>
  <div id="queue" data-owner="${ownerOf(visit)}" data-kept="${words.say("件在手机里等着上报", "waiting on this phone")}" data-sent="${words.say("已上报,编号", "sent, number")}" data-open="${words.say("查看", "open")}" data-signin="${words.say("登录已过期,请重新登录后自动补报", "sign in again and it will be sent")}" data-refused="${words.say("没有收下:", "not taken:")}" data-again="${words.say("现在补报", "send now")}" data-lost="${words.say("这条在手机上读不出来了,请重新上报", "this phone cannot read it any more; please report again")}" data-drop="${words.say("删除", "delete")}" aria-live="polite"></div>
  ${changing(visit, "/report", fields(words), { files: true, class: "form report", script: "queue" })}
  <p class="hint">${words.say("没有网络时,照片和地点加密存在这部手机上,收到编号就删;没收下的,您可以自己删。", "Without a network photo and place wait on this phone, encrypted, and are deleted once there is a number; what was not taken you can delete yourself.")}</p>`

// internal

const noPlace = (): WebFailure =>
  new WebFailure(422, "place-needed", text("请定位,或写下地点。", "locate the phone, or write where it is"))

/** Whose queue it is, so that nobody sends what another person kept on the same phone; says nothing else. */
const ownerOf = ({ actor }: Visit): string =>
  actor === undefined ? "" : createHash("sha256").update(`queue\n${actor.person}`).digest("hex").slice(0, 16)

const fields = (words: Wording): Part => html`
  <label class="tap" for="photo"><span class="step">1</span> ${words.say("拍照", "Photo")}</label>
  <input class="photo" id="photo" type="file" name="photo" accept="image/*" capture="environment" required />
  <div class="locate">
    <button type="button" class="tap" id="locate" hidden data-busy="${words.say("正在定位……", "locating …")}" data-found="${words.say("已定位,误差约", "located, within about")}" data-failed="${words.say("定位不了,请写下地点", "no position; please describe the place")}"><span class="step">2</span> <span id="located" data-words="${words.say("定位", "Locate")}">${words.say("定位", "Locate")}</span></button>
    <input type="hidden" name="lng" /><input type="hidden" name="lat" /><input type="hidden" name="accuracy" />
    ${field("address", words.say("地点(定位不了时写)", "Place in words (where the phone cannot locate)"), { max: 200 })}
  </div>
  <details><summary>${words.say("补充(可不填)", "More (optional)")}</summary>
    ${select(
      "category",
      words.say("像是什么事", "What it looks like"),
      [
        { value: "", label: words.say("不选", "not chosen") },
        ...words.policy.categories.map((value) => ({ value, label: words.label(value) })),
      ],
      "",
    )}
    ${field("words", words.say("说几句(只有应哨人员看得到)", "A few words (only the duty desk reads them)"), { rows: 3, max: 300 })}
  </details>
  <button class="tap send"><span class="step">3</span> ${words.say("上报", "Send")}</button>`
