import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { JsonDocument } from '../../src/json-document.js'
import type { Script } from '../fixtures/core/index.js'
import type { BuiltCommand } from './built-command.js'

/** How one run of the command ended. */
export interface Ended {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** Calls on the facade, in order: `method` and its argument. */
  readonly calls: readonly { readonly method: string; readonly argument?: unknown }[]
  /** An empty HOME of its own. */
  readonly home: string
}

/** How the command is run. */
export interface RunSettings {
  readonly script?: Script
  /** Written to stdin, which is then closed unless `keepsInputOpen`. Default: nothing. */
  readonly input?: string
  readonly keepsInputOpen?: boolean
  readonly env?: Readonly<Record<string, string>>
  /** Size of the terminal; left out, it does not know its own. */
  readonly size?: { readonly columns: number; readonly rows: number }
  /** Who the command takes itself for: the same user in a namespace where that is root, or nobody. */
  readonly as?: 'root' | 'nobody'
  /** Called with the process and with everything that it has written so far. */
  readonly onOutput?: (child: ChildProcess, written: string) => void
}

/** Runs the built command with real pipes. */
export async function runCommand(
  command: BuiltCommand,
  args: readonly string[],
  settings: RunSettings = {},
): Promise<Ended> {
  return await runProgram(process.execPath, [command.bin, ...args], settings)
}

/** Runs the built command on a terminal; what both streams write is in `stdout`. */
export async function runOnTerminal(
  command: BuiltCommand,
  args: readonly string[],
  settings: RunSettings = {},
): Promise<Ended> {
  const words = [process.execPath, command.bin, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`)
  const env = { TERM: 'xterm', ...settings.env }
  const { size, as } = settings
  const sized = size === undefined ? '' : `stty columns ${size.columns} rows ${size.rows}; `
  const user = as === undefined ? '' : as === 'root' ? 'unshare --map-root-user ' : 'unshare --user '
  return await runProgram('script', ['-qefc', `${sized}${user}${words.join(' ')}`, '/dev/null'], {
    ...settings,
    env,
    keepsInputOpen: true,
  })
}

/** The JSON document on stdout; a terminal shows what was typed before it. */
export function documentOf({ stdout }: Ended): JsonDocument {
  return JSON.parse(stdout.slice(stdout.indexOf('{'))) as JsonDocument
}

/** Runs any program with an empty HOME and the scripted facade. */
export async function runProgram(program: string, args: readonly string[], settings: RunSettings = {}): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'janus-cli-run-'))
  const [home, callsFile, scriptFile] = [join(folder, 'home'), join(folder, 'calls'), join(folder, 'script')]
  mkdirSync(home)
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(scriptFile, JSON.stringify(settings.script ?? {}))
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    JANUS_TEST_CALLS: callsFile,
    JANUS_TEST_SCRIPT: scriptFile,
    ...settings.env,
  }
  const child = spawn(program, args, { env, cwd: home })
  const written = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      written[stream] += chunk
      settings.onOutput?.(child, written.stdout + written.stderr)
    })
  }
  // A command that ends without reading its input closes the pipe under us.
  child.stdin.on('error', () => {})
  child.stdin.write(settings.input ?? '')
  if (settings.keepsInputOpen !== true) child.stdin.end()
  const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject).on('close', (code, name) => resolve([code, name]))
  })
  const calls = existsSync(callsFile)
    ? readFileSync(callsFile, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Ended['calls'][number])
    : []
  return { exitCode, signal, ...written, calls, home }
}
