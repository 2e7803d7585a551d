import { pathToFileURL } from 'node:url'
import {
  type ContributedCommandModule,
  type ContributedCommandResult,
  ERROR_CODES,
  type ExitCode,
  janusError,
} from '@janus/core'
import type { CommandContext, CommandResult } from './command.js'
import { type Fragment, lines, text } from './render/markup.js'

/** Runs a command that a package adds. Its code is imported only when core says that it may run. */
export async function runAdded(
  context: CommandContext,
  { name, args }: { readonly name: string; readonly args: readonly string[] },
): Promise<CommandResult> {
  const janus = await context.open()
  const { path, source } = await janus.command(name)
  const { run } = await importCommand(path, source)
  const { log, signal } = context
  const result: unknown = await run(
    {
      log,
      signal,
      open: (host) => context.open(host),
      print: (said) => context.print(escapedLines(said)),
      confirm: (consent) => context.confirm(consent),
      mutate: (work) => context.mutate(work),
    },
    args,
  )
  return printable(result, name, source)
}

async function importCommand(path: string, source: string): Promise<ContributedCommandModule> {
  let entry: Partial<ContributedCommandModule>
  try {
    entry = (await import(pathToFileURL(path).href)) as Partial<ContributedCommandModule>
  } catch (cause) {
    throw janusError('JANUS_MODULE_IMPORT_FAILED', `${path} of package ${source} could not be imported`, { cause })
  }
  if (typeof entry.run === 'function') return { run: entry.run }
  throw janusError('JANUS_MODULE_SHAPE_INVALID', `${path} of package ${source} exports no function run`)
}

/** A package prints nothing itself: what it answers is text, and a terminal obeys none of it. */
function printable(result: unknown, name: string, source: string): CommandResult {
  const answer = result as Partial<ContributedCommandResult> | null | undefined
  if (typeof answer?.text !== 'string')
    throw janusError('JANUS_MODULE_CRASHED', `command ${name} of package ${source} answered no text`)
  const { data = null, diagnostics = [], exitCode = 0 } = answer
  return {
    data,
    diagnostics,
    text: escapedLines(answer.text),
    exitCode: isExitCode(exitCode) ? exitCode : 2,
  }
}

function escapedLines(said: string): Fragment {
  return lines(
    said
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => text`${line}`),
  )
}

/** The exit codes that the documents promise; any other is a failure of the package. */
function isExitCode(code: number): code is ExitCode {
  return code === 0 || Object.values(ERROR_CODES).some(({ exitCode }) => exitCode === code)
}
