import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os'
import { runProgram } from '../../scripts/run-program.js'
import { repository } from '../../scripts/workspace.js'

/** Where and of what something was measured. */
export interface BenchEnvironment {
  /** `Linux 6.12.0`. */
  readonly kernel: string
  /** Model of the first processor, and how many there are for this process. */
  readonly cpu: { readonly model: string; readonly count: number }
  readonly memoryBytes: number
  /** `v22.1.0`. */
  readonly node: string
  /** Load averages of 1, 5 and 15 minutes when it began. */
  readonly load: readonly [number, number, number]
  /** What was checked out, and whether files differed from it; `null` outside of a checkout. */
  readonly commit: { readonly id: string; readonly changed: boolean } | null
}

/** The environment as it is now. */
export async function benchEnvironment(): Promise<BenchEnvironment> {
  const [one = 0, five = 0, fifteen = 0] = loadavg()
  return {
    kernel: `${type()} ${release()}`,
    cpu: { model: cpus()[0]?.model.trim() ?? 'unknown', count: availableParallelism() },
    memoryBytes: totalmem(),
    node: process.version,
    load: [one, five, fifteen],
    commit: await checkedOut(),
  }
}

/** Ratios survive a slow machine; they do not survive others competing for its processors. */
export function isBusy({ load: [lastMinute], cpu }: BenchEnvironment): boolean {
  return lastMinute > cpu.count / 2
}

async function checkedOut(): Promise<BenchEnvironment['commit']> {
  const git = (...args: readonly string[]) => runProgram('git', ['-C', repository, ...args])
  const [head, status] = [await git('rev-parse', 'HEAD'), await git('status', '--porcelain', '--untracked-files=no')]
  if (head.exitCode !== 0 || status.exitCode !== 0) return null
  return { id: head.stdout.trim(), changed: status.stdout.trim() !== '' }
}
