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

const SLICES = ['system.slice', 'user.slice', 'init.scope', 'machine.slice']

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

/** Of two files of one name that in /etc is read alone (systemd.unit(5)). */
function allowedCpus(kernel: KernelModel, unit: string): string {
  const texts = ['/etc', '/run'].flatMap((top) => {
    const answer = kernel.read(`${top}/systemd/system/${unit}.d/90-janus-cpu-isolation.conf`)
    return answer !== undefined && 'value' in answer ? [answer.value] : []
  })
  return /^AllowedCPUs=(\S+)$/m.exec(texts[0] ?? '')?.[1] ?? ''
}
