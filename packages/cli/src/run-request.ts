import type { Machine } from '@janus/core'
import type { CommandContext, CommandModule, CommandResult } from './command.js'
import type { Implementation } from './command-line/command-spec.js'
import type { Request } from './command-line/parse-arguments.js'
import { colorRequest, isJsonRequest } from './command-line/requests.js'
import * as commands from './commands/index.js'
import { createContext } from './create-context.js'
import { describeFailure, type Failure } from './failure.js'
import { run as guide } from './guide/run-guide.js'
import { documentText } from './json-document.js'
import { renderDiagnostic } from './render/diagnostic.js'
import { join } from './render/markup.js'
import { createPalette } from './render/palette.js'
import { renderUndoReports } from './render/undo.js'
import { runAdded } from './run-added.js'
import { assumeSize } from './terminal/assume-size.js'
import { wantsColor } from './terminal/color.js'
import { drawingOf } from './terminal/drawing.js'
import { openOutput } from './terminal/output.js'
import { watchSignals } from './terminal/signals.js'

const COMMANDS: Readonly<Record<Implementation, CommandModule>> = commands

/** A request that something is done for. */
type Performed = Extract<Request, { kind: 'run' | 'added' | 'guide' }>

/** What a command came to, failures included. */
interface Outcome extends Failure, Omit<Partial<CommandResult>, keyof Failure> {}

/**
 * Runs a command, prints its result and sets the exit code.
 * @param machine what is looked at and changed where no other host is named
 */
export async function runRequest(
  request: Exclude<Request, { kind: 'help' }>,
  argv: readonly string[],
  machine?: Machine,
): Promise<void> {
  const stdout = openOutput(process.stdout)
  const stderr = openOutput(process.stderr)
  const json = isJsonRequest(argv)
  const flag = json ? false : colorRequest(argv)
  const palette = createPalette(wantsColor(process.stdout, process.env, flag))
  const errorPalette = createPalette(wantsColor(process.stderr, process.env, flag))
  let leavingEarly = false
  const outcome = request.kind === 'usage' ? misused(request) : await perform(request)
  const command = nameOf(request)
  const written = await print(command, outcome)
  process.exitCode = written ? outcome.exitCode : 2
  // Both streams are drained by now; what an interrupted reading left behind would only keep the process.
  if (leavingEarly) process.exit()

  async function perform(asked: Performed): Promise<Outcome> {
    if (asked.kind === 'guide') for (const stream of [process.stdout, process.stderr]) assumeSize(stream)
    const watch = watchSignals((signal) => context.interrupted(signal))
    const drawing = drawingOf(process.stdout, process.env)
    const name = asked.kind === 'guide' ? 'janus' : `janus ${nameOf(asked)}`
    const outputs = { palette, errorPalette, drawing, stdout, stderr }
    const context = createContext({ name, argv, json, ...outputs, machine, signal: watch.signal })
    try {
      const result = await context.untilInterrupted(runAsked(context, asked))
      return { exitCode: 0, diagnostics: [], ...result }
    } catch (error) {
      leavingEarly = watch.signal.aborted
      return describeFailure(error, watch.received(), nameOf(asked))
    } finally {
      await context.close()
    }
  }

  async function print(command: string, { data, text, exitCode, diagnostics, left }: Outcome): Promise<boolean> {
    if (json) return await stdout.write(documentText({ command, ok: exitCode === 0, data, diagnostics }))
    const remarks = diagnostics.map((diagnostic) => renderDiagnostic(errorPalette, diagnostic))
    if (left !== undefined) remarks.push(renderUndoReports(errorPalette, [left]))
    const result = text === undefined || text.printable === '' ? true : await stdout.write(`${text.printable}\n`)
    if (remarks.length > 0) await stderr.write(`${join(remarks, '\n').printable}\n`)
    return result
  }
}

async function runAsked(context: CommandContext, asked: Performed): Promise<CommandResult> {
  if (asked.kind === 'run') return COMMANDS[asked.spec.implementation].run(context, asked.args, asked.options)
  return asked.kind === 'guide' ? guide(context) : runAdded(context, asked)
}

function nameOf(request: Exclude<Request, { kind: 'help' }>): string {
  if (request.kind === 'run') return request.spec.name
  if (request.kind === 'guide') return 'janus'
  return request.kind === 'added' ? request.name : request.command
}

function misused({ summary, remedy }: Extract<Request, { kind: 'usage' }>): Outcome {
  return { exitCode: 1, diagnostics: [{ severity: 'error', code: 'JANUS_USAGE', summary, remedy }] }
}
