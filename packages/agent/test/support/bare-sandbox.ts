// A sandbox for tests of what executes: real bubblewrap, real process groups, one writable directory. What holds a tool is the subject of other tests.
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KeptOutput, RunEnd, RunEnding, RunSandbox, ToolRun } from '../../src/index.js'

const KEPT = 64 * 1024

export interface BareSandbox extends RunSandbox {
  /** Every process that was started. */
  readonly started: readonly number[]
}

/** @param folder of the workspaces @param shared shown to every run at the same place, writable */
export function bareSandbox(folder: string, shared: string): BareSandbox {
  const running = new Set<ChildProcess>()
  const started: number[] = []
  const run = async (asked: ToolRun): Promise<RunEnd> => {
    const workspace = join(folder, asked.id)
    mkdirSync(workspace, { recursive: true })
    // Whoever prepares a run waits for something first.
    await new Promise((resolve) => setImmediate(resolve))
    asked.beforeStart?.()
    const child = spawn('/usr/bin/bwrap', argumentsOf(asked, workspace, shared), { detached: true, env: {}, cwd: '/' })
    running.add(child)
    const pid = child.pid ?? 0
    started.push(pid)
    let ending: RunEnding | undefined
    const end = (why: RunEnding): void => {
      ending ??= why
      try {
        process.kill(-pid, 'SIGKILL')
      } catch {
        // It ended meanwhile.
      }
    }
    const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal }))
    })
    try {
      asked.onStarted?.({ pid, startTime: startTimeOf(pid), cgroup: undefined })
    } catch (error) {
      end('cancelled')
      await exited
      running.delete(child)
      throw error
    }
    const begun = performance.now()
    const [stdout, stderr] = [keep(child.stdout), keep(child.stderr)]
    const timer = setTimeout(() => end('timeout'), asked.limits.wallSeconds * 1000)
    const cancel = (): void => end('cancelled')
    asked.signal?.addEventListener('abort', cancel, { once: true })
    if (asked.signal?.aborted === true) cancel()
    const { code, signal } = await exited
    clearTimeout(timer)
    asked.signal?.removeEventListener('abort', cancel)
    running.delete(child)
    ending ??= signal === null && (code ?? 0) < 128 ? 'exited' : 'signalled'
    return {
      ending,
      exitCode: ending === 'exited' ? (code ?? undefined) : undefined,
      signal: signal ?? undefined,
      summary: ending,
      stdout: stdout(),
      stderr: stderr(),
      durationMs: performance.now() - begun,
      cpuMs: undefined,
      memoryPeakBytes: undefined,
      enforced: [{ dimension: 'wall', enforced: true, by: 'timer', bound: `${asked.limits.wallSeconds} s` }],
      network: [],
      workspace,
    }
  }
  return {
    started,
    run,
    selfTest: async () => ({
      holds: true,
      because: null,
      remedy: null,
      probes: [],
      enforced: [],
      kernel: '',
      bubblewrap: '',
    }),
    close: async () => {
      for (const child of running) child.kill('SIGKILL')
    },
  }
}

function argumentsOf({ program, argv, environment, cwd, readOnly = [] }: ToolRun, workspace: string, shared: string) {
  return [
    ...['--unshare-pid', '--die-with-parent', '--new-session', '--clearenv', '--proc', '/proc', '--dev', '/dev'],
    ...['--ro-bind', '/usr', '/usr', '--symlink', 'usr/bin', '/bin', '--symlink', 'usr/lib', '/lib'],
    ...['--symlink', 'usr/lib64', '/lib64', '--bind', workspace, '/workspace', '--bind', shared, shared],
    ...readOnly.flatMap(({ source, target = source }) => ['--ro-bind', source, target]),
    ...Object.entries({ PATH: '/usr/bin', ...environment }).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--chdir', cwd ?? '/workspace', '--', program, ...argv],
  ]
}

function keep(stream: ChildProcess['stdout']): () => KeptOutput {
  const hash = createHash('sha256')
  let [text, bytes] = ['', 0]
  stream?.on('data', (piece: Buffer) => {
    hash.update(piece)
    bytes += piece.length
    if (text.length < KEPT) text += piece.toString('utf8')
  })
  return () => ({ text, bytes, sha256: hash.digest('hex'), truncated: text.length < bytes })
}

/** Field 22 of /proc/PID/stat. */
function startTimeOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}
