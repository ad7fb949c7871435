/**
 * The command line: reads arguments, loads the one command that is asked for, and turns whatever goes wrong
 * into a sentence and an exit code.
 *
 * 0: done. 1: the answer is no, or something was found. 2: it could not be read or asked.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander"
import type { OutboxListOptions } from "./commands/outbox.ts"
import type { ImpactOptions } from "./commands/policy-impact.ts"
import type { ReceiptActOptions } from "./commands/receipts.ts"
import { defaultDatabase } from "./store/database.ts"
import { CliFailure, failureOf } from "./terminal/failure.ts"
import { type Language, languageAsked, languageOf, type Text, text } from "./terminal/language.ts"
import { type Output, openOutput } from "./terminal/output.ts"

const language: Language = languageAsked(process.argv) ?? languageOf(process.env)
const say = (one: Text): string => one[language]

interface Common {
  readonly database: string
  readonly memory?: boolean
  readonly json?: boolean
}

const outputOf = ({ json }: { readonly json?: boolean }): Output => openOutput(language, json === true)

const wholeNumber =
  (least: number, most: number) =>
  (value: string): number => {
    const number = Number(value)
    if (!/^-?\d+$/.test(value) || number < least || number > most) {
      throw new InvalidArgumentError(
        say(text(`应为 ${least} 至 ${most} 的整数`, `a whole number from ${least} to ${most}`)),
      )
    }
    return number
  }

const seedText = (value: string): string => {
  if (!/^[A-Za-z0-9_-]{1,40}$/.test(value)) {
    throw new InvalidArgumentError(
      say(text("1 至 40 个字母、数字、_ 或 -", "1 to 40 letters, digits, _ or -")),
    )
  }
  return value
}

const dateText = (value: string): string => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value) || Number.isNaN(Date.parse(`${value}T00:00:00Z`))) {
    throw new InvalidArgumentError(say(text("应为 YYYY-MM-DD", "a date YYYY-MM-DD")))
  }
  return value
}

/** Sets the exit code and lets the process end by itself, so that what was written to a pipe arrives. */
const ending =
  <A extends readonly unknown[]>(run: (...args: A) => Promise<number>) =>
  async (...args: A): Promise<void> => {
    process.exitCode = await run(...args)
  }

const withLanguage = (command: Command): Command =>
  command.addOption(
    new Option(
      "--lang <zh|en>",
      say(text("输出语言(默认随 LANG)", "language of the output (by LANG)")),
    ).choices(["zh", "en"]),
  )

const withOutput = (command: Command): Command =>
  withLanguage(command).option("--json", say(text("输出 JSON", "print JSON")))

const withDatabase = (command: Command): Command =>
  withOutput(command)
    .option(
      "--database <file>",
      say(text("数据库文件,或 postgres:// 地址", "database file, or a postgres:// URL")),
      defaultDatabase,
    )
    .option("--memory", say(text("只在内存里,不存盘", "in memory only, nothing is kept")))

const withProgramme = (command: Command): Command =>
  withDatabase(command)
    .option("--programme <id>", say(text("哪一天(默认最新)", "which day (the newest)")))
    .option("--archives <folder>", say(text("归档目录(默认在数据库旁)", "folder of archives (beside it)")))

const examplePolicyLater = async (file: string | undefined): Promise<string> =>
  file ?? (await import("./store/policy-file.ts")).examplePolicy

const program = new Command("yingshao")
  .description(say(text("应哨:县域基层治理信息员的一天", "yingshao: a county's day, from report to reward")))
  .helpOption("-h, --help", say(text("显示帮助", "show help")))
  .helpCommand(false)
  .configureOutput({ outputError: () => {} })
  .exitOverride()
withLanguage(program)

