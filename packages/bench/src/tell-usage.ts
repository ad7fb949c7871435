/**
 * Preloaded into a process that is measured: at its end it tells, on its fourth pipe, the CPU time it used
 * and the most memory it held, as the operating system counted them.
 */
import { writeSync } from "node:fs"

process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const used = { cpuMs: (userCPUTime + systemCPUTime) / 1000, maxRssMb: maxRSS / 1024 }
  writeSync(3, JSON.stringify(used))
})
