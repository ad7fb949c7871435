/**
 * Two commands of policy staff on large files, each in a process of its own: a history of a million reports under two
 * policies, and a document that is too large to exhaust, which must end all the same and never say proved.
 *
 * Beside the limits. By CPU time, because other work shares the machine; the note says how long a person waited.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { exampleText } from "./example-policy.ts"
import { type Effort, type Line, lineOf } from "./line.ts"

const limits = { seconds: 10, replayMb: 512, largeMb: 1024 } as const

export const policyFiles = async ({ smoke }: Effort): Promise<readonly Line[]> => {
  const folder = mkdtempSync(join(tmpdir(), "yingshao-bench-"))
  try {
    return [
      ...(await replay(folder, smoke ? 2_000 : 1_000_000)),
      ...(await tooLarge(folder, smoke ? { rows: 20, columns: 2 } : { rows: 100, columns: 8 })),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

// internal

const replay = async (folder: string, reports: number): Promise<readonly Line[]> => {
  const [before, after, history] = ["before.md", "after.md", "history.csv"].map((name) =>
    join(folder, name),
  ) as [string, string, string]
  const row = "| 二档金额 | 150 | 元 | 2026-01-01 | 原文·四档 | 假设 |"
  writeFileSync(before, exampleText())
  writeFileSync(
    after,
    replaced(exampleText(), row, `${row}\n${row.replace("150", "120").replace("2026", "2027")}`),
  )
  await writeHistory(history, reports)
  const ran = await measured([
    ...["policy", "impact", before, after, "--history", history, "--person", "人员"],
    ...["--memo", join(folder, "memo.md"), "--json"],
  ])
  const { received, refused } = JSON.parse(ran.stdout) as { received: number; refused: readonly unknown[] }
  if (received !== reports || refused.length > 0) throw new Error("a report of the history was not replayed")
  const name = `policy: ${reports.toLocaleString("en")} reports replayed`
  return linesOf(name, ran, limits.replayMb, "two policies, every report of a person, CSV in, memo out")
}

/** The reports of the example's history again and again, with other people, days and numbers of the month. */
const writeHistory = async (file: string, reports: number): Promise<void> => {
  const published = new URL("../../../examples/policies/history.csv", import.meta.url)
  const [head = "", ...rows] = readFileSync(published, "utf8").trimEnd().split("\n")
  const out = createWriteStream(file)
  out.write(`${head}\n`)
  let state = 1
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const two = (number: number): string => String(number).padStart(2, "0")
  for (let at = 0; at < reports; at += 1) {
    const fields = (rows[next(rows.length)] ?? "").split(",")
    const day = `${2024 + next(2)}-${two(1 + next(12))}-${two(1 + next(28))}`
    const line = [day, `p${next(5_000)}`, ...fields.slice(2, -1), String(1 + next(70))].join(",")
    if (!out.write(`${line}\n`)) await once(out, "drain")
  }
  out.end()
  await once(out, "finish")
}

/** Every row cuts every column in another place, and every two rows overlap. */
const tooLarge = async (
  folder: string,
  { rows, columns }: { readonly rows: number; readonly columns: number },
): Promise<readonly Line[]> => {
  const names = [
    ...["影响人数", "本月第几件", "未报天数", "年内失实件数"],
    ...["通知后天数", "决定后天数", "年度积分", "年龄"],
  ].slice(0, columns)
  const cut = (row: number, column: number) =>
    `${(row + column) % 2 === 0 ? "≤" : "≥"}${1 + ((row * 37 + column * 11) % 97)}`
  const dense = Array.from(
    { length: rows },
    (_, row) => `| 密${row} | ${names.map((_, column) => cut(row, column)).join(" | ")} | ${100 + row} | |`,
  )
  const table = [
    `| 规则 | ${names.join(" | ")} | → 积分有效期 | 说明 |`,
    `|${"---|".repeat(columns + 3)}`,
    ...dense,
    `| 其余 |${" |".repeat(columns)} 730 | |`,
  ]
  const file = join(folder, "dense.policy.md")
  const document = exampleText().replace(
    /(### 决策表 积分有效期 · 命中) 唯一([^\n]*\n\n)(?:\|[^\n]*\n)+/,
    (_, a, b) => `${a} 首条${b}${table.join("\n")}\n`,
  )
  writeFileSync(file, document)
  const ran = await measured(["policy", "check", file, "--lang", "en", "--notes"])
  const isLarge = columns === 8
  if (isLarge && !ran.stdout.includes("R404")) throw new Error("the dense document was not refused with R404")
  if (isLarge && /\d+ of \d+ properties proved/.test(ran.stdout))
    throw new Error("something was called proved")
  return linesOf(`policy: ${columns} columns x ${rows} dense rows`, ran, limits.largeMb, "ends with R404")
}

const replaced = (all: string, from: string, to: string): string => {
  if (!all.includes(from)) throw new Error(`the example holds no "${from}"`)
  return all.replace(from, to)
}

interface Measured {
  readonly stdout: string
  readonly seconds: { readonly cpu: number; readonly wall: number }
  readonly peakMb: number
}

const measured = async (words: readonly string[]): Promise<Measured> => {
  const script = fileURLToPath(new URL("measured-command.ts", import.meta.url))
  const child = spawn(process.execPath, ["--conditions=@yingshao/source", script, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, COLUMNS: "1000" },
  })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  const told = stderr.trimEnd().split("\n").at(-1) ?? ""
  if (!told.startsWith("{")) throw new Error(`the command told nothing: ${stderr}`)
  return { stdout, ...(JSON.parse(told) as Omit<Measured, "stdout">) }
}

const linesOf = (name: string, ran: Measured, mostMb: number, note: string): readonly Line[] => [
  lineOf({
    name,
    unit: "s",
    ours: ran.seconds.cpu,
    beside: limits.seconds,
    peer: "the limit",
    ratio: ran.seconds.cpu / limits.seconds,
    goal: { atMost: 1 },
    note: `CPU time; ${ran.seconds.wall.toFixed(1)} s by the clock; ${note}`,
  }),
  lineOf({
    name: `${name}, peak`,
    unit: "MB",
    ours: ran.peakMb,
    beside: mostMb,
    peer: "the limit",
    ratio: ran.peakMb / mostMb,
    goal: { atMost: 1 },
  }),
]