withDatabase(program.command("day [file]"))
  .description(
    say(text("办完一天:虚构县,或一份 311 导出文件", "one day: the fictional county, or a 311 export")),
  )
  .option("--seed <seed>", say(text("虚构县的种子", "seed of the fictional county")), seedText, "1")
  .option(
    "--reports <n>",
    say(text("虚构县的信息件数", "reports of the fictional county")),
    wholeNumber(1, 100_000),
    150,
  )
  .option("--policy <file>", say(text("规则文件(默认示例)", "policy document (the example)")))
  .option("--mapping <file>", say(text("导出文件的映射(默认纽约)", "mapping of the export (New York's)")))
  .action(
    ending(
      async (
        file: string | undefined,
        options: Common & { seed: string; reports: number; policy?: string; mapping?: string },
      ) => {
        const { day } = await import("./commands/day.ts")
        const policy = await examplePolicyLater(options.policy)
        return day({ ...options, file, policy, mapping: options.mapping }, outputOf(options))
      },
    ),
  )

withProgramme(program.command("explain <report>"))
  .description(
    say(text("一件信息的全过程:谁、何时、依据哪条规则", "the story of one report: who, when, by which rule")),
  )
  .action(
    ending(async (report: string, options: Common & { programme?: string }) => {
      const { explain } = await import("./commands/explain.ts")
      return explain({ ...options, report }, outputOf(options))
    }),
  )

withProgramme(program.command("ledger"))
  .description(
    say(text("账:余额、单个账户的流水、试算平衡", "balances, the register of an account, the trial balance")),
  )
  .option("--account <account>", say(text("一个账户的流水", "the register of one account")))
  .option("--as-of <date>", say(text("截至哪一天", "up to and including a date")), dateText)
  .action(
    ending(async (options: Common & { programme?: string; account?: string; asOf?: string }) => {
      const { ledger } = await import("./commands/ledger.ts")
      return ledger(options, outputOf(options))
    }),
  )

withProgramme(program.command("doctor"))
  .description(
    say(text("体检:存储、日志链、投递、全部状态", "checks store, journal, outbox and every state")),
  )
  .option("--channel <name>", say(text("只查一个通知渠道", "a channel of the channels file instead")))
  .option("--channels <file>", say(text("渠道配置", "the channels file")), "channels.json")
  .option("--to <address>", say(text("发往哪个机器人或邮箱", "robot, endpoint or mailbox")))
  .option("--live", say(text("发一条真消息", "send one real message")))
  .action(
    ending(
      async (
        options: Common & {
          programme?: string
          channel?: string
          channels: string
          to?: string
          live?: boolean
        },
      ) => {
        const { channel, channels, to, live } = options
        if (channel !== undefined) {
          const { doctorChannel } = await import("./commands/doctor-channel.ts")
          return doctorChannel({ channel, channels, to, live, environment: process.env }, outputOf(options))
        }
        if (live === true || to !== undefined) {
          throw new CliFailure(2, "--live 和 --to 要与 --channel 同用", "--live and --to go with --channel")
        }
        const { doctor } = await import("./commands/doctor.ts")
        return doctor(options, outputOf(options))
      },
    ),
  )

const outboxCommands = withLanguage(program.command("outbox"))
  .description(say(text("消息:查看、重发、停投", "messages: list, send again, park")))
  .helpCommand(false)

withProgramme(outboxCommands.command("list"))
  .description(say(text("停投、待送或已送的消息", "messages given up, waiting or sent")))
  .addOption(
    new Option("--status <status>", say(text("哪一类", "which ones")))
      .choices(["given-up", "waiting", "sent"])
      .default("given-up"),
  )
  .addOption(
    new Option("--topic <topic>", say(text("只看通知或派单", "notices or orders only"))).choices([
      "notify",
      "dispatch",
    ]),
  )
  .option("--limit <n>", say(text("最多列几条", "at most so many")), wholeNumber(1, 10_000), 20)
  .action(
    ending(async (options: Common & Omit<OutboxListOptions, "database">) => {
      const { outboxList } = await import("./commands/outbox.ts")
      return outboxList(options, outputOf(options))
    }),
  )

withProgramme(outboxCommands.command("retry [ids...]"))
  .description(say(text("停投的消息再发", "sends what was given up again")))
  .option("--all", say(text("全部停投的", "all that was given up")))
  .option("--note <text>", say(text("与 --all 同用:备注含此文字的", "with --all: whose note has this text")))
  .action(
    ending(async (ids: string[], options: Common & { programme?: string; all?: boolean; note?: string }) => {
      const { outboxRetry } = await import("./commands/outbox.ts")
      return outboxRetry({ ...options, ids }, outputOf(options))
    }),
  )

