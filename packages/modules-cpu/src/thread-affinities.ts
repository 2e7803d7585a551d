import { type Host, parseCpuList } from '@janus/core'

const MOST_THREADS = 4096

/** A thread and the processors that it may run on. */
export interface ThreadAffinity {
  readonly pid: number
  /** The pid itself for the thread that the process began with. */
  readonly thread: number
  readonly name: string
  /** Its directory, `/proc/<pid>/task/<thread>`. */
  readonly directory: string
  readonly cpus: readonly number[]
}

/**
 * The threads of a process, each with its own processors: `taskset -p` of a thread, or the program that made it, changes those of
 * that thread alone (sched_setaffinity(2), proc_pid_task(5)). Threads that end meanwhile are left out.
 */
export async function* threadAffinities(host: Host, pid: number): AsyncGenerator<ThreadAffinity> {
  const names = ((await host.list(`/proc/${pid}/task`)).value ?? []).filter((name) => /^[1-9]\d*$/.test(name))
  for (const thread of names.slice(0, MOST_THREADS)) {
    const directory = `/proc/${pid}/task/${thread}`
    const status = (await host.readText(`${directory}/status`)).value ?? ''
    const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1]
    const cpus = list === undefined ? undefined : parseCpuList(list)
    if (cpus === undefined || cpus.length === 0) continue
    const name = (/^Name:[ \t]*(.*)$/m.exec(status)?.[1] ?? '').replace(/[^\x20-\x7e]/g, '?')
    yield { pid, thread: Number(thread), name, directory, cpus }
  }
}
