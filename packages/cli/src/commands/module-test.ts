import { resolve } from 'node:path'
import type { CommandContext, CommandResult } from '../command.js'
import { renderConformance } from '../render/conformance.js'
import { join } from '../render/markup.js'

interface TestFlags {
  readonly fixtures?: string
  readonly module?: readonly string[]
}

/** `janus module test`. */
export async function run(
  context: CommandContext,
  [name = '']: readonly string[],
  { fixtures, module = [] }: TestFlags,
): Promise<CommandResult> {
  const janus = await context.open(undefined, module)
  const reports = await janus.testModule(/[/.]/.test(name) ? resolve(context.cwd, name) : name, {
    signal: context.signal,
    ...(fixtures === undefined ? {} : { fixtures: resolve(context.cwd, fixtures) }),
  })
  return {
    data: { reports: reports },
    text: join(
      reports.map((report) => renderConformance(context.palette, report)),
      '\n\n',
    ),
    exitCode: reports.every(({ passed, total }) => passed === total) ? 0 : 1,
  }
}
