import { spawn } from 'node:child_process'

/** How a program ended, with both of its outputs in the order in which they came. */
export interface RunResult {
  /** What was run, for messages. */
  readonly title: string
  readonly exitCode: number
  readonly stdout: string
  readonly output: string
  readonly seconds: number
}

/** Where and how long to run. */
export interface RunSettings {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Seconds until the program and all it started are ended. Default 240: installing is the registry's pace. */
  readonly deadline?: number
}

/** Runs a program without standard input, in a process group of its own that does not outlive it or its deadline. */
export async function run(command: string, args: readonly string[], settings: RunSettings): Promise<RunResult> {
  const { cwd, env, deadline = 240 } = settings
  const began = performance.now()
  return await new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    const chunks: { readonly stream: 'stdout' | 'stderr'; readonly bytes: Buffer }[] = []
    const timer = setTimeout(() => {
      chunks.push({ stream: 'stderr', bytes: Buffer.from(`\nended after ${deadline} seconds without an answer\n`) })
      endGroup(child.pid)
    }, deadline * 1000)
    const ended = (exitCode: number): void => {
      clearTimeout(timer)
      endGroup(child.pid)
      const text = (wanted?: string): string =>
        Buffer.concat(chunks.filter(({ stream }) => stream === (wanted ?? stream)).map(({ bytes }) => bytes)).toString()
      const seconds = (performance.now() - began) / 1000
      resolve({ title: [command, ...args].join(' '), exitCode, stdout: text('stdout'), output: text(), seconds })
    }
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].on('data', (bytes: Buffer) => chunks.push({ stream, bytes }))
    }
    child.on('error', (error) => {
      chunks.push({ stream: 'stderr', bytes: Buffer.from(`${error.message}\n`) })
      ended(127)
    })
    child.on('close', (code) => ended(code ?? 128))
  })
}

/** The same, for what must succeed: anything but exit code 0 is an error that shows the output. */
export async function mustRun(command: string, args: readonly string[], settings: RunSettings): Promise<RunResult> {
  const result = await run(command, args, settings)
  if (result.exitCode === 0) return result
  throw new Error(
    `${result.title} ended with ${result.exitCode} after ${result.seconds.toFixed(0)} s:\n${result.output}`,
  )
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // All of the group has ended.
  }
}
