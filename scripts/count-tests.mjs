/**
 * Prints the count of a vitest JSON report as one plain line: `N passed, N failed`, and `, N skipped` when
 * some were. A file that failed before its tests could run counts as one failure.
 *
 * Plain JavaScript for Node 20.19. `node scripts/count-tests.mjs report.json`
 */
import { readFileSync } from "node:fs"

/** @param report what vitest's `json` reporter wrote. @returns {string} the line. */
export const countLine = (report) => {
  const tests = report.testResults.flatMap((file) => file.assertionResults)
  const withStatus = (...statuses) => tests.filter(({ status }) => statuses.includes(status)).length
  const brokenFiles = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some(({ status }) => status === "failed"),
  ).length
  const failed = withStatus("failed") + brokenFiles
  const skipped = withStatus("pending", "skipped", "todo", "disabled")
  return `${withStatus("passed")} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`
}

const [, , file] = process.argv
if (file !== undefined && process.argv[1]?.endsWith("count-tests.mjs")) {
  process.stdout.write(`${countLine(JSON.parse(readFileSync(file, "utf8")))}\n`)
}
