/**
 * Forms: what each of them carries, what a field looks like, and how a sent form is read.
 *
 * A form carries the session's token and the id of its command, made when the page was made. The id is
 * joined with a digest of what was filled in: sent twice it is one command, and corrected after a refusal
 * it is another.
 */
import { createHash, randomUUID } from "node:crypto"
import type { Context } from "hono"
import { html } from "hono/html"
import type { Visit } from "../session/visit.ts"
import { formOf } from "../web/form-body.ts"
import type { Html, Part } from "./layout.ts"

export interface FormOptions {
  /** For forms with files. */
  readonly files?: boolean
  readonly class?: string
  /** `queue`: the script may keep it on the phone and send it later. */
  readonly script?: "queue"
}

/** A form that changes something. */
export const changing = (visit: Visit, action: string, body: Part, options: FormOptions = {}): Html =>
  html`<form method="post" action="${action}" class="${options.class ?? "form"}" data-once="${options.script ?? "yes"}"
    ${options.files === true ? html`enctype="multipart/form-data"` : ""}>
    <input type="hidden" name="csrf" value="${visit.csrf}" />
    <input type="hidden" name="command" value="w-${randomUUID()}" />
    ${body}
  </form>`

/** A button that is a whole form. */
export const press = (
  visit: Visit,
  action: string,
  label: string,
  fields: Readonly<Record<string, string>> = {},
  kind = "button",
): Html =>
  changing(
    visit,
    action,
    html`${Object.entries(fields).map(
      ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
    )}<button class="${kind}">${label}</button>`,
    { class: "press" },
  )

export interface Choice {
  readonly value: string
  readonly label: string
}

export const choices = (
  name: string,
  legend: string,
  options: readonly Choice[],
  chosen: string | undefined,
): Html => html`<fieldset class="choices">
  <legend>${legend}</legend>
  ${options.map(
    ({ value, label }) =>
      html`<label><input type="radio" name="${name}" value="${value}" required ${value === chosen ? html`checked` : ""} /> <span>${label}</span></label>`,
  )}
</fieldset>`

export const select = (
  name: string,
  label: string,
  options: readonly Choice[],
  chosen: string | undefined,
): Html => html`<label class="field"><span>${label}</span>
  <select name="${name}">
    ${options.map(
      (one) =>
        html`<option value="${one.value}" ${one.value === chosen ? html`selected` : ""}>${one.label}</option>`,
    )}
  </select></label>`

export interface FieldOptions {
  readonly type?: "text" | "number" | "date"
  readonly required?: boolean
  readonly max?: number
  readonly value?: string
  readonly hint?: string
  readonly rows?: number
}

/** One line, or several with `rows`. `max` is characters, or the largest number. */
export const field = (name: string, label: string, options: FieldOptions = {}): Html => {
  const { type = "text", required = false, max, value = "", hint, rows } = options
  const must = required ? html`required` : ""
  const described = hint === undefined ? "" : html`aria-describedby="${name}-hint"`
  const limit =
    max === undefined ? "" : type === "number" ? html`max="${max}" min="0"` : html`maxlength="${max}"`
  return html`<label class="field"><span>${label}</span>${
    rows === undefined
      ? html`<input type="${type}" name="${name}" value="${value}" ${must} ${limit} ${described} />`
      : html`<textarea name="${name}" rows="${rows}" ${must} ${limit} ${described}>${value}</textarea>`
  }</label>${hint === undefined ? "" : html`<p class="hint" id="${name}-hint">${hint}</p>`}`
}

/** What was sent, as texts and files. */
export interface Sent {
  /** `""` when it was left out. */
  text(name: string): string
  /** `undefined` when it was left out or is blank. */
  given(name: string): string | undefined
  /** A whole number, or `undefined`. */
  whole(name: string): number | undefined
  files(name: string): Promise<readonly Uint8Array[]>
  /** The id of the form, for `perform`. */
  readonly command: string
}

export const readForm = async (c: Context): Promise<Sent> => {
  const data = await formOf(c)
  const text = (name: string): string => {
    const value = data.get(name)
    // A browser sends line breaks as CR LF; what is kept has LF.
    return typeof value === "string" ? value.replaceAll("\r\n", "\n") : ""
  }
  return {
    text,
    command: text("command"),
    given: (name) => (text(name).trim() === "" ? undefined : text(name).trim()),
    whole(name) {
      const value = text(name).trim()
      return /^\d{1,9}$/.test(value) ? Number(value) : undefined
    },
    files: async (name) =>
      Promise.all(
        data
          .getAll(name)
          .filter((one): one is File => typeof one !== "string" && one.size > 0)
          .map(async (file) => new Uint8Array(await file.arrayBuffer())),
      ),
  }
}

/** The id of a form's command with what was filled in. */
export const commandId = (base: string, payload: unknown): string =>
  `${base.replaceAll(/[^A-Za-z0-9-]/g, "").slice(0, 60) || `w-${randomUUID()}`}.${createHash("sha256")
    .update(JSON.stringify(payload))
    .digest("hex")
    .slice(0, 16)}`
