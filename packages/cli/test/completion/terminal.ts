import { spawn } from 'node:child_process'

/** A program on a terminal of its own. */
export interface Terminal {
  /** Presses keys. */
  type(keys: string): void
  /** Waits until it has shown something since the last time, and returns all that it has shown since then. */
  until(pattern: RegExp): Promise<string>
  end(): Promise<void>
}

const MILLISECONDS = 60_000

/** Starts a program on a terminal. */
export function openTerminal(
  command: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Terminal {
  const child = spawn('script', ['-qefc', command.join(' '), '/dev/null'], { cwd, env })
  child.stdin.on('error', () => {})
  let shown = ''
  let look = (): void => {}
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text
    look()
  })
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  return {
    type: (keys) => child.stdin.write(keys),
    async until(pattern) {
      await new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`${pattern} was not shown:\n${shown}`)), MILLISECONDS)
        look = () => {
          if (!pattern.test(shown)) return
          clearTimeout(late)
          resolve()
        }
        look()
      })
      const all = shown
      shown = ''
      return all
    },
    async end() {
      // The terminal goes with it, and what runs on it is told.
      child.kill('SIGKILL')
      await ended
    },
  }
}