withProgramme(outboxCommands.command("park <id>"))
  .description(say(text("不再投递,由一个人处理", "stops sending; a person looks after it")))
  .requiredOption("--by <name>", say(text("由谁处理", "who looks after it")))
  .requiredOption("--why <text>", say(text("为什么", "why")))
  .option("--pass", say(text("派单:后面的照发", "an order: what comes after it goes on")))
  .action(
    ending(
      async (
        id: string,
        options: Common & { programme?: string; by: string; why: string; pass?: boolean },
      ) => {
        const { outboxPark } = await import("./commands/outbox.ts")
        return outboxPark({ ...options, id }, outputOf(options))
      },
    ),
  )

const receiptCommands = withLanguage(program.command("receipts"))
  .description(
    say(text("待处理的对方回执:查看、重试、注销", "partners' parked receipts: list, retry, dismiss")),
  )
  .helpCommand(false)

withProgramme(receiptCommands.command("list"))
  .description(say(text("不能入账的回执", "receipts that could not be taken")))
  .option("--limit <n>", say(text("最多列几条", "at most so many")), wholeNumber(1, 1_000), 20)
  .action(
    ending(async (options: Common & { programme?: string; limit: number }) => {
      const { receiptsList } = await import("./commands/receipts.ts")
      return receiptsList(options, outputOf(options))
    }),
  )

const byPerson = (command: Command): Command =>
  withProgramme(command)
    .requiredOption("--by <person>", say(text("经办人", "who decides, by handle")))
    .addOption(
      new Option("--as <role>", say(text("以何身份", "in which role")))
        .choices(["duty-officer", "programme-admin"])
        .default("programme-admin"),
    )

byPerson(receiptCommands.command("retry <key>"))
  .description(say(text("再试一次", "tries again")))
  .action(
    ending(async (key: string, options: Common & Omit<ReceiptActOptions, "database" | "key">) => {
      const { receiptsRetry } = await import("./commands/receipts.ts")
      return receiptsRetry({ ...options, key }, outputOf(options))
    }),
  )

byPerson(receiptCommands.command("dismiss <key>"))
  .description(say(text("不再处理,写明原因", "ends it, with a reason")))
  .requiredOption("--why <text>", say(text("为什么", "why")))
  .action(
    ending(
      async (
        key: string,
        options: Common & Omit<ReceiptActOptions, "database" | "key"> & { why: string },
      ) => {
        const { receiptsDismiss } = await import("./commands/receipts.ts")
        return receiptsDismiss({ ...options, key }, outputOf(options))
      },
    ),
  )

withProgramme(program.command("export <file>"))
  .description(say(text("导出日志:逐行 JSON,带散列", "the journal as lines of JSON with hashes")))
  .option(
    "--sign <file>",
    say(text("给首部签名的 Ed25519 私钥(PEM)", "Ed25519 private key (PEM) to sign the head")),
  )
  .action(
    ending(async (file: string, options: Common & { programme?: string; sign?: string }) => {
      const { exportFile } = await import("./commands/export.ts")
      return exportFile({ ...options, file }, outputOf(options))
    }),
  )

const withTrust = (command: Command): Command =>
  command
    .option("--key <file>", say(text("签名的公钥(PEM)", "public key (PEM) of the signature")))
    .option("--heads <file>", say(text("另存的首部,逐行 JSON", "heads that were kept, one JSON a line")))

withTrust(withOutput(program.command("verify <file>")))
  .description(say(text("核对导出文件,不用数据库", "checks an export without a database")))
  .action(
    ending(async (file: string, options: { json?: boolean; key?: string; heads?: string }) => {
      const { verify } = await import("./commands/verify.ts")
      return verify(file, options, outputOf(options))
    }),
  )

