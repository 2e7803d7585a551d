import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { HARD_LIMITS, type RunEnd, type RunSandbox, type ToolRun } from '../../src/index.js'

const NOTHING = { text: '', bytes: 0, sha256: '', truncated: false }

/** Unprivileged user that tools run as when the tests run as root. */
export const TOOL_UID = 4242

/**
 * Real bubblewrap with the least around it: for what is about many processes, not about what the sandbox keeps in.
 * @param workspace directory of the host that the programs may write
 */
export function bareRunSandbox(workspace: string): RunSandbox {
  const children = new Set<ChildProcess>()
  const run = (tool: ToolRun): Promise<RunEnd> =>
    new Promise((resolve, reject) => {
      tool.beforeStart?.()
      const child = spawn(
        '/usr/bin/bwrap',
        [...FLAGS, '--bind', workspace, '/workspace', '--', tool.program, ...tool.argv],
        {
          detached: true,
          stdio: 'ignore',
          env: {},
          cwd: '/',
          ...(process.getuid?.() === 0 ? { uid: TOOL_UID, gid: TOOL_UID } : {}),
        },
      )
      const { pid } = child
      if (pid === undefined) {
        child.once('error', reject)
        return
      }
      children.add(child)
      try {
        tool.onStarted?.({ pid, startTime: startTimeOf(pid), cgroup: undefined })
      } catch (error) {
        process.kill(-pid, 'SIGKILL')
        reject(error)
      }
      child.once('exit', (code, signal) => {
        children.delete(child)
        resolve(endOf(code, signal))
      })
    })
  return {
    run,
    selfTest: () => Promise.reject(new Error('nothing is tested here')),
    close: async () => {
      for (const child of children) child.kill('SIGKILL')
    },
  }
}

/** A run of a shell. */
export function shellRun(id: string, script: string): ToolRun {
  return {
    id,
    program: '/bin/bash',
    argv: ['-c', script],
    environment: {},
    limits: HARD_LIMITS,
    network: [],
  }
}

const FLAGS = [
  ...['--unshare-user', '--unshare-all', '--die-with-parent', '--new-session'],
  ...['--ro-bind', '/usr', '/usr', '--symlink', 'usr/bin', '/bin', '--symlink', 'usr/lib', '/lib'],
  ...['--symlink', 'usr/lib64', '/lib64', '--proc', '/proc', '--dev', '/dev', '--setenv', 'PATH', '/usr/bin'],
]

function startTimeOf(pid: number): string {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return text.slice(text.lastIndexOf(') ') + 2).split(' ')[19] ?? ''
}

function endOf(code: number | null, signal: NodeJS.Signals | null): RunEnd {
  return {
    ending: signal === null ? 'exited' : 'signalled',
    exitCode: code ?? undefined,
    signal: signal ?? undefined,
    summary: '',
    stdout: NOTHING,
    stderr: NOTHING,
    durationMs: 0,
    cpuMs: undefined,
    memoryPeakBytes: undefined,
    enforced: [],
    network: [],
    workspace: '',
  }
}
