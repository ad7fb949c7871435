/**
 * The guides for policy staff, done as they say: every command is run, every edit made, every line of output that is
 * shown is there, and both languages tell the same.
 */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { ownFolder, yingshao } from "./run-cli.ts"

const place = ownFolder()
const fileIn = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))

interface Step {
  readonly kind: string
  readonly lines: readonly string[]
}

/** The fenced blocks in their order. */
const stepsOf = (guide: string): readonly Step[] =>
  [...readFileSync(fileIn(`docs/${guide}`), "utf8").matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(
    ([, kind = "", body = ""]) => ({ kind, lines: body.trimEnd().split("\n") }),
  )

interface Turn {
  readonly words: readonly string[]
  readonly lang: string
  readonly files: Readonly<Record<string, string>>
  /** Lines that the guide shows, the exit code last. */
  readonly shown: readonly string[]
}

const wordsOf = (command: string): readonly string[] =>
  [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "")

const edited = (text: string, lines: readonly string[]): string => {
  const side = (sign: string) =>
    lines.flatMap((line) => (line.startsWith(" ") || line.startsWith(sign) ? [line.slice(1)] : [])).join("\n")
  expect(text.split(side("-"))).toHaveLength(2)
  return text.replace(side("-"), side("+"))
}

/** The commands in their order, each with the files as the guide has left them by then. */
const turnsOf = (steps: readonly Step[], lang: string): readonly Turn[] => {
  const files = Object.fromEntries(
    ["huishui.policy.md", "history.csv"].map((name) => [
      name,
      readFileSync(fileIn(`examples/policies/${name}`), "utf8"),
    ]),
  )
  const turns: Turn[] = []
  for (const [at, { kind, lines }] of steps.entries()) {
    if (kind === "diff") files["next.policy.md"] = edited(files["next.policy.md"] ?? "", lines)
    if (kind !== "sh") continue
    expect(lines).toHaveLength(1)
    const [program, ...words] = wordsOf(lines[0] ?? "")
    const next = steps[at + 1]
    if (program === "cp") files[words[1] ?? ""] = files[words[0] ?? ""] ?? ""
    else {
      expect(program).toBe("yingshao")
      turns.push({ words, lang, files: { ...files }, shown: next?.kind === "text" ? next.lines : [] })
    }
  }
  return turns
}

/** Lines are wrapped to the terminal; words are what matters. */
const bare = (text: string) => text.replaceAll(/\s+/g, "")

const steps = { zh: stepsOf("policy-guide.zh-CN.md"), en: stepsOf("policy-guide.md") }

describe("the guide for policy staff", () => {
  it("works as written, every command of it", { timeout: 120_000 }, async () => {
    // The dearest command was run in Chinese on the same files, and says one sentence.
    const english = turnsOf(steps.en, "en_US.UTF-8").filter(({ words }) => words[1] !== "report")
    const turns = [...turnsOf(steps.zh, "zh_CN.UTF-8"), ...english]
    expect(turns.length).toBeGreaterThan(24)
    for (const { words, lang, files, shown } of turns) {
      const command = words.join(" ")
      const environment = { LANG: lang, COLUMNS: "200" }
      const { code, stdout, stderr } = await yingshao(words, { environment, folder: place("."), files })
      const told = /^(?:退出码|exit code) (\d)$/.exec(shown.at(-1) ?? "")?.[1]
      expect(`${command}: ${code} ${stderr}`).toBe(`${command}: ${told} `)
      for (const line of shown.slice(0, -1)) {
        if (!/^(?:……|…)$/.test(line)) expect(bare(stdout), command).toContain(bare(line))
      }
    }
  })

  it("says the same in English: the same commands, edits and exit codes", () => {
    const told = (guide: readonly Step[]) =>
      guide.map(({ kind, lines }) => (kind === "text" ? /\d$/.exec(lines.at(-1) ?? "")?.[0] : lines))
    expect(told(steps.en)).toEqual(told(steps.zh))
  })
})