withTrust(withDatabase(program.command("import <file>")))
  .description(say(text("由导出文件重建项目", "rebuilds a programme from an export")))
  .option(
    "--take-over",
    say(text("原处不再发送,待发消息由此处发", "the source sends nothing any more: send what waits")),
  )
  .action(
    ending(async (file: string, options: Common & { key?: string; heads?: string; takeOver?: boolean }) => {
      const { importFile } = await import("./commands/import.ts")
      return importFile({ ...options, file }, outputOf(options))
    }),
  )

withOutput(program.command("backup <file>"))
  .description(say(text("备份数据库,不停机", "copies the database while it is at work")))
  .option("--database <file>", say(text("数据库文件", "database file")), defaultDatabase)
  .action(
    ending(async (file: string, options: Common) => {
      const { backup } = await import("./commands/backup.ts")
      return backup({ ...options, file }, outputOf(options))
    }),
  )

withProgramme(program.command("restate"))
  .description(say(text("按现版本重新折叠状态,补齐新索引", "folds states of an older release anew")))
  .action(
    ending(async (options: Common & { programme?: string }) => {
      const { restate } = await import("./commands/restate.ts")
      return restate(options, outputOf(options))
    }),
  )

const newCommands = program
  .command("new")
  .description(say(text("生成新的适配器包", "makes a package for a new adapter")))
  .helpCommand(false)

withLanguage(newCommands.command("adapter <kind> <name>"))
  .description(
    say(
      text("kind 为 notify 或 dispatch;测试随即可通过", "kind: notify or dispatch; its tests pass at once"),
    ),
  )
  .option("--into <folder>", say(text("放在哪个目录", "folder that gets it")), ".")
  .option(
    "--packages <folder>",
    say(text("npm run pack 生成的包所在目录", "folder with what npm run pack made")),
  )
  .action(
    ending(async (kind: string, name: string, options: { into: string; packages?: string }) => {
      const { newAdapter, packedHere } = await import("./commands/new-adapter.ts")
      return newAdapter({ kind, name, packages: packedHere, ...options }, outputOf({}))
    }),
  )

withProgramme(program.command("archive <before>"))
  .description(say(text("某日之前的日志移入归档文件", "moves the journal before a date into a sealed file")))
  .action(
    ending(async (before: string, options: Common & { programme?: string }) => {
      const { archive } = await import("./commands/archive.ts")
      return archive(dateText(before), options, outputOf(options))
    }),
  )

const policyCommands = withLanguage(program.command("policy"))
  .description(say(text("规则文件", "policy documents")))
  .helpCommand(false)

withOutput(policyCommands.command("check <file>"))
  .description(say(text("检查规则文件和其中的性质", "check a policy document and its properties")))
  .option("--strict", say(text("假设没有确认也算问题", "assumptions count as findings")))
  .option("--all", say(text("也试改动(T304)", "try changes as well (T304)")))
  .option("--notes", say(text("列出全部提示", "print every note")))
  .action(
    ending(
      async (file: string, options: { json?: boolean; strict?: boolean; all?: boolean; notes?: boolean }) => {
        const { policyCheck } = await import("./commands/policy-check.ts")
        return policyCheck(file, options, outputOf(options))
      },
    ),
  )

withOutput(policyCommands.command("prop <file> [sentences...]"))
  .alias("properties")
  .description(
    say(text("判断性质:编号、一句话,或全部", "does it hold: an id, a sentence, or all of the document")),
  )
  .option("--add", say(text("把反例记成例子", "keep the counterexample as an example")))
  .option("--expect <value>", say(text("记成例子时应为多少", "what the kept example expects")))
  .option("--seed <n>", say(text("抽查的种子", "seed of what is sampled")), wholeNumber(0, 4_294_967_295))
  .action(
    ending(
      async (
        file: string,
        sentences: string[],
        options: { json?: boolean; add?: boolean; expect?: string; seed?: number },
      ) => {
        const { policyProp } = await import("./commands/policy-prop.ts")
        return policyProp(file, { ...options, sentences }, outputOf(options))
      },
    ),
  )

