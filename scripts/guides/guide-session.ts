import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isVersionRequest } from '../../packages/cli/src/command-line/requests.js'
import { main } from '../../packages/cli/src/main.js'
import { printVersion } from '../../packages/cli/src/print-version.js'
import { repository } from '../workspace.js'
import { createGuideMachine } from './guide-machine.js'
import { lendMachine } from './lent-machine.js'
import { outlive } from './outlive.js'

/** A thing that a page has its reader do. */
export type GuideStep =
  /** A command as the page shows it: `janus`, `sudo janus` or `sudo reboot`; killed half way where `# kill -9` follows. */
  | { readonly kind: 'command'; readonly command: string }
  /** A file that is written into the directory the reader is in. */
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  /** A program that is run to its end, with the machine of the session as its own. */
  | { readonly kind: 'program'; readonly text: string }

/** What a step of a guide printed, both streams in the order of writing, and its exit code. */
export interface GuideAnswer {
  readonly output: string
  readonly exitCode: number
}

/** How somebody follows a guide. */
export interface GuideSessionOptions {
  /** Whether the machine begins with its IOMMU in effect. */
  readonly iommu: boolean
  /** Shows what is printed while it comes, and lets commands ask on the terminal. Default: a yes to whatever cannot be asked. */
  readonly live?: boolean
}

/** Somebody who follows a guide on a machine in memory, as root, in an empty folder. The whole process is theirs. */
export interface GuideSession {
  /** The folder that they are in. */
  readonly folder: string
  go(step: GuideStep): Promise<GuideAnswer>
  close(): Promise<void>
}

const KILLED = /\s+# kill -9$/
const REMARK = /\s+# .*$/
/** The order behind which a killed command dies: in the middle of a binding. */
const LAST_ORDER = 3
/** What a shell says of a process that SIGKILL ended. */
const KILLED_EXIT = 137
const NOTHING: GuideAnswer = { output: '', exitCode: 0 }
/** What the clock of a command that was killed still writes. */
const OF_THE_DEAD = /^ {4}(?:running|undoing) for \d+ s: .*\n/gm
/** The same on a terminal, where each replaces the one before. */
const TICK_OF_THE_DEAD = / {4}(?:running|undoing) for \d+ s: /

