import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'

const ROOT = '/sys/fs/cgroup'
const SHOWN = ['cgroup.subtree_control', 'cpuset.cpus', 'cpuset.cpus.partition', 'cpuset.cpus.effective']

/** Every cgroup with its mode and what its cpuset says, and for these processes their group and the processors they may run on. */
export function cgroupState(pids = []) {
  const groups = {}
  const visit = (path) => {
    const stat = statSync(path)
    const shown = SHOWN.map((name) => `${name}=${text(`${path}/${name}`) ?? 'absent'}`)
    groups[path] = `${stat.mode.toString(8)} ${stat.uid}:${stat.gid} ${shown.join(' ')}`
    for (const entry of readdirSync(path, { withFileTypes: true }))
      if (entry.isDirectory()) visit(`${path}/${entry.name}`)
  }
  visit(ROOT)
  return { groups, tasks: Object.fromEntries(pids.map((pid) => [`task ${pid}`, placeOf(pid)])) }
}

/** Group, processors and name of a process: `/ 0-3 sleep`; `gone` when there is none. */
export function placeOf(pid) {
  const group = /^0::(.*)$/m.exec(text(`/proc/${pid}/cgroup`) ?? '')?.[1]
  const cpus = /^Cpus_allowed_list:\s*(\S+)$/m.exec(text(`/proc/${pid}/status`) ?? '')?.[1]
  return group === undefined ? 'gone' : `${group} ${cpus} ${text(`/proc/${pid}/comm`)}`
}

/** Processes of the kernel and of the machine that live as long as it does: kworkers come and go. */
export function lastingTasks() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter(
      (pid) =>
        Number(pid) === 1 ||
        /^(kswapd|kcompactd|rcu_preempt|ksoftirqd|migration|kthreadd)/.test(text(`/proc/${pid}/comm`) ?? ''),
    )
}

/** A process that does nothing until it is killed. */
export function startSleeper() {
  return spawn('sleep', ['100000'], { stdio: 'ignore' })
}

/** The text of a file without the newline at its end, undefined when it cannot be read. */
export function text(path) {
  try {
    return readFileSync(path, 'utf8').trimEnd()
  } catch {
    return undefined
  }
}
