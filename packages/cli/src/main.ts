import type { Machine } from '@janus/core'
import { listCommands } from '@janus/core/commands'
import { isGroup } from './command-line/command-table.js'
import { parseArguments, type Request } from './command-line/parse-arguments.js'
import { isBareRequest, isJsonRequest } from './command-line/requests.js'
import { documentText, jsonText } from './json-document.js'
import { PACKAGE_JSON } from './package-json.js'
import { canGuide } from './terminal/can-guide.js'
import { openOutput } from './terminal/output.js'

/** What packages add is looked for only where it matters: in lists of commands, and for a word that is none. */
function readRequest(argv: readonly string[]): Request {
  const request = parseArguments(argv)
  if (!isAboutContributed(request)) return request
  const commands = listCommands({ packageJson: PACKAGE_JSON, env: process.env })
  return commands.length === 0 ? request : parseArguments(argv, commands)
}

function isAboutContributed(request: Request): boolean {
  return request.kind === 'help' ? request.lists : isUnknown(request)
}

function isUnknown(request: Request): boolean {
  return request.kind === 'usage' && (request.command === 'janus' || isGroup(request.command))
}

function helpText(): string {
  const help = readRequest(['--help'])
  return help.kind === 'help' ? `${help.text}\n` : ''
}

/**
 * Runs one command line to its end and sets the exit code. Help is answered without importing core, and an
 * installation without core is told as every other failure is.
 * @param machine what is looked at and changed where no other host is named; default: this one
 */
export async function main(argv: readonly string[], machine?: Machine): Promise<void> {
  const isBare = isBareRequest(argv)
  const request: Request = isBare && canGuide(process, process.env) ? { kind: 'guide' } : readRequest(argv)
  if (request.kind === 'help') {
    const stdout = openOutput(process.stdout)
    const document = { command: 'help', ok: true, data: { text: request.text }, diagnostics: [] }
    const written = await stdout.write(isJsonRequest(argv) ? documentText(document) : request.text)
    process.exitCode = written ? 0 : 2
    return
  }
  // What there is is the better answer to nothing; it stays a mistake in a script.
  if (isBare && request.kind === 'usage') await openOutput(process.stdout).write(helpText())
  try {
    const { runRequest } = await import('./run-request.js')
    await runRequest(request, argv, machine)
  } catch (error) {
    process.exitCode = 2
    const summary = jsonText(error instanceof Error ? error.message : String(error)).slice(1, -1)
    const diagnostics = [{ severity: 'error', code: 'JANUS_INTERNAL', summary }] as const
    if (isJsonRequest(argv)) {
      const document = { command: 'janus', ok: false, data: null, diagnostics }
      await openOutput(process.stdout).write(documentText(document))
    } else await openOutput(process.stderr).write(`error ${summary} [JANUS_INTERNAL]\n`)
  }
}
