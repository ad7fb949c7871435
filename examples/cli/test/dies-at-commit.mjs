/** Loaded before a command: its process is gone for good when it comes to the commit that `DIES_AT_COMMIT` counts. */
import { StatementSync } from "node:sqlite"

const last = Number(process.env["DIES_AT_COMMIT"])
const run = StatementSync.prototype.run
let commits = 0

StatementSync.prototype.run = function (...values) {
  if (this.sourceSQL === "COMMIT") {
    commits += 1
    if (commits === last) process.kill(process.pid, "SIGKILL")
  }
  return run.apply(this, values)
}
