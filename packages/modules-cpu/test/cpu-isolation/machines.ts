import {
  type CgroupsSpec,
  createKernelModel,
  createMemoryHost,
  type KernelModel,
  standardMachine,
  type TreeInput,
} from '@janus/core/testing'

/** A machine of four processors whose cgroup tree nobody owns. */
export function machine(cgroups: Partial<CgroupsSpec> = {}, files: TreeInput = {}): KernelModel {
  const standard = standardMachine()
  return createKernelModel({
    ...standard,
    cgroups: {
      online: '0-3',
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
