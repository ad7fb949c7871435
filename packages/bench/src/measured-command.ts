/**
 * Runs one command of `yingshao` in this process and tells on standard error what it took: a process of its own is the
 * only one whose peak of memory is the command's.
 *
 * `node --conditions=@yingshao/source measured-command.ts policy check …`
 */
process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const seconds = { cpu: (userCPUTime + systemCPUTime) / 1e6, wall: process.uptime() }
  process.stderr.write(`\n${JSON.stringify({ seconds, peakMb: maxRSS / 1024 })}\n`)
})
process.argv.splice(1, 1, "yingshao")
await import(new URL("../../../examples/cli/bin/yingshao.mjs", import.meta.url).href)
