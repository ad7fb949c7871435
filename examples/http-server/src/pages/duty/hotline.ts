/**
 * Entering a report for somebody who calls. A photo is optional and the place may be words.
 *
 * A caller's name is not asked for; a participant who gives a handle is named as the reporter.
 */
import type { Context } from "hono"
import { html } from "hono/html"
import { actAs, type VisitEnv } from "../../session/visit.ts"
import { text } from "../../web/language.ts"
import { idIn } from "../answer-ids.ts"
import { changing, field, readForm, select } from "../form.ts"
import { layout } from "../layout.ts"
import { give, onward, refused } from "../perform.ts"
import { keepPhotos } from "../photo-files.ts"
import { placeIn } from "../reporter/report-form.ts"
import { keepWords } from "../spoken-words.ts"
import { wordingOf } from "../wording.ts"

export const hotlinePage = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  actAs(visit, "duty-officer")
  const words = await wordingOf(visit)
  const main = changing(
    visit,
    "/hotline",
    html`
      ${field("address", words.say("地点", "Place"), { required: true, max: 200, hint: words.say("来电人说的地点,例如“濛江街道环城路口”", "as the caller says it") })}
      ${field("words", words.say("什么事", "What is it"), { rows: 3, max: 300 })}
      ${select("category", words.label("category"), [{ value: "", label: words.say("不清楚", "not known") }, ...words.policy.categories.map((value) => ({ value, label: words.label(value) }))], "")}
      ${field("reporter", words.say("参与人编号(没有就空着)", "Participant's handle (if there is one)"), { max: 64 })}
      <label class="field"><span>${words.say("照片(可不传)", "Photo (optional)")}</span><input type="file" name="photo" accept="image/*" multiple /></label>
      <button class="button send">${words.say("登记", "Enter")}</button>`,
    { files: true },
  )
  return c.html(await layout(visit, text("热线登记", "Hotline"), main))
}

export const takeCall = async (c: Context<VisitEnv>): Promise<Response> => {
  const { visit } = c.var
  actAs(visit, "duty-officer")
  const form = await readForm(c)
  const photos = await keepPhotos(visit, await form.files("photo"))
  const spoken = form.given("words")
  const original = spoken === undefined ? undefined : await keepWords(visit, form.command, spoken)
  const [category, reporter] = [form.given("category"), form.given("reporter")]
  const payload = {
    channel: "hotline",
    reporters: reporter === undefined ? [] : [reporter],
    place: placeIn(form),
    photos,
    ...(category === undefined ? {} : { category }),
    ...(original === undefined ? {} : { original }),
  }
  const answer = await give(visit, {
    type: "SubmitReport",
    as: "duty-officer",
    payload,
    command: form.command,
  })
  return answer.ok
    ? onward(c, `/desk/reports/${idIn(answer, "report")}`, "reported")
    : refused(c, answer.refusal, "/hotline")
}
