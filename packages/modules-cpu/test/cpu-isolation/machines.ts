import { formatCpuList, parseCpuList } from '@janus/core'
import {
  type CgroupsSpec,
  createKernelModel,
  createMemoryHost,
  emptyDirectory,
  type KernelModel,
  standardMachine,
  type TreeInput,
} from '@janus/core/testing'

/** A machine with four processors online, and two offline, whose cgroup tree nobody owns. */
export function machine(cgroups: Partial<CgroupsSpec> = {}, files: TreeInput = {}): KernelModel {
  const standard = standardMachine()
  return createKernelModel({
    ...standard,
    cgroups: {
      online: '0-3',
      possible: 6,
      tasks: [
        { pid: 1, name: 'init' },
        { pid: 2, name: 'kthreadd', kernelThread: 'bound' },
        { pid: 11, name: 'migration/3', kernelThread: 'bound', processors: [3] },
        { pid: 12, name: 'kswapd0', kernelThread: 'movable' },
        { pid: 300, name: 'sshd (listener)' },
      ],
      ...cgroups,
    },
    attributes: { ...standard.attributes, ...processors() },
    files: { ...standard.files, ...files },
  })
}

/** What sysfs says of four processors. */
export function processors(isolated = '') {
  const cpu = '/sys/devices/system/cpu'
  return {
    [`${cpu}/online`]: { text: '0-3', mode: 0o444 },
    [`${cpu}/present`]: { text: '0-5', mode: 0o444 },
    [`${cpu}/isolated`]: { text: isolated, mode: 0o444 },
    [`${cpu}/nohz_full`]: { text: '(null)', mode: 0o444 },
  }
}

/** A host of which only these files are known. */
export function hostWith(tree: TreeInput) {
  return createMemoryHost(tree, { kind: 'live', description: 'the test machine' })
}

/** The units that keep to the other processors unless the options say which. */
export const HOST_UNITS = ['system.slice', 'user.slice', 'init.scope']
const SLICES = [...HOST_UNITS, 'machine.slice']

/** What differs between machines that systemd runs. */
export interface SystemdMachine {
  /** A service with `Delegate=yes` runs, as of Docker or LXC: the root has cpuset enabled for as long as it does. */
  readonly delegating?: boolean
  /** What the slices of the host have at the start, where they have the controller. Default: no list. */
  readonly cpus?: string
}

/** The same machine with a systemd that reads its drop-ins when it is told to, as systemd 252 does. */
export function systemdMachine({ delegating = false, cpus = '' }: SystemdMachine = {}): KernelModel {
  const kernel = machine(
    {
      enabled: [...(delegating ? ['cpuset'] : []), 'cpu', 'memory', 'pids'],
      groups: Object.fromEntries(SLICES.map((name) => [name, name === 'machine.slice' ? {} : { cpus }])),
      tasks: [
        { pid: 1, name: 'systemd', group: 'init.scope' },
        { pid: 2, name: 'kthreadd', kernelThread: 'bound' },
        { pid: 300, name: 'sshd', group: 'system.slice' },
        { pid: 400, name: 'bash', group: 'user.slice' },
        { pid: 500, name: 'qemu', group: 'machine.slice' },
      ],
    },
    { '/run/systemd/system': emptyDirectory(), '/etc/systemd/system': emptyDirectory() },
  )
  kernel.onCommand('systemctl', ({ args }) => {
    if (args.join(' ') !== 'daemon-reload') return { outcome: 'failed', errno: 'EEXIT', message: 'no such command' }
    const wanted = new Map(SLICES.map((unit) => [unit, allowedCpus(kernel, unit)]))
    const isUsed = delegating || [...wanted.values()].some((list) => list !== '')
    kernel.write('/sys/fs/cgroup/cgroup.subtree_control', isUsed ? '+cpuset' : '-cpuset')
    // Every group that has the controller gets its list, the empty one too. What the kernel answers (ENOSPC) is logged
    // and no more (src/core/cgroup.c, cgroup_apply_unified_cpuset, set_attribute_and_warn).
    for (const [unit, list] of wanted) kernel.write(`/sys/fs/cgroup/${unit}/cpuset.cpus`, `${list}\n`)
    return { outcome: 'done' }
  })
  return kernel
}

/** Where systemd looks for drop-ins; of files of one name that in an earlier one is read alone (systemd.unit(5)). */
const DROP_INS = [
  '/etc/systemd/system.control',
  '/run/systemd/system.control',
  '/etc/systemd/system',
  '/run/systemd/system',
]
/** Of `systemctl set-property`, of an administrator, of Janus: in the order of their names, wherever they lie. */
const NAMES = ['50-AllowedCPUs.conf', '60-administrator.conf', '90-janus-cpu-isolation.conf']

/** Lists add up, and an empty one forgets those before it (systemd.resource-control(5)). */
function allowedCpus(kernel: KernelModel, unit: string): string {
  let cpus: readonly number[] = []
  for (const name of NAMES) {
    const texts = DROP_INS.flatMap((directory) => {
      const answer = kernel.read(`${directory}/${unit}.d/${name}`)
      return answer !== undefined && 'value' in answer ? [answer.value] : []
    })
    for (const [, list = ''] of (texts[0] ?? '').matchAll(/^AllowedCPUs=(\S*)$/gm)) {
      cpus = list === '' ? [] : [...cpus, ...(parseCpuList(list) ?? [])]
    }
  }
  return formatCpuList([...new Set(cpus)].sort((one, other) => one - other))
}

/** What the units of the host are kept to. */
export function hostLists(kernel: KernelModel): readonly string[] {
  return HOST_UNITS.map((unit) => {
    const answer = kernel.read(`/sys/fs/cgroup/${unit}/cpuset.cpus`)
    return answer !== undefined && 'value' in answer ? answer.value.trim() : 'absent'
  })
}
