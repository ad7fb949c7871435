/**
 * Goes through the phases of a county's setup, unless it has been gone through.
 */
import type { CommandInput } from "@yingshao/core/commands"
import { toMs } from "@yingshao/core/kernel/time"
import type { Phase } from "../county/setup.ts"
import { CliFailure } from "../terminal/failure.ts"
import { runErrands } from "./lanes.ts"
import type { OpenDay } from "./open-day.ts"

/** @throws CliFailure when the rules refuse a step: the example does not fit this policy. */
export const runSetup = async ({ yingshao, clock }: OpenDay, phases: readonly Phase[]): Promise<void> => {
  for (const { at, commands } of phases) {
    clock.moveTo(toMs(at))
    await runErrands(
      commands.map((command) => ({ lane: command.id, command })),
      (command) => yingshao.handle(command as CommandInput),
      async ({ command }, answer) => {
        if (answer.ok) return
        const { code, detail } = answer.refusal
        const what = `${command.type} ${command.id}: ${code} ${JSON.stringify(detail)}`
        throw new CliFailure(
          1,
          `县里的准备工作被规则拒绝:${what}`,
          `the rules refuse a step of the county's setup: ${what}`,
        )
      },
    )
  }
}