withOutput(policyCommands.command("test <file>"))
  .description(
    say(
      text(
        "例子、试过的规则和分界、没人会发现的改动",
        "examples, what they try, changes nobody would notice",
      ),
    ),
  )
  .option("--quick", say(text("不试改动", "leave out the changes")))
  .option(
    "--threshold <percent>",
    say(text("至少要发现的改动(默认 60)", "least share of changes noticed (60)")),
    wholeNumber(0, 100),
  )
  .option("--notes", say(text("列出全部提示", "print every note")))
  .action(
    ending(
      async (
        file: string,
        options: { json?: boolean; quick?: boolean; threshold?: number; notes?: boolean },
      ) => {
        const { policyTest } = await import("./commands/policy-test.ts")
        return policyTest(file, options, outputOf(options))
      },
    ),
  )

withOutput(policyCommands.command("suggest-examples <file>"))
  .description(say(text("还缺哪些例子;先写应得的,再看规则", "examples still missing; say first what is due")))
  .option("--limit <n>", say(text("最多列几种", "at most so many")), wholeNumber(1, 10_000), 20)
  .option("--ask", say(text("逐个从标准输入读应得的结论", "read expectations from standard input")))
  .option("--add", say(text("写下的记成例子", "keep what was typed as examples")))
  .action(
    ending(async (file: string, options: { json?: boolean; limit: number; ask?: boolean; add?: boolean }) => {
      const { policySuggest } = await import("./commands/policy-suggest.ts")
      return policySuggest(file, options, outputOf(options))
    }),
  )

withLanguage(policyCommands.command("print <file>"))
  .description(say(text("规则写回文档,或规范 JSON", "a policy as Markdown, or as canonical JSON")))
  .option("--canonical", say(text("规范 JSON(算摘要用的)", "the canonical JSON that is hashed")))
  .action(
    ending(async (file: string, options: { canonical?: boolean }) => {
      const { policyPrint } = await import("./commands/policy-print.ts")
      return policyPrint(file, options, outputOf({}))
    }),
  )

const gather = (value: string, before: readonly string[]): readonly string[] => [...before, value]

withOutput(policyCommands.command("decide <file> [decisions...]"))
  .alias("explain")
  .description(say(text("一种情形怎么定,依据哪条", "one case: what is decided, by which rule")))
  .option("--fact <fact=value>", say(text("一个事实,可重复", "a fact, repeatable")), gather, [])
  .option("--case <file>", say(text("事实写在 JSON 文件里", "facts from a JSON file")))
  .option("--typical", say(text("没写的按典型值(否则未知)", "what is left out is typical, not unknown")))
  .option("--accepted <date>", say(text("受理日期", "date of acceptance")), dateText)
  .option("--step <date>", say(text("办理日期", "date of the step")), dateText)
  .action(
    ending(
      async (
        file: string,
        decisions: string[],
        { fact, ...options }: { fact: string[]; json?: boolean; typical?: boolean; case?: string },
      ) => {
        const { policyDecide } = await import("./commands/policy-decide.ts")
        return policyDecide(file, { ...options, facts: fact, decisions }, outputOf(options))
      },
    ),
  )

withOutput(policyCommands.command("timeline <file>"))
  .description(say(text("什么从哪天到哪天有效", "what holds from when to when")))
  .option("--on <date>", say(text("看哪一天", "as of a date")), dateText)
  .option("--all", say(text("也列没有改过的决策表", "list tables that never changed, too")))
  .action(
    ending(async (file: string, options: { json?: boolean; on?: string; all?: boolean }) => {
      const { policyTimeline } = await import("./commands/policy-timeline.ts")
      return policyTimeline(file, options, outputOf(options))
    }),
  )

withLanguage(policyCommands.command("report <file>"))
  .description(say(text("一页 HTML,给领导看,可打印", "one HTML page, to show and to print")))
  .option("--out <file>", say(text("写到哪个文件", "file to write")), "policy-report.html")
  .option("--quick", say(text("不试改动", "leave out the changes")))
  .action(
    ending(async (file: string, options: { out: string; quick?: boolean }) => {
      const { policyReport } = await import("./commands/policy-report.ts")
      return policyReport(file, options, outputOf({}))
    }),
  )

