import type { Janus } from '@janus/core'
import { listCommands, listCompletions } from '@janus/core/commands'
import type { ValueKind } from '../command-line/command-spec.js'
import { moduleSources } from '../module-sources.js'
import { PACKAGE_JSON } from '../package-json.js'
import { openOutput } from '../terminal/output.js'
import { answerFor, type CompletionAnswer } from './answer.js'
import { answerLines } from './answer-lines.js'
import { type Candidate, expectedWord, type LineContext } from './expected-word.js'
import { vocabulary } from './vocabulary.js'

/** Nobody waits longer for a menu. */
const MILLISECONDS = 3_000

/** Kinds of values that are looked for on the machine; the others need no reading. */
const ON_THE_MACHINE: ReadonlySet<ValueKind> = new Set([
  'added',
  'device',
  'group',
  'module',
  'profile',
  'transaction',
] as const)

/**
 * Answers the script of a shell: what can stand at the cursor. Only data is read, nothing is asked, written or run; and
 * whatever fails, there is less to choose from, never an error between the words of a line.
 * @param argv what follows `__complete`: `--`, then the words behind `janus` up to the cursor
 */
export async function complete(argv: readonly string[]): Promise<never> {
  const words = argv[0] === '--' ? argv.slice(1) : argv
  const answer = await Promise.race([answered(words), nothingAfter(MILLISECONDS)])
  await openOutput(process.stdout).write(answerLines(answer))
  // What hangs in a read is left behind.
  process.exit(0)
}

async function answered(words: readonly string[]): Promise<CompletionAnswer> {
  try {
    const program = { packageJson: PACKAGE_JSON, env: process.env }
    const described = listCompletions(program)
    const expected = expectedWord(vocabulary(listCommands(program), described), words)
    return await answerFor(expected, {
      machine: onTheMachine,
      moduleOptions: (id) => described.find(({ modules }) => Object.hasOwn(modules, id))?.modules[id] ?? [],
    })
  } catch {
    return { candidates: [] }
  }
}

async function onTheMachine(kind: ValueKind, context: LineContext): Promise<readonly Candidate[]> {
  if (!ON_THE_MACHINE.has(kind)) return []
  try {
    const { machineValues } = await import('./machine-values.js')
    return await machineValues(await open(context), kind)
  } catch {
    return []
  }
}

async function open({ host, modules }: LineContext): Promise<Janus> {
  const { createJanus, openHost } = await import('@janus/core')
  return createJanus({
    ...(host === undefined ? {} : { host: await openHost(atHome(host)) }),
    sources: moduleSources({ modules: modules.map(atHome), cwd: process.cwd() }),
  })
}

/** A word that no shell has expanded yet. */
function atHome(path: string): string {
  return path.startsWith('~/') ? `${process.env.HOME ?? '~'}${path.slice(1)}` : path
}

function nothingAfter(milliseconds: number): Promise<CompletionAnswer> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, { candidates: [] }))
}
