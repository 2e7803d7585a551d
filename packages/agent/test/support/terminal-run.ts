import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** The screen in a process of its own. */
export interface TerminalRun {
  /** Everything that it wrote. */
  written(): string
  /** Waits until something was written since the last wait. @throws what was written, when it ends before or takes too long */
  shows(text: string): Promise<void>
  type(text: string): void
  /** Sends a signal to the program on the terminal, not to the terminal. */
  signal(name: NodeJS.Signals): Promise<void>
  readonly ended: Promise<number | null>
}

const LONGEST_WAIT = 30_000
const PROGRAM = fileURLToPath(new URL('./watch-on-terminal.ts', import.meta.url))

/** Runs `janus agent watch`, on a terminal of 80 columns and 24 rows unless told otherwise. */
export function runWatch(
  directory: string,
  args: readonly string[],
  { terminal = true, env = {} }: { readonly terminal?: boolean; readonly env?: Readonly<Record<string, string>> } = {},
): TerminalRun {
  const node = `'${process.execPath}' --import tsx '${PROGRAM}'`
  const [program, words] = terminal
    ? ['script', ['-qefc', `stty rows 24 cols 80; exec ${node}`, '/dev/null']]
    : [process.execPath, ['--import', 'tsx', PROGRAM]]
  const child = spawn(program, words, {
    env: { PATH: process.env.PATH, TERM: 'xterm', ...env, JANUS_TEST_SCREEN: JSON.stringify({ directory, args }) },
  })
  let [written, seen] = ['', 0]
  const waiting = new Set<() => void>()
  const take = (piece: string): void => {
    written += piece
    for (const wake of waiting) wake()
  }
  child.stdout.setEncoding('utf8').on('data', take)
  child.stderr.setEncoding('utf8').on('data', take)
  child.stdin.on('error', () => undefined)
  // A test that failed leaves no screen behind: without its terminal it ends.
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let over = false
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      over = true
      for (const wake of waiting) wake()
      resolve(code)
    })
  })
  return {
    written: () => written,
    ended,
    type: (text) => child.stdin.write(text),
    signal: async (name) => {
      process.kill(terminal ? await programOf(child) : (child.pid ?? 0), name)
    },
    shows: (text) =>
      new Promise((resolve, reject) => {
        const end = (at: number): void => {
          clearTimeout(timer)
          waiting.delete(look)
          if (at === -1)
            reject(new Error(`${JSON.stringify(text)} was not shown:\n${JSON.stringify(written.slice(seen))}`))
          seen = at + text.length
          resolve()
        }
        const look = (): void => {
          const at = written.indexOf(text, seen)
          if (at !== -1 || over) end(at)
        }
        const timer = setTimeout(() => end(-1), LONGEST_WAIT)
        waiting.add(look)
        look()
      }),
  }
}

/** script(1) has one child: what runs on its terminal. */
async function programOf({ pid }: ChildProcess): Promise<number> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ')
  return Number(children[0])
}
