/** The short version of `npm run evidence -- rivals`: four processes on one file, and the naive control. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { rivals } from "@yingshao/evidence/rivals"
import { expect, it } from "vitest"

it("L4 L11 L14 L15 L19 L21 S4 rivals from four processes on one file: one holder, caps and balances hold", async () => {
  const folder = mkdtempSync(join(tmpdir(), "yingshao-rivals-"))
  try {
    const said: string[] = []
    const say = (line: string) => said.push(line)
    expect(await rivals({ folder, matters: 12, naiveMatters: 12, people: 2, say })).toEqual([])
    expect(said).toHaveLength(6)
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 300_000)
