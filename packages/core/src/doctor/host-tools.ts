import type { HostTool } from '../contract/doctor-report.js'
import type { Executor } from '../contract/executor.js'
import type { Query } from '../contract/query.js'
import { createLocalExecutor } from '../executor/local-executor.js'

/** Programs that Janus, its modules or its tests call, and what makes each say its version. */
const TOOLS: readonly (readonly [name: string, ...args: string[]])[] = [
  ['npm', '--version'],
  ['bash', '--version'],
  ['bwrap', '--version'],
  ['prlimit', '--version'],
  ['virsh', '--version'],
  ['qemu-system-x86_64', '--version'],
  ['qemu-img', '--version'],
  ['lspci', '--version'],
  ['modprobe', '--version'],
]

const DEADLINE = 3_000
const LONGEST = 120

/** The programs of the list that are on PATH, with the first line of what they say about their version. */
export async function hostTools(
  query: Query,
  executor: Executor = createLocalExecutor(),
): Promise<readonly HostTool[]> {
  const found = await Promise.all(TOOLS.map(([name, ...args]) => toolOf(query, executor, name, args)))
  return found.filter((tool) => tool !== undefined)
}

async function toolOf(
  query: Query,
  executor: Executor,
  name: string,
  args: readonly string[],
): Promise<HostTool | undefined> {
  const answer = await query('program', { name })
  if (!answer.available || answer.path === null) return undefined
  const { path } = answer
  try {
    const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: '/', LC_ALL: 'C' }
    const { exitCode, stdout } = await executor.run(path, args, { env, cwd: '/', timeout: DEADLINE, maxOutput: 4_096 })
    const version = stdout.split('\n')[0]?.trim().slice(0, LONGEST) ?? ''
    return exitCode === 0 && version !== '' ? { name, path, version } : { name, path }
  } catch {
    return { name, path }
  }
}
