/** Fields that the pages of people share: sector, organisation, the person's own number. */
import { sector } from "@yingshao/core/participant/participant"
import type { Choice } from "../form.ts"
import { field, select } from "../form.ts"
import type { Html } from "../layout.ts"
import type { Wording } from "../wording.ts"
import { sectorWords, wordOf } from "../words.ts"

export const workFields = (words: Wording): Html[] => [
  select("sector", words.say("三新组织类别", "Sector"), sectorChoices(words), undefined),
  field("organisation", words.say("三新组织编号", "Organisation's number"), {
    required: true,
    max: 64,
    hint: words.say("小写字母、数字和 -,例如 org-1", "small letters, digits and -, such as org-1"),
  }),
]

export const personField = (name: string, label: string, words: Wording, required = true): Html =>
  field(name, label, {
    required,
    max: 64,
    hint: words.say("本人在“我的身份”页上看得到", "people find their own on the page My standing"),
  })

// internal

const sectorChoices = (words: Wording): readonly Choice[] =>
  sector.options.map((value) => ({ value, label: words.word(wordOf(sectorWords, value)) }))
