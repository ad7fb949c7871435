/**
 * `npm start`. Compiled code is kept in the system's temporary folder, so that the second start need not strip types
 * and compile again.
 */
import { enableCompileCache } from "node:module"

enableCompileCache()
await import("./start.ts")