/** Puts the process into an empty folder, with a machine in memory for its own, until the session is closed. */
export async function createGuideSession({ iommu, live = false }: GuideSessionOptions): Promise<GuideSession> {
  // Made and noted at once, so that no signal comes in between.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'janus-guide-')))
  const work = join(folder, 'work')
  const temporary = new Set([folder])
  const removeAll = (): void => {
    for (const path of temporary) rmSync(path, { recursive: true, force: true })
  }
  process.once('exit', removeAll)
  for (const path of [work, join(folder, 'home')]) await mkdir(path)
  const before = { cwd: process.cwd(), env: process.env }
  process.chdir(work)
  let machine = createGuideMachine({ iommu })
  let lives = 0
  enter()

  function enter(): void {
    const { PATH, TERM } = before.env
    process.env = {
      PATH,
      ...(live ? { TERM } : {}),
      HOME: join(folder, 'home'),
      NO_COLOR: '1',
      LC_ALL: 'C.UTF-8',
      JANUS_STATE_DIR: stateOf(lives),
    }
  }

  function stateOf(life: number): string {
    return join(folder, `state-${life}`)
  }

  async function janus(args: readonly string[]): Promise<GuideAnswer> {
    const answer = await runMain(args)
    // On a terminal it asks, and whoever follows the guide says yes.
    return !live && answer.output.includes('[JANUS_CONFIRMATION_REQUIRED]') ? await runMain([...args, '--yes']) : answer
  }

  /** Dies as by SIGKILL. The lock of the state directory dies with a real process only, so the next life has a copy of it. */
  async function killed(args: readonly string[]): Promise<GuideAnswer> {
    const died = machine.model.crashAfter(LAST_ORDER)
    const answer = await runMain([...args, '--yes'], died)
    await cp(stateOf(lives), stateOf(lives + 1), { recursive: true })
    lives += 1
    enter()
    return answer
  }

  /** @param died settles when the command is dead, which ends nothing by itself here */
  async function runMain(args: readonly string[], died?: Promise<void>): Promise<GuideAnswer> {
    return await answerOf(() => (isVersionRequest(args) ? printVersion(args) : main(args, machine.model.machine)), died)
  }

  async function answerOf(work: () => Promise<void>, died?: Promise<void>): Promise<GuideAnswer> {
    const captured = captureOutput(live)
    const outlived = outlive()
    process.exitCode = undefined
    try {
      const ended = work().then(() => Number(process.exitCode ?? 0))
      const exitCode = await (died === undefined ? ended : Promise.race([ended, died.then(() => KILLED_EXIT)]))
      return { output: captured.text().replaceAll(stateOf(lives), '/var/lib/janus').replace(OF_THE_DEAD, ''), exitCode }
    } finally {
      captured.end()
      outlived.end()
      process.exitCode = undefined
    }
  }

  async function runCommand(command: string): Promise<GuideAnswer> {
    const words = wordsOf(command.replace(REMARK, '')).filter((word) => word !== 'sudo')
    const [subject] = words.slice(1).filter((word) => !word.startsWith('-'))
    if (words[0] === 'janus' && subject === 'agent')
      throw new Error(`there is no agent on the machine in memory, and yours is not for practice: ${command}`)
    if (words[0] === 'janus') return await (KILLED.test(command) ? killed : janus)(words.slice(1))
    if (words.join(' ') !== 'reboot')
      throw new Error(`the machine in memory knows janus and reboot only, not: ${command}`)
    machine = await machine.rebooted()
    return NOTHING
  }

  async function runProgram(text: string): Promise<GuideAnswer> {
    lendMachine(machine.model.machine)
    // Beside the packages, where a program finds what it imports.
    const folder = mkdtempSync(join(repository, 'node_modules/.janus-guide-'))
    temporary.add(folder)
    const file = join(folder, 'program.mts')
    const lent = pathToFileURL(join(repository, 'scripts/guides/lent-machine.ts')).href
    try {
      await writeFile(file, text.replaceAll("from '@janus/core'", `from '${lent}'`))
      return await answerOf(() => import(pathToFileURL(file).href).then(() => {}))
    } finally {
      await rm(folder, { recursive: true, force: true })
      temporary.delete(folder)
    }
  }

  return {
    folder: work,
    async go(step) {
      if (step.kind === 'command') return await runCommand(step.command)
      if (step.kind === 'program') return await runProgram(step.text)
      await mkdir(dirname(join(work, step.path)), { recursive: true })
      await writeFile(join(work, step.path), step.text)
      return NOTHING
    },
    async close() {
      process.chdir(before.cwd)
      process.env = before.env
      removeAll()
      process.off('exit', removeAll)
    },
  }
}

/** Words of a command line with single quotes, and nothing else that a shell would read. */
function wordsOf(command: string): readonly string[] {
  if (/[|&;<>$`"\\(){}*?]/.test(command)) throw new Error(`there is no shell on the machine in memory: ${command}`)
  return [...command.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''))
}

/** @param live whether it is printed as well */
function captureOutput(live: boolean): { text(): string; end(): void } {
  let text = ''
  const streams = [process.stdout, process.stderr]
  const originals = streams.map((stream) => stream.write)
  for (const [index, stream] of streams.entries()) {
    const write = (chunk: string | Uint8Array, ...more: readonly unknown[]): boolean => {
      text += chunk
      if (live && !TICK_OF_THE_DEAD.test(String(chunk)))
        return Reflect.apply(originals[index] as () => boolean, stream, [chunk, ...more])
      for (const one of more) if (typeof one === 'function') one()
      return true
    }
    Object.assign(stream, { write })
  }
  return {
    text: () => text,
    end() {
      for (const [index, stream] of streams.entries()) Object.assign(stream, { write: originals[index] })
    },
  }
}
