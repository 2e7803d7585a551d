import { type Host, parseCpuList } from '@janus/core'

/** Of include/linux/sched.h: what field 9 of /proc/<pid>/stat says of a task. */
const PF_KTHREAD = 0x00200000
const PF_NO_SETAFFINITY = 0x04000000

/** A process or kernel thread. */
export interface Task {
  readonly pid: number
  readonly name: string
  /** Clock ticks since boot: together with the pid it is this very task. */
  readonly startTime: string
  readonly isKernelThread: boolean
  /** The kernel keeps it where it is. */
  readonly isBound: boolean
}

/**
 * The processes of a cgroup, kernel threads included.
 * @param path directory of the group
 * @returns undefined where the host does not show them
 */
export async function readTasks(host: Host, path: string): Promise<readonly Task[] | undefined> {
  const text = (await host.readText(`${path}/cgroup.procs`)).value
  if (text === undefined) return undefined
  const pids = text.split('\n').flatMap((line) => (/^[1-9]\d*$/.test(line) ? [Number(line)] : []))
  const tasks = await Promise.all(pids.map((pid) => readTask(host, pid)))
  return tasks.flatMap((task) => task ?? [])
}

/** One task, undefined when it is gone. */
export async function readTask(host: Host, pid: number): Promise<Task | undefined> {
  const text = (await host.readText(`/proc/${pid}/stat`)).value
  // The name may hold anything, parentheses included; what follows the last one are numbers.
  const match = /^(\d+) \((.*)\) (.+)$/s.exec(text?.trim() ?? '')
  if (match === null) return undefined
  const [, , name = '', rest = ''] = match
  const fields = rest.split(' ')
  const flags = Number(fields[6])
  const startTime = fields[19] ?? ''
  if (!Number.isSafeInteger(flags) || !/^\d+$/.test(startTime)) return undefined
  return {
    pid,
    name: name.replace(/[^\x20-\x7e]/g, '?'),
    startTime,
    isKernelThread: (flags & PF_KTHREAD) !== 0,
    isBound: (flags & PF_NO_SETAFFINITY) !== 0,
  }
}

/** The process that asks: it ends with the command and is not worth moving. */
export async function readOwnPid(host: Host): Promise<number | undefined> {
  const pid = /^(\d+) /.exec((await host.readText('/proc/self/stat')).value ?? '')?.[1]
  return pid === undefined ? undefined : Number(pid)
}

/** The processors that a task may run on, undefined when it is gone or the host does not say. */
export async function readAffinity(host: Host, pid: number): Promise<readonly number[] | undefined> {
  const status = (await host.readText(`/proc/${pid}/status`)).value
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status ?? '')?.[1]
  return list === undefined ? undefined : parseCpuList(list)
}