const comparing = (name: string, what: Text, transition: boolean): void => {
  withOutput(policyCommands.command(`${name} <before> <after>`))
    .description(say(what))
    .option(
      "--limit <n>",
      say(text("每个结论最多列几种变法", "kinds of change to list")),
      wholeNumber(1, 1_000),
      5,
    )
    .action(
      ending(async (before: string, after: string, options: { json?: boolean; limit: number }) => {
        const { policyDiff } = await import("./commands/policy-diff.ts")
        return policyDiff(before, after, { ...options, transition }, outputOf(options))
      }),
    )
}
comparing("diff", text("两份规则差在哪里,谁更好谁更差", "what changes between two policies, for whom"), false)
comparing("transition", text("换规则时,在办的信息谁会吃亏", "who in flight would lose by the change"), true)

withOutput(policyCommands.command("impact <before> <after>"))
  .description(say(text("过去的信息照两份规则各算一遍", "a history under two policies: who gets less")))
  .requiredOption(
    "--history <file>",
    say(text("历史:CSV、NDJSON 或本程序的数据库", "the history: CSV, NDJSON or a database of this program")),
  )
  .option("--programme <id>", say(text("数据库里哪一天(默认最新)", "which day of a database (the newest)")))
  .option("--date <column>", say(text("日期在哪一列", "column of the date")), "日期")
  .option("--person <column>", say(text("按哪一列数人头", "column that tells people apart")))
  .option("--by <fact>", say(text("按哪个事实分组", "fact to group by")), "reporter")
  .option("--typical", say(text("没有的列按典型值(否则未知)", "a missing column is typical, not unknown")))
  .option("--growth <percent>", say(text("明年多百分之几", "growth of a year")), wholeNumber(-100, 1_000), 0)
  .option("--years <n>", say(text("抽样多少个年份", "years to sample")), wholeNumber(20, 10_000), 1_000)
  .option("--seed <n>", say(text("抽样的种子", "seed of the sample")), wholeNumber(0, 4_294_967_295), 1)
  .option("--memo <file>", say(text("写成 Markdown 文件", "write the memo to a file")))
  .option("--csv <file>", say(text("表格另存为 CSV", "write the tables as CSV")))
  .option("--chart <file>", say(text("画成 SVG 图", "draw an SVG chart")))
  .action(
    ending(async (before: string, after: string, options: ImpactOptions & { json?: boolean }) => {
      const { policyImpact } = await import("./commands/policy-impact.ts")
      return policyImpact(before, after, options, outputOf(options))
    }),
  )

const run = async (): Promise<void> => {
  try {
    await program.parseAsync(process.argv)
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return
    const failure = error instanceof CommanderError ? usageFailure(error) : failureOf(error)
    if (process.env.YINGSHAO_DEBUG === "1")
      process.stderr.write(`${error instanceof Error ? error.stack : ""}\n`)
    process.stderr.write(`yingshao: ${failure.say[language]}\n`)
    process.exitCode = failure.exitCode
  }
}

/** A usage error in both languages, from the code and the words in quotes of the parser's message. */
const usageFailure = ({ code, message }: CommanderError): CliFailure => {
  const what = /'([^']*)'/.exec(message)?.[1] ?? ""
  const rest = message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ")
  const hint = text("(yingshao --help 看用法)", " (yingshao --help shows how)")
  const zh: Readonly<Record<string, string>> = {
    "commander.unknownCommand": `没有命令“${what}”`,
    "commander.unknownOption": `没有选项“${what}”`,
    "commander.missingMandatoryOptionValue": `缺少选项“${what}”`,
    "commander.missingArgument": `缺少参数“${what}”`,
    "commander.optionMissingArgument": `选项“${what}”缺少值`,
    "commander.excessArguments": "参数太多",
    "commander.invalidArgument": `参数不对:${rest}`,
    "commander.help": "请给出命令",
  }
  if (code === "commander.help" || code === "commander.helpDisplayed") {
    return new CliFailure(2, `请给出命令${hint.zh}`, `say which command${hint.en}`)
  }
  return new CliFailure(2, `${zh[code] ?? rest}${hint.zh}`, `${rest}${hint.en}`)
}

// Whoever reads the output may have read enough (`| head`): that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit()
  throw error
})
await run()
