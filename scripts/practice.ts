import { setMaxListeners } from 'node:events'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { escapeForTerminal } from '@janus/core'
import { createGuideSession, type GuideSession, type GuideStep } from './guides/guide-session.js'
import { beginsWithIommu, type ShownStep, stepsOf } from './guides/guide-steps.js'
import { stepFailure } from './guides/step-failure.js'

const PROMPT = 'practice$ '
const USAGE = `usage: npm run practice [-- --bare]           commands of yours, a line each; \`exit\` ends it
       npm run practice -- docs/first-hour.md  what that page has its reader do`

/**
 * `npm run practice`: `janus` on the machine of the guides, which exists in memory only. Reads commands from the terminal or from
 * a pipe, or takes those of a page, and ends with 1 when a step of the page does not do what the page says.
 */
async function main(args: readonly string[]): Promise<number> {
  const { page, bare } = parseWords(args)
  // Each command of a session listens to the same streams and signals.
  setMaxListeners(0, process, process.stdout, process.stderr)
  const live = page === undefined && process.stdin.isTTY === true
  endWith(live)
  return page === undefined ? await practise(!bare, live) : await followPage(resolve(process.env.INIT_CWD ?? '', page))
}

function parseWords(args: readonly string[]): { readonly page: string | undefined; readonly bare: boolean } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { bare: { type: 'boolean', default: false } },
      allowPositionals: true,
    })
    const [page, ...more] = positionals
    // A page says itself how its machine begins.
    if (more.length === 0 && !(values.bare && page !== undefined)) return { page, bare: values.bare }
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${USAGE}`)
  }
  throw new Error(USAGE)
}

/** Ends in order, so that what is temporary goes too. On a terminal Ctrl-C is for the command that runs. */
function endWith(live: boolean): void {
  process.on('SIGINT', () => {
    if (!live) process.exit(130)
  })
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(143))
  // Nobody reads any more.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => process.exit())
}

async function practise(iommu: boolean, live: boolean): Promise<number> {
  const session = await createGuideSession({ iommu, live })
  try {
    if (live) process.stdout.write(welcome(session, iommu))
    for await (const line of live ? askedLines() : pipedLines()) {
      const command = line.trim()
      if (command === 'exit') break
      if (command !== '' && !command.startsWith('#')) await obey(session, command, live)
    }
    return 0
  } finally {
    await session.close()
  }
}

function welcome({ folder }: GuideSession, iommu: boolean): string {
  return `A machine in memory${iommu ? '' : ', without an IOMMU'}: nothing that is done here changes yours. It knows janus, sudo janus and sudo reboot,
but no agent; files lie in ${folder}. \`exit\`, Ctrl-C or Ctrl-D ends it.

`
}

/** A command that cannot be run here says so, and the next one is asked for. */
async function obey(session: GuideSession, command: string, live: boolean): Promise<void> {
  try {
    if (!live) process.stdout.write(`$ ${visible(command)}\n`)
    const { output, exitCode } = await session.go({ kind: 'command', command })
    if (!live) process.stdout.write(output)
    if (exitCode !== 0) process.stdout.write(`[exit code ${exitCode}]\n`)
  } catch (error) {
    process.stderr.write(`${visible((error as Error).message)}\n`)
  }
}

async function followPage(path: string): Promise<number> {
  const page = await readPage(path)
  const steps = stepsOf(page)
  if (steps.length === 0) throw new Error(`${path} has nothing that can be done on the machine in memory`)
  const session = await createGuideSession({ iommu: beginsWithIommu(page) })
  let failed = 0
  try {
    for (const step of steps) failed += (await follow(session, step)) ? 0 : 1
  } finally {
    await session.close()
  }
  process.stdout.write(`\n${steps.length} steps, ${failed} of them not as the page says\n`)
  return failed === 0 ? 0 : 1
}

async function readPage(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch(({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'ENOENT') throw new Error(`there is no page ${path}`)
    throw new Error(code === 'EISDIR' ? `${path} is no file` : message)
  })
}

async function follow(session: GuideSession, shown: ShownStep): Promise<boolean> {
  process.stdout.write(`\n${visible(titleOf(shown.step))}\n`)
  const answer = await session.go(shown.step)
  process.stdout.write(answer.output)
  if (answer.exitCode !== 0) process.stdout.write(`[exit code ${answer.exitCode}]\n`)
  const failure = stepFailure(shown, answer)
  if (failure !== undefined) process.stderr.write(`not as the page says: ${visible(failure)}\n`)
  return failure === undefined
}

function titleOf(step: GuideStep): string {
  if (step.kind === 'command') return `$ ${step.command}`
  return step.kind === 'file' ? `(the file ${step.path})` : `(a program)\n${step.text}`
}

/** What a page or a line holds is nothing that a terminal obeys. */
function visible(words: string): string {
  return escapeForTerminal(words, { multiline: true })
}

/** Lines of the terminal, which belongs to the commands in between. */
async function* askedLines(): AsyncGenerator<string> {
  for (;;) {
    const line = await new Promise<string | undefined>((answer) => {
      const terminal = createInterface({ input: process.stdin, output: process.stdout })
      // Without an answer it was closed by Ctrl-C or Ctrl-D.
      terminal.on('close', () => answer(undefined))
      terminal.question(PROMPT, (line) => {
        answer(line)
        terminal.close()
      })
    })
    if (line === undefined) return
    yield line
  }
}

async function* pipedLines(): AsyncGenerator<string> {
  yield* (await text(process.stdin)).split('\n')
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${visible((error as Error).message)}\n`)
  process.exitCode = 1
}
// A command that was killed half way waits for an answer that never comes.
process.exit()
