import { formatCpuList } from '../../inventory/cpu-list.js'
import { readOnly } from './attribute-nodes.js'
import { type CgroupTask, effectiveCpus } from './cgroup-state.js'
import type { KernelState } from './kernel-state.js'

/** Of include/linux/sched.h, as field 9 of /proc/<pid>/stat prints them. */
const PF_FORKNOEXEC = 0x40
const PF_KTHREAD = 0x00200000
const PF_NO_SETAFFINITY = 0x04000000

/** Puts what `/proc/<pid>` says of a task as far as its place is concerned. */
export function putTask(kernel: KernelState, task: CgroupTask): void {
  const { pid, name, kernelThread } = task.spec
  const directory = `/proc/${pid}`
  const flags =
    kernelThread === undefined ? PF_FORKNOEXEC : PF_KTHREAD + (kernelThread === 'bound' ? PF_NO_SETAFFINITY : 0)
  const zeros = (count: number) => Array<string>(count).fill('0').join(' ')
  const stat = `${pid} (${name}) S 1 ${pid} ${pid} 0 -1 ${flags} ${zeros(12)} ${pid * 100} ${zeros(30)}\n`
  kernel.tree.put(`${directory}/stat`, readOnly(stat))
  kernel.tree.put(`${directory}/comm`, readOnly(`${name}\n`))
  // What the process is told of, its first thread is too (proc_pid_task(5)).
  for (const path of [directory, `${directory}/task/${pid}`]) {
    kernel.tree.put(
      `${path}/cgroup`,
      readOnly(() => `0::${task.group.path === '' ? '/' : task.group.path}\n`),
    )
    kernel.tree.put(
      `${path}/status`,
      readOnly(() => `Name:\t${name}\nPid:\t${pid}\nCpus_allowed_list:\t${formatCpuList(allowedCpus(task))}\n`),
    )
  }
}

function allowedCpus({ spec, group }: CgroupTask): readonly number[] {
  return spec.processors ?? effectiveCpus(group)
}
