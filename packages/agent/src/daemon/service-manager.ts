import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'

/** The service manager that started this process, see sd_notify(3). */
export interface ServiceManager {
  /**
   * Tells it something: `READY=1`, `STATUS=…`, `WATCHDOG=1`. Does nothing where there is none; what cannot be told is told to nobody.
   * @param assignments one variable each
   */
  notify(...assignments: string[]): Promise<void>
  /** Milliseconds within which it wants `WATCHDOG=1`; undefined: it does not. */
  readonly watchdogMilliseconds: number | undefined
  /** Waits for what is being told. */
  settled(): Promise<void>
}

/** Where the service manager is looked for. */
export interface ServiceManagerOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Number of this process. */
  readonly pid: number
  /** Told of what could not be told. */
  onProblem?(problem: string): void
}

const PROGRAMS = ['/usr/bin/systemd-notify', '/bin/systemd-notify']
const LONGEST = 5000
const MOST_TEXT = 500
const MICROSECONDS = 1000

/**
 * Finds the service manager by NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. It is spoken to through systemd-notify(1), which knows every kind of socket, one message after the other.
 */
export function createServiceManager({ env, pid, onProblem = () => undefined }: ServiceManagerOptions): ServiceManager {
  const socket = env.NOTIFY_SOCKET
  const program = socket === undefined || socket === '' ? undefined : PROGRAMS.find(isExecutable)
  let last: Promise<void> = Promise.resolve()
  if (socket && program === undefined) onProblem('NOTIFY_SOCKET is set, and there is no systemd-notify')
  return {
    watchdogMilliseconds: program === undefined ? undefined : watchdogOf(env, pid),
    notify: (...assignments) => {
      if (program === undefined || socket === undefined) return Promise.resolve()
      const lines = assignments.map((each) => each.replace(/[\n\r\0]/g, ' ').slice(0, MOST_TEXT))
      last = last.then(() => tell(program, socket, lines)).catch((problem: unknown) => onProblem(String(problem)))
      return last
    },
    settled: () => last,
  }
}

function watchdogOf(env: ServiceManagerOptions['env'], pid: number): number | undefined {
  const { WATCHDOG_USEC: usec = '', WATCHDOG_PID: forPid } = env
  if (!/^[1-9]\d{0,15}$/.test(usec)) return undefined
  // Meant for another process of the unit.
  if (forPid !== undefined && forPid !== String(pid)) return undefined
  return Number(usec) / MICROSECONDS
}

function tell(program: string, socket: string, lines: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['--no-block', '--', ...lines], {
      cwd: '/',
      env: { NOTIFY_SOCKET: socket },
      stdio: 'ignore',
      timeout: LONGEST,
      killSignal: 'SIGKILL',
    })
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      if (code === 0) resolve()
      else reject(new Error(`systemd-notify ended with ${code ?? signal}`))
    })
  })
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
